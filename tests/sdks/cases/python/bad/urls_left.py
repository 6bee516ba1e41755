# region: eu
from mixpanel import Consumer
consumer = Consumer(events_url="https://api-eu.mixpanel.com/track", people_url="https://api-eu.mixpanel.com/track")
#          ^^^^^^^^ MP1006 error
#                                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
