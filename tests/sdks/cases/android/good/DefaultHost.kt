// region: us
import com.mixpanel.android.mpmetrics.MixpanelAPI

fun start(context: Context) = MixpanelAPI.getInstance(context, "YOUR_TOKEN", true)
