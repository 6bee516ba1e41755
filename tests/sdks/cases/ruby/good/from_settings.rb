# region: any
=begin
Mixpanel::Tracker.new('OLD')
=end
consumer = Mixpanel::Consumer.new(*Settings.mixpanel.urls)
tracker = Mixpanel::Tracker.new(ENV.fetch('TOKEN')) { |type, message| consumer.send!(type, message) }
Rails.application.config.hosts << 'shop.example.com'
help = "https://docs.mixpanel.com/docs/#{page}"
base = "https://api#{suffix}.mixpanel.com"
