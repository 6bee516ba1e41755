// region: in
package com.example.shop;

import com.mixpanel.android.mpmetrics.MixpanelAPI;
import com.mixpanel.android.mpmetrics.MixpanelOptions;

final class Analytics {
    private static final String SERVER = "https://api-in.mixpanel.com";

    static MixpanelAPI start(Context context) {
        MixpanelOptions options = new MixpanelOptions.Builder()
            .serverURL(SERVER)
            .build();
        return MixpanelAPI.getInstance(context, "YOUR_TOKEN", true, options);
    }
}
