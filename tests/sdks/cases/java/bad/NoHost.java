// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI;
class NoHost {
    MixpanelAPI api = new MixpanelAPI();
//                    ^^^^^^^^^^^^^^^ MP1003 error
    MixpanelAPI zipped = new MixpanelAPI(true);
//                       ^^^^^^^^^^^^^^^ MP1003 error
}
