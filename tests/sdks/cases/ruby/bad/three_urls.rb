# region: eu
consumer = Mixpanel::Consumer.new(
#          ^^^^^^^^^^^^^^^^^^^^^^ MP1006 error
  'https://api-eu.mixpanel.com/track',
  'https://api-eu.mixpanel.com/engage',
  'https://api-eu.mixpanel.com/groups'
)
