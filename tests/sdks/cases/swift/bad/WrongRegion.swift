// region: eu
import Mixpanel
Mixpanel.initialize(token: "YOUR_TOKEN", trackAutomaticEvents: false, serverURL: "https://api.mixpanel.com")
//                                                                                ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
