// region: eu
package com.example;

import com.mixpanel.mixpanelapi.MixpanelAPI;

public class Events {
    private static final String BASE = "https://api-eu.mixpanel.com";
    /** Not new MixpanelAPI() any more. */
    private final MixpanelAPI api = new MixpanelAPI(BASE + "/track", BASE + "/engage", BASE + "/groups", BASE + "/import");
}
