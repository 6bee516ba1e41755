# region: in
import mixpanel

HOST = "api-in.mixpanel.com"  # api.mixpanel.com is the US
consumer = mixpanel.BufferedConsumer(max_size=20, api_host=HOST)
mp = mixpanel.Mixpanel('YOUR_TOKEN', consumer)
