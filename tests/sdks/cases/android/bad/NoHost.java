// region: in
import com.mixpanel.android.mpmetrics.*;
class Analytics {
    MixpanelAPI api = MixpanelAPI.getInstance(context, "YOUR_TOKEN", true);
//                    ^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
    MixpanelOptions options = new MixpanelOptions.Builder().optOutTrackingDefault(true).build();
//                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
}
