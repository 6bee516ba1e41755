// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI;
class Paths {
    MixpanelAPI api = new MixpanelAPI(
        "https://api-eu.mixpanel.com",
//       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
        "api-eu.mixpanel.com/engage",
//       ^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1005 error
        "https://api.eu.mixpanel.com/groups",
//       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
        "https://api-eu.mixpanel.com/track");
//       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1016 error
}
