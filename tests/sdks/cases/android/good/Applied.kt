// region: eu
import com.mixpanel.android.mpmetrics.*

val opts = MixpanelOptions.Builder().apply { serverURL("https://api-eu.mixpanel.com") }.build()
val mixpanel = MixpanelAPI.getInstance(context, "YOUR_TOKEN", trackAutomaticEvents = false, options = opts)
