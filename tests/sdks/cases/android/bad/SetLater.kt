// region: eu
import com.mixpanel.android.mpmetrics.MixpanelAPI
val mixpanel = MixpanelAPI.getInstance(context, "YOUR_TOKEN", true).apply {
    this.setServerURL("https://api-eu.mixpanel.com")
//       ^^^^^^^^^^^^ MP1008 warning
}
