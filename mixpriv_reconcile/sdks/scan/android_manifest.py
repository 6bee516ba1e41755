"""AndroidManifest.xml: the SDK's endpoints as `meta-data`, each a URL with its path, and a backup host.

Source: mixpanel-android 8.9.0, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.android import BACKUP
from mixpriv_reconcile.sdks.scan.lexer import Literal
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check", "sets_events"]

PREFIX = "com.mixpanel.android.MPConfig."
ENDPOINTS = {"EventsEndpoint": "/track", "PeopleEndpoint": "/engage", "GroupsEndpoint": "/groups", "FlagsEndpoint": "/flags"}
META_DATA = re.compile(r"<meta-data\b[^<]{0,2000}?/?>")
ATTRIBUTE = re.compile(r"""android:(name|value)\s*=\s*("[^"]*"|'[^']*')""")


def check(report: Report) -> None:
    """Look at every endpoint, and whether those that matter are there."""
    named = _settings(report)
    for name, value in named.items():
        report.ran_into.add("android")
        if value.text.startswith("@"):  # a resource: what it holds can't be known here
            continue
        if name == "BackupHost":
            report.literal(value, Form.BARE, more=BACKUP)
        else:
            report.literal(value, Form.ENDPOINT, ENDPOINTS[name])
    endpoints = [name for name in named if name in ENDPOINTS]
    missing = [name for name in ENDPOINTS if name not in named]
    if endpoints and missing:
        value = named[endpoints[0]]
        wanted = ", ".join(f"{PREFIX}{name} with https://{report.host}{ENDPOINTS[name]}" for name in missing)
        report.partial(value.start, value.end, " and ".join(missing), f"a `meta-data` for {wanted}")


def sets_events(text: str) -> bool:
    """Whether a manifest names the host that events go to, so that code needn't."""
    return f"{PREFIX}EventsEndpoint" in text


def _settings(report: Report) -> dict[str, Literal]:
    """The value of each setting of Mixpanel's, by its short name."""
    found: dict[str, Literal] = {}
    for element in META_DATA.finditer(report.source.code):
        attributes = {one[1]: one for one in ATTRIBUTE.finditer(element[0])}
        if attributes.keys() < {"name", "value"}:
            continue
        name = attributes["name"][2][1:-1]
        short = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and (short in ENDPOINTS or short == "BackupHost"):
            start, end = (element.start() + at for at in attributes["value"].span(2))
            found[short] = Literal(start + 1, start + 1, end - 1, end - 1, report.source.text[start + 1 : end - 1])
    return found
