// region: any
import Mixpanel

struct Backend { var serverURL = "https://backend.example.com" }
var backend = Backend()
backend.serverURL = "https://staging.example.com"

let url = Bundle.main.object(forInfoDictionaryKey: "MixpanelURL") as! String
let options = MixpanelOptions(
    token: "YOUR_TOKEN",
    // serverURL: "https://api.mixpanel.com"
    serverURL: url
)
Mixpanel.initialize(options: options)
