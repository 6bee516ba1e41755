// region: eu
import com.mixpanel.android.mpmetrics.MixpanelAPI;
class Analytics {
    MixpanelOptions options = new MixpanelOptions.Builder().serverURL("https://api.mixpanel.com").build();
//                                                                     ^^^^^^^^^^^^^^^^^^^^^^^^ MP1001 error
}
