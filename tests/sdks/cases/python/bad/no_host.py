# region: eu
from mixpanel import BufferedConsumer, Mixpanel
mp = Mixpanel("YOUR_TOKEN")
#    ^^^^^^^^ MP1003 error
consumer = BufferedConsumer(max_size=20)
#          ^^^^^^^^^^^^^^^^ MP1003 error
