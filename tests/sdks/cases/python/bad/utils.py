# region: eu
from mixpanel_utils import MixpanelUtils
first = MixpanelUtils(secret, token=token)
#       ^^^^^^^^^^^^^ MP1003 error
second = MixpanelUtils(secret, token=token, residency="us")
#                                                      ^^ MP1001 error
