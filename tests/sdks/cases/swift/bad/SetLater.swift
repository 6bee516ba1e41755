// region: eu
import Mixpanel
let mixpanel = Mixpanel.initialize(token: "YOUR_TOKEN", trackAutomaticEvents: true)
mixpanel.serverURL = "https://api-eu.mixpanel.com"
//       ^^^^^^^^^ MP1008 warning
