# region: eu
from mixpanel import Consumer, Mixpanel
mp = Mixpanel("YOUR_TOKEN", consumer=Consumer(api_host="eu.mixpanel.com"))
#                                                       ^^^^^^^^^^^^^^^ MP1002 error
mq = Mixpanel("YOUR_TOKEN", consumer=Consumer(api_host="api.eu.mixpanel.com"))
#                                                       ^^^^^^^^^^^^^^^^^^^ MP1002 error
