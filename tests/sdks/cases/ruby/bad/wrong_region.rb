# region: in
consumer = Mixpanel::Consumer.new(*%w[track engage groups import].map { |path| "https://api.mixpanel.com/#{path}" })
#                                                                               ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
