# region: in
module Analytics
  CONSUMER = Mixpanel::Consumer.new(
    'https://api-in.mixpanel.com/track',
    'https://api-in.mixpanel.com/engage',
    'https://api-in.mixpanel.com/groups',
    'https://api-in.mixpanel.com/import'
  )
  BUFFER = Mixpanel::BufferedConsumer.new { |type, message| CONSUMER.send!(type, message) }
  TRACKER = Mixpanel::Tracker.new ENV['TOKEN'] do |type, message|
    BUFFER.send!(type, message)
  end
end
