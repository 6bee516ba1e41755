# region: eu
tracker = Mixpanel::Tracker.new('YOUR_TOKEN', local_flags_config: { api_host: 'api-eu.mixpanel.com' }) do |type, message|
  CONSUMER.send!(type, message)
end
