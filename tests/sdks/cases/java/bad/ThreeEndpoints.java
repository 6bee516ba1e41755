// region: in
import com.mixpanel.mixpanelapi.MixpanelAPI;
class ThreeEndpoints {
    static final String B = "https://api-in.mixpanel.com";
    MixpanelAPI api = new MixpanelAPI(B + "/track", B + "/engage", B + "/groups");
//                    ^^^^^^^^^^^^^^^ MP1006 error
}
