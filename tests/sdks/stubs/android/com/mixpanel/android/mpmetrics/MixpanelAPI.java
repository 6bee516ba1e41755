package com.mixpanel.android.mpmetrics;

import android.content.Context;

public class MixpanelAPI {
    public static MixpanelAPI getInstance(Context context, String token, boolean trackAutomaticEvents, MixpanelOptions options) {
        return new MixpanelAPI();
    }

    public boolean hasOptedOutTracking() {
        return false;
    }

    public void optOutTracking() {}
}
