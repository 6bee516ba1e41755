// region: eu
import Mixpanel
let options = MixpanelOptions(token: "YOUR_TOKEN", serverURL: "api-eu.mixpanel.com")
//                                                             ^^^^^^^^^^^^^^^^^^^ MP1005 error
