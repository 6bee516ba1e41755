// region: eu
import android.content.Context
import com.mixpanel.android.mpmetrics.MixpanelAPI
import com.mixpanel.android.mpmetrics.MixpanelOptions

fun analytics(context: Context, token: String): MixpanelAPI {
    val o = MixpanelOptions.Builder().serverURL("https://api-eu.mixpanel.com").build()
    return MixpanelAPI.getInstance(context, token, true, o)
}
