require "mixpanel-ruby"

consumer = Mixpanel::Consumer.new(
  "https://api-eu.mixpanel.com/track",
  "https://api-eu.mixpanel.com/engage",
  "https://api-eu.mixpanel.com/groups",
  "https://api-eu.mixpanel.com/import"
)
TRACKER = Mixpanel::Tracker.new(ENV.fetch("MIXPANEL_TOKEN")) { |type, message| consumer.send!(type, message) }
