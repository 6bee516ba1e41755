// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI;
class WrongRegion {
    static final String BASE = "https://api.mixpanel.com";
//                              ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
    MixpanelAPI api = new MixpanelAPI(BASE + "/track", BASE + "/engage", BASE + "/groups", BASE + "/import");
}
