// region: eu
import Mixpanel
let first = Mixpanel.initialize(token: "YOUR_TOKEN", trackAutomaticEvents: false)
//          ^^^^^^^^^^^^^^^^^^^ MP1003 error
Mixpanel.initialize(options: MixpanelOptions(token: "YOUR_TOKEN"))
//                           ^^^^^^^^^^^^^^^ MP1003 error
