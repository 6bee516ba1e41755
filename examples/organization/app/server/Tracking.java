import com.mixpanel.mixpanelapi.MixpanelAPI;

class Tracking {
    static final MixpanelAPI API = new MixpanelAPI(
        "https://api-eu.mixpanel.com/track",
        "https://api-eu.mixpanel.com/engage",
        "https://api-eu.mixpanel.com/groups",
        "https://api-eu.mixpanel.com/import");
}
