// region: eu
import Mixpanel
let config = ProxyServerConfig(serverUrl: "https://t.example.com", delegate: self)
//                                         ^^^^^^^^^^^^^^^^^^^^^ MP1014 note
let options = MixpanelOptions(token: "YOUR_TOKEN", proxyServerConfig: config)
