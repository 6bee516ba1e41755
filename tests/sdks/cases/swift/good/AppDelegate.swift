// region: eu
import Mixpanel
import UIKit

@main
class AppDelegate: UIResponder, UIApplicationDelegate {
    /* Formerly /* nested */ serverURL: "https://api.mixpanel.com" */
    func application(_ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]?) -> Bool {
        Mixpanel.initialize(options: MixpanelOptions(token: "YOUR_TOKEN", trackAutomaticEvents: false, serverURL: "https://api-eu.mixpanel.com"))
        return true
    }
}
