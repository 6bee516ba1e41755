// region: in
import com.mixpanel.android.mpmetrics.MixpanelOptions
val options = MixpanelOptions.Builder().serverURL("https://api.in.mixpanel.com").build()
//                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^ MP1002 error
