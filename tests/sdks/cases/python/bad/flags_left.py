# region: eu
import mixpanel
config = mixpanel.LocalFlagsConfig(enable_polling=True)
#                 ^^^^^^^^^^^^^^^^ MP1010 error
remote = mixpanel.RemoteFlagsConfig(api_host="api.mixpanel.com")
#                                             ^^^^^^^^^^^^^^^^ MP1001 error
