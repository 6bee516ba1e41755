# region: us
from mixpanel import Mixpanel

mp = Mixpanel("YOUR_TOKEN")
