"""Server-side events: nobody on the opt-out list is sent."""

import hashlib
import json
import os
from pathlib import Path

from mixpanel import Consumer, Mixpanel

OPTED_OUT = frozenset(json.loads(Path(__file__).with_name("opt-outs-eu.json").read_text())["distinct_ids"])

client = Mixpanel(os.environ["MIXPANEL_TOKEN"], consumer=Consumer(api_host="api-eu.mixpanel.com"))


def track(distinct_id: str, event: str) -> None:
    if hashlib.sha256(distinct_id.encode()).hexdigest() not in OPTED_OUT:
        client.track(distinct_id, event)
