// region: in
import Mixpanel
let options = MixpanelOptions(token: "YOUR_TOKEN", serverURL: "https://in.mixpanel.com")
//                                                             ^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
let export = URL(string: "https://in-data.mixpanel.com/api/2.0/export")!
//                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
