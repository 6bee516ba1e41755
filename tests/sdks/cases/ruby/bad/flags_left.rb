# region: eu
tracker = Mixpanel::Tracker.new('YOUR_TOKEN', remote_flags_config: { request_timeout_in_seconds: 5 }) { |t, m| CONSUMER.send!(t, m) }
#         ^^^^^^^^^^^^^^^^^^^^^ MP1010 error
second = Mixpanel::Tracker.new('YOUR_TOKEN', local_flags_config: { api_host: 'https://api-eu.mixpanel.com' }) { |t, m| CONSUMER.send!(t, m) }
#                                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1004 error
url = tracker.generate_tracking_url('user-17', 'Opened', {})
#             ^^^^^^^^^^^^^^^^^^^^^ MP1006 error
