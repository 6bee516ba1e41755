// region: eu
import com.mixpanel.android.mpmetrics.MixpanelOptions
val options = MixpanelOptions.Builder().serverURL("api-eu.mixpanel.com").build()
//                                                 ^^^^^^^^^^^^^^^^^^^ MP1005 error
