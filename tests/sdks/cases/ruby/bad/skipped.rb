# region: eu
consumer = Mixpanel::Consumer.new('https://api-eu.mixpanel.com/track', 'https://api-eu.mixpanel.com/engage', nil, 'https://api-eu.mixpanel.com/import')
#          ^^^^^^^^^^^^^^^^^^^^^^ MP1006 error
