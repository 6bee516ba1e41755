"""The React Native SDK: `new Mixpanel('…', …)`, then `init(optOut, superProperties, serverURL)`.

Source: mixpanel-react-native 3.2.2, API fact sheet §3.1 and §3.2: the deprecated static `Mixpanel.init` always starts in the US, and in
JavaScript mode `init(true, …)` returns before it has set the host.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.sdks.scan import js_imports
from mixpriv_reconcile.sdks.scan.call import Call, calls
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]


def check(report: Report) -> None:
    """Look at each instance's `init`, at `setServerURL`, and at the static `init`."""
    packages = js_imports.packages_of(report.source)
    if report.sdk not in ("", js_imports.REACT_NATIVE) or (not report.sdk and js_imports.REACT_NATIVE not in packages):
        return
    source = report.source
    names = js_imports.names_of(source, js_imports.REACT_NATIVE) or {"Mixpanel"}
    classes = "|".join(map(re.escape, sorted(names)))
    made = list(calls(source, rf"new\s+(?:{classes})"))
    later = list(calls(source, "setServerURL"))
    for call in later:
        if call.arguments:
            report.value(call.arguments[0], Form.ORIGIN)
    for call in calls(source, rf"(?:{classes})\s*\.\s*init"):
        report.ran_into.add(js_imports.REACT_NATIVE)
        _static(report, call)
    receivers = {"mixpanel", "mp", *_variables(report, made)}
    pattern = rf"(?:{'|'.join(map(re.escape, sorted(receivers)))})(?:\.current)?\s*[?!]?\.\s*init"
    is_js = any(_code(report, call, 2) == "false" for call in made)
    for call in calls(source, pattern):
        report.ran_into.add(js_imports.REACT_NATIVE)
        _instance(report, call, later, is_js=is_js)


def _variables(report: Report, made: list[Call]) -> set[str]:
    """The names that instances are given."""
    found = set()
    for call in made:
        before = report.source.code[max(0, call.start - 120) : call.start]
        name = re.search(r"([\w$]+)\s*(?::\s*[\w.<>| ]+)?=\s*$", before)
        if name is not None:
            found.add(name[1])
    return found


def _static(report: Report, call: Call) -> None:
    if not report.is_us:
        message = "the static `Mixpanel.init` is deprecated and always starts in the US"
        write = f"write `new Mixpanel(token, false)`, then `init(false, {{}}, 'https://{report.host}')` on it"
        report.add("MP1012", Severity.ERROR, message, write, call.start, call.opened)


def _instance(report: Report, call: Call, later: list[Call], *, is_js: bool) -> None:
    if any(report.source.code[item.start : item.end].startswith("...") for item in call.arguments):
        return
    if len(call.arguments) >= 3:
        report.value(call.arguments[2], Form.ORIGIN)
        if is_js and _code(report, call, 0) == "true" and not later and not report.is_us:
            message = "in JavaScript mode `init(true, …)` returns before the host is set: after a later opt-in everything goes to the US"
            hint = f"write `setServerURL('https://{report.host}')` right behind it as well"
            report.add("MP1013", Severity.WARNING, message, hint, call.start, call.opened)
        return
    write = f"`init(false, {{}}, 'https://{report.host}')`: the host is its third argument"
    if later:
        report.late(later[0].start, later[0].opened, write)
    else:
        report.missing(call, js_imports.REACT_NATIVE, write)


def _code(report: Report, call: Call, at: int) -> str:
    """The code of an argument, counted from 0; empty where it isn't given."""
    return report.source.code[call.arguments[at].start : call.arguments[at].end] if at < len(call.arguments) else ""
