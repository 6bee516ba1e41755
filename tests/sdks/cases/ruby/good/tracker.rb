# region: eu
require 'mixpanel-ruby'

# Mixpanel::Tracker.new('OLD') sent to https://api.mixpanel.com
consumer = Mixpanel::Consumer.new(*%w[track engage groups import].map { |path| "https://api-eu.mixpanel.com/#{path}" })
tracker = Mixpanel::Tracker.new('YOUR_TOKEN') { |type, message| consumer.send!(type, message) }
