// region: eu
import com.mixpanel.android.mpmetrics.MixpanelOptions
val options = MixpanelOptions.Builder().serverURL("https://api-eu.mixpanel.com").build()
val config = MPConfig.getInstance(context, null).apply { this.setBackupHost("api.mixpanel.com") }
//                                                                           ^^^^^^^^^^^^^^^^ MP1001 error
