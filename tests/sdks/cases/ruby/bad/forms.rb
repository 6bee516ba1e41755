# region: eu
consumer = Mixpanel::Consumer.new(
  'https://api-eu.mixpanel.com',
#  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
  'api-eu.mixpanel.com/engage',
#  ^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1005 error
  'https://api-eu.mixpanel.com/import',
#  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
  'https://eu.mixpanel.com/import',
#  ^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
)
