// region: in
import Mixpanel
func configure() {
    Mixpanel.mainInstance().serverURL = "https://api-in.mixpanel.com"
//                          ^^^^^^^^^ MP1008 warning
}
