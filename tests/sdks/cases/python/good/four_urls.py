# region: eu
from mixpanel import Consumer

base = "https://api-eu.mixpanel.com"
consumer = Consumer(
    events_url="https://api-eu.mixpanel.com/track",
    people_url="https://api-eu.mixpanel.com/engage",
    groups_url=base + "/groups",
    import_url=f"{base}/import",
)
flags = LocalFlagsConfig(api_host="api-eu.mixpanel.com")
utils = MixpanelUtils(secret, token=token, residency="eu")
