// region: eu
import com.mixpanel.android.mpmetrics.MixpanelAPI
val mixpanel = MixpanelAPI.getInstance(context, "YOUR_TOKEN", optOutTrackingDefault, true)
//             ^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
