// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI;
class TwoEndpoints {
    MixpanelAPI api = new MixpanelAPI("https://api-eu.mixpanel.com/track", "https://api-eu.mixpanel.com/engage");
//                    ^^^^^^^^^^^^^^^ MP1006 error
}
