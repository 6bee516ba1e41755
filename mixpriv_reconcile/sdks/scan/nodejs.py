"""The Node.js SDK: `Mixpanel.init('…', {host: 'api-eu.mixpanel.com'})`, a bare host; feature flags have one of their own.

Source: mixpanel-node 0.21.0, API fact sheet §3.1 and §3.2; a scheme breaks it (mixpanel-node issue 178).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mixpriv_reconcile.sdks.scan import js_imports
from mixpriv_reconcile.sdks.scan.call import Call, calls, object_at
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

FLAG_CONFIGS = ("local_flags_config", "remote_flags_config")


def check(report: Report) -> None:
    """Look at each `init` of the server's SDK."""
    if report.sdk not in ("", js_imports.NODE) or (not report.sdk and js_imports.NODE not in js_imports.packages_of(report.source)):
        return
    for call in _inits(report):
        report.ran_into.add(js_imports.NODE)
        _init(report, call)


def _inits(report: Report) -> Iterable[Call]:
    names = js_imports.names_of(report.source, js_imports.NODE) or {"mixpanel", "Mixpanel"}
    receivers = "|".join(map(re.escape, sorted(names)))
    yield from calls(report.source, rf"(?:(?:{receivers})|require\s*\(\s*[\"'`]\s*[\"'`]\s*\))\s*\.\s*(?:default\s*\.\s*)?init")


def _init(report: Report, call: Call) -> None:
    if len(call.arguments) < 2:
        if call.arguments:
            report.missing(call, js_imports.NODE, f"{{host: '{report.host}'}} as the second argument")
        return
    entries = object_at(report.source, call.arguments[1])
    if entries is None:
        return
    by_name = {item.name or report.source.code[item.start : item.end]: item for item in entries}
    is_open = any(name.startswith("...") for name in by_name)
    host = by_name.get("host")
    if host is not None and host.name:
        report.value(host, Form.BARE)
    elif host is None and not is_open:
        report.missing(call, js_imports.NODE, f"host: '{report.host}' into this configuration")
    for name in FLAG_CONFIGS:
        flags = object_at(report.source, by_name[name]) if name in by_name and by_name[name].name else None
        if flags is None:
            continue
        its_host = next((item for item in flags if item.name == "api_host"), None)
        if its_host is not None:
            report.value(its_host, Form.BARE)
        elif not any(report.source.code[item.start : item.end].startswith(("...", "api_host")) for item in flags):
            report.flags(call, f"api_host: '{report.host}' into {name}")
