// region: in
import com.mixpanel.mixpanelapi.MixpanelAPI;

class Literals {
    MixpanelAPI api = new MixpanelAPI(
        "https://api-in.mixpanel.com/track",
        "https://api-in.mixpanel.com/engage",
        "https://api-in.mixpanel.com/groups",
        "https://api-in.mixpanel.com/import",
        true);
}
