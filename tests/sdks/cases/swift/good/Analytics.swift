// region: in
import Mixpanel

enum Analytics {
    static let host = "https://api-in.mixpanel.com"

    static func start(token: String) {
        Mixpanel.initialize(token: token, trackAutomaticEvents: true, serverURL: host)
        print("started with \(token.count) characters, see https://docs.mixpanel.com")
    }
}
