"""The JavaScript SDK in a browser: `mixpanel.init('…', {api_host: 'https://…'})`; per-type `api_hosts` win over `api_host`.

Source: mixpanel-js 2.82.1, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.sdks.scan import js_imports
from mixpriv_reconcile.sdks.scan.call import Call, Item, calls, object_at, resolved
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

TYPES = ("events", "people", "groups", "record", "flags")
"""Types of data with a host of their own in `api_hosts`; one that isn't named there goes to `api_host`."""


def check(report: Report) -> None:
    """Look at each `init` of the browser's SDK, and at a host that is set afterwards."""
    packages = js_imports.packages_of(report.source)
    if report.sdk != js_imports.BROWSER and (report.sdk or (packages and js_imports.BROWSER not in packages)):
        return
    later = _set_later(report)
    for call in _inits(report):
        report.ran_into.add(js_imports.BROWSER)
        _init(report, call, is_set_later=bool(later))
    for item, call in later:
        report.value(item, Form.ORIGIN)
        report.late(call.start, call.opened, f"api_host: 'https://{report.host}' into the configuration that `init` takes")


def _inits(report: Report) -> Iterable[Call]:
    names = {"mixpanel", *js_imports.names_of(report.source, js_imports.BROWSER)}
    receivers = "|".join(map(re.escape, sorted(names)))
    yield from calls(report.source, rf"(?:(?:window|globalThis|self)\s*\.\s*)?(?:{receivers})\s*\??\.\s*init")


def _init(report: Report, call: Call, *, is_set_later: bool) -> None:
    write = f"{{api_host: 'https://{report.host}'}} as the second argument"
    if len(call.arguments) < 2:
        if call.arguments and not is_set_later:
            report.missing(call, js_imports.BROWSER, write)
        return
    entries = object_at(report.source, call.arguments[1])
    if entries is None:  # a variable from elsewhere: what it holds can't be known
        return
    _config(report, call, entries, is_set_later=is_set_later)


def _config(report: Report, call: Call, entries: tuple[Item, ...], *, is_set_later: bool) -> None:
    by_name = {item.name or report.source.code[item.start : item.end]: item for item in entries}
    is_open = any(name.startswith("...") for name in by_name)
    host = by_name.get("api_host")
    if host is not None and host.name:
        report.value(host, Form.ORIGIN)
        _no_slash(report, host)
    types = object_at(report.source, by_name["api_hosts"]) if "api_hosts" in by_name and by_name["api_hosts"].name else None
    for item in types or ():
        report.value(item, Form.ORIGIN)
    if host is not None or is_open or is_set_later:
        return
    if types is None:
        if "api_hosts" not in by_name:
            report.missing(call, js_imports.BROWSER, f"api_host: 'https://{report.host}' into this configuration")
        return
    left = [kind for kind in TYPES if kind not in {item.name for item in types}]
    if left and not any(report.source.code[item.start : item.end].startswith("...") for item in types):
        where = by_name["api_hosts"]
        write = f"api_host: 'https://{report.host}' beside it, which covers every type"
        name_start = report.source.text.rfind("api_hosts", 0, where.start)
        if not report.is_us:
            from_types = f"`api_hosts` is set without `api_host`, so {', '.join(left)} go to the US"
            report.add("MP1007", Severity.ERROR, from_types, f"write {write}", name_start, name_start + len("api_hosts"))


def _no_slash(report: Report, host: Item) -> None:
    literal = resolved(report.source, host)
    if literal is not None and re.fullmatch(r"https?://[^/]+/", literal.text):
        message = "this URL ends in a slash, and the SDK adds one of its own"
        report.add("MP1016", Severity.ERROR, message, "leave out the slash at its end", literal.start, literal.end)


def _set_later(report: Report) -> list[tuple[Item, Call]]:
    """Hosts given by `set_config`."""
    found = []
    for call in calls(report.source, "set_config"):
        entries = object_at(report.source, call.arguments[0]) if call.arguments else None
        found += [(item, call) for item in entries or () if item.name == "api_host"]
    return found
