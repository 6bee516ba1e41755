"""The Swift SDK: `serverURL:` of `MixpanelOptions` or of `Mixpanel.initialize`; the property set later is too late.

Source: mixpanel-swift 6.5.1, API fact sheet §3.1 and §3.2 (mixpanel-swift issue 739).
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.call import Call, Item, calls
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

HOSTS = ("serverURL", "proxyServerConfig")
SET_LATER = re.compile(r"\.\s{0,40}(?P<name>serverURL)\s*=\s*(?!=)")


def check(report: Report) -> None:
    """Look at how instances are made, and at hosts that are set afterwards."""
    source = report.source
    later = [found for found in SET_LATER.finditer(source.code) if _is_mixpanels(report, found.start())]
    write = f'serverURL: "https://{report.host}" where the SDK is initialized'
    for call in (*calls(source, r"MixpanelOptions"), *calls(source, r"Mixpanel\s*\.\s*initialize")):
        report.ran_into.add("swift")
        if call.named("options") is None:
            _initialized(report, call, write, is_set_later=bool(later))
    for call in calls(source, r"(?:\w+\.)?ProxyServerConfig"):
        url = call.named("serverUrl", "serverURL")
        if url is not None:
            report.value(url, Form.ORIGIN)
    for found in later:
        report.ran_into.add("swift")
        end = source.line_at(found.end())[1]
        report.value(Item("", found.end(), end), Form.ORIGIN)
        report.late(*found.span("name"), write)


def _initialized(report: Report, call: Call, write: str, *, is_set_later: bool) -> None:
    host = call.named(*HOSTS)
    if host is None:
        if not is_set_later and call.arguments:
            report.missing(call, "swift", write)
    elif host.name == "serverURL":
        report.value(host, Form.ORIGIN)


def _is_mixpanels(report: Report, at: int) -> bool:
    """Whether the property at *at* is set on something of Mixpanel's; other libraries have a `serverURL` too."""
    before = report.source.code[max(0, at - 120) : at].lower().rpartition("\n")[2]
    return "mixpanel" in before or re.search(r"\b(?:mp|instance|analytics)[?!]?[ \t]*$", before) is not None
