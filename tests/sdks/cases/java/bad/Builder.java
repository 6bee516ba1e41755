// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI;
class Builder {
    MixpanelAPI api = new MixpanelAPI.Builder()
//                    ^^^^^^^^^^^^^^^^^^^^^^^ MP1006 error
        .eventsEndpoint("https://api-eu.mixpanel.com/track")
        .peopleEndpoint("https://api-eu.mixpanel.com/engage")
        .groupsEndpoint("https://api-eu.mixpanel.com/groups")
        .build();
    MixpanelAPI plain = new MixpanelAPI.Builder().build();
//                      ^^^^^^^^^^^^^^^^^^^^^^^ MP1003 error
}
