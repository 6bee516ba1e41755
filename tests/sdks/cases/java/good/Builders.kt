// region: eu
import com.mixpanel.mixpanelapi.MixpanelAPI
import com.mixpanel.mixpanelapi.featureflags.config.LocalFlagsConfig

val flags = LocalFlagsConfig.builder().projectToken("YOUR_TOKEN").apiHost("api-eu.mixpanel.com").build()
val api = MixpanelAPI.Builder()
    .eventsEndpoint("https://api-eu.mixpanel.com/track")
    .peopleEndpoint("https://api-eu.mixpanel.com/engage")
    .groupsEndpoint("https://api-eu.mixpanel.com/groups")
    .importEndpoint("https://api-eu.mixpanel.com/import")
    .flagsConfig(flags)
    .build()
