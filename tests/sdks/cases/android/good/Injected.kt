// region: any
import com.mixpanel.android.mpmetrics.MixpanelAPI
import com.mixpanel.android.mpmetrics.MixpanelOptions

class Tracker(context: Context, options: MixpanelOptions, private val http: Http) {
    private val mixpanel = MixpanelAPI.getInstance(context, BuildConfig.TOKEN, false, options)
    private val api = http.client(host = "orders.example.com")
    val help = """https://mixpanel.com/docs for $context, or https://docs.mixpanel.com"""
}
