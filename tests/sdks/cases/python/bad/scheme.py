# region: eu
from mixpanel import Consumer, Mixpanel
mp = Mixpanel("YOUR_TOKEN", consumer=Consumer(api_host="https://api-eu.mixpanel.com"))
#                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1004 error
