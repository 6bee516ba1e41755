# region: any
import os

from mixpanel import BufferedConsumer, Consumer, Mixpanel


class Quiet(Consumer):
    pass


mp = Mixpanel(os.environ["TOKEN"], consumer=Consumer(api_host=os.environ["MIXPANEL_HOST"]))
other = Mixpanel(os.environ["TOKEN"], consumer=make_consumer())
third = BufferedConsumer(**settings.MIXPANEL)
region = os.environ.get("REGION", "")
url = f"https://api{region}.mixpanel.com/track"
help_page = 'https://mixpanel.com/docs/' + 'https://docs.mixpanel.com/'
requests.get("https://example.com", headers={"host": "api.example.com"})
