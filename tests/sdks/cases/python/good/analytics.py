# region: eu
"""Sends to Mixpanel.

Not to https://api.mixpanel.com any more.
"""
from mixpanel import Consumer, Mixpanel

mp = Mixpanel("YOUR_TOKEN", consumer=Consumer(api_host="api-eu.mixpanel.com"))


def track(distinct_id: str) -> None:
    """See api.mixpanel.com/track."""
    mp.track(distinct_id, "Signed Up", {"host": "db.example.com"})
