import android.content.Context
import com.mixpanel.android.mpmetrics.MixpanelAPI
import com.mixpanel.android.mpmetrics.MixpanelOptions

fun analytics(context: Context, token: String): MixpanelAPI {
    val options = MixpanelOptions.Builder().serverURL("https://api-in.mixpanel.com").build()
    return MixpanelAPI.getInstance(context, token, false, options)
}
