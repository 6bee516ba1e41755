# region: in
import mixpanel
HOST = 'api-eu.mixpanel.com'
#       ^^^^^^^^^^^^^^^^^^^ MP1001 error
mp = mixpanel.Mixpanel("YOUR_TOKEN", consumer=mixpanel.Consumer(api_host=HOST))
