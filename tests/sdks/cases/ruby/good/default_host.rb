# region: us
require 'mixpanel-ruby'
tracker = Mixpanel::Tracker.new('YOUR_TOKEN')
