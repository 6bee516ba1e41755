"""The Python SDK: `Consumer(api_host='api-eu.mixpanel.com')`, a bare host; feature flags have one of their own.

Source: mixpanel-python 5.3.0 and mixpanel-utils, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan.call import Call, calls, resolved
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

IMPORT = re.compile(r"(?m)^[ \t]*(?:from\s+mixpanel(?:_\w+)?[\w.]*\s+import\b|import\s+mixpanel)")
URLS = {"events_url": "/track", "people_url": "/engage", "groups_url": "/groups", "import_url": "/import"}
QUALIFIED = r"(?:mixpanel\w*\s*\.\s*)?"
AT_CONSUMERS = {"Consumer": 5, "BufferedConsumer": 6, "AsyncBufferedConsumer": 6}
"""How many arguments stand before `api_host`, counted from 0."""


def check(report: Report) -> None:
    """Look at trackers, consumers and flag configurations."""
    source = report.source
    if IMPORT.search(source.code) is None:
        return
    for name, place in AT_CONSUMERS.items():
        is_others = re.search(rf"from\s+(?!mixpanel)[\w.]+\s+import\b[^\n]{{0,300}}\b{name}\b", source.code) is not None
        for call in calls(source, rf"mixpanel\w*\s*\.\s*{name}" if is_others else QUALIFIED + name):
            _consumer(report, call, place)
    for call in calls(source, QUALIFIED + r"Mixpanel"):
        _tracker(report, call)
    for call in calls(source, "(?:Local|Remote)FlagsConfig"):
        host = call.named("api_host")
        if host is not None:
            report.value(host, Form.BARE)
        elif not _is_open(report, call):
            report.flags(call, f'api_host="{report.host}"')
    for call in calls(source, "MixpanelUtils"):
        _utils(report, call)


def _is_definition(report: Report, call: Call) -> bool:
    before = report.source.code[max(0, call.start - 40) : call.start]
    return re.search(r"\b(?:class|def)[ \t]+$", before) is not None


def _is_open(report: Report, call: Call) -> bool:
    """Whether arguments come from elsewhere (`*urls`, `**options`), so that what is given can't be known."""
    return any(report.source.code[item.start : item.end].startswith("*") for item in call.arguments)


def _consumer(report: Report, call: Call, place: int) -> None:
    if _is_definition(report, call):
        return
    report.ran_into.add("python")
    host = call.named("api_host") or (call.positional[place] if len(call.positional) > place else None)
    for name, path in URLS.items():
        url = call.named(name)
        if url is not None:
            report.value(url, Form.ENDPOINT, path)
    if host is not None:
        report.value(host, Form.BARE)
        return
    if _is_open(report, call):
        return
    write = f'api_host="{report.host}" into this consumer'
    missing = [name for name in URLS if call.named(name) is None]
    if len(missing) == len(URLS) and len(call.positional) < 2:
        report.missing(call, "python", write)
    elif missing and len(call.positional) < 2:
        report.partial(call.start, call.opened, " and ".join(missing), write)


def _tracker(report: Report, call: Call) -> None:
    if _is_definition(report, call) or not call.arguments:
        return
    report.ran_into.add("python")
    if call.named("consumer") is None and len(call.positional) < 2 and not _is_open(report, call):
        report.missing(call, "python", f'consumer=Consumer(api_host="{report.host}") into this call')


def _utils(report: Report, call: Call) -> None:
    """mixpanel-utils takes a region's name."""
    if _is_definition(report, call) or _is_open(report, call):
        return
    residency = call.named("residency")
    write = f"residency='{report.region.value}'"
    if residency is None:
        report.missing(call, "python", write)
        return
    literal = resolved(report.source, residency)
    if literal is not None and literal.text.lower() != report.region.value and literal.text.lower() in [region.value for region in Region]:
        message = f"this names the region {literal.text.lower()}, and the project belongs to {report.region.value}"
        report.add("MP1001", Severity.ERROR, message, f"write {write}", literal.start, literal.end)
