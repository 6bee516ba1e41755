# region: eu
require 'mixpanel-ruby'
tracker = Mixpanel::Tracker.new('YOUR_TOKEN')
#         ^^^^^^^^^^^^^^^^^^^^^ MP1003 error
other = Mixpanel::Tracker.new ENV['TOKEN']
#       ^^^^^^^^^^^^^^^^^^^^^ MP1003 error
consumer = Mixpanel::Consumer.new
#          ^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
