// region: us
import Mixpanel

let mixpanel = Mixpanel.initialize(token: "YOUR_TOKEN", trackAutomaticEvents: false)
