// region: eu
package com.example.shop

import com.mixpanel.android.mpmetrics.MixpanelAPI
import com.mixpanel.android.mpmetrics.MixpanelOptions

class App : Application() {
    val mixpanel: MixpanelAPI by lazy {
        // before: MixpanelAPI.getInstance(this, "OLD", true)
        MixpanelAPI.getInstance(
            this, BuildConfig.MIXPANEL_TOKEN, false,
            MixpanelOptions.Builder().optOutTrackingDefault(true).serverURL("https://api-eu.mixpanel.com").build()
        )
    }
}
