import Mixpanel

enum Analytics {
    static func start(token: String) {
        Mixpanel.initialize(options: MixpanelOptions(token: token, serverURL: "https://api.mixpanel.com"))
    }
}
