# region: eu
base = 'https://api-eu.mixpanel.com'
consumer = Mixpanel::BufferedConsumer.new("#{base}/track", "#{base}/engage", "#{base}/import")
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1006 error
default = Mixpanel::BufferedConsumer.new
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
