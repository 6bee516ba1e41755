// region: us
import com.mixpanel.mixpanelapi.MixpanelAPI;

class DefaultHost {
    MixpanelAPI api = new MixpanelAPI();
}
