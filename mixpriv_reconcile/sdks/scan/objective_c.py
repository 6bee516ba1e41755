"""The Objective-C SDK: the property `serverURL`, which can only be set after initialization and so belongs right behind it.

Source: mixpanel-iphone 5.0.9, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re
from itertools import islice

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.sdks.scan.call import MAX_CALLS, Call, Item, statement
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

INIT = re.compile(r"\[\s*(?P<name>Mixpanel\s+sharedInstanceWithToken|\[\s*Mixpanel\s+alloc\s*\]\s*initWithToken)(?=\s*:)")
SET = re.compile(r"\.\s{0,40}(?P<name>serverURL)\s*=\s*(?!=)|\s(?P<message>setServerURL)\s*:\s*")
RECEIVER = re.compile(r"[\w.\]]+$")
LOOK_BACK = 120
MADE = re.compile(r"\b(?P<name>\w+)\s*=\s*\[\s*(?:\[\s*)?Mixpanel\b")
SENDS = re.compile(r"\b(?:track|identify|timeEvent|createAlias|flush|people|registerSuperProperties)\b")


def check(report: Report) -> None:
    """Look at each initialization, and at where the host is set."""
    source = report.source
    started = list(islice(INIT.finditer(source.code), MAX_CALLS))
    names = {found["name"] for found in MADE.finditer(source.code)}
    before = {found: source.code[max(0, found.start() - LOOK_BACK) : found.start()] for found in SET.finditer(source.code)}
    assigned = [found for found, code in before.items() if _is_mixpanels(code, names)]
    for found in assigned:
        report.ran_into.add("objective-c")
        report.value(Item("", found.end(), _value_end(report, found.end())), Form.ORIGIN)
    for found in started:
        report.ran_into.add("objective-c")
        end = statement(source, found.end())
        behind = next((one for one in assigned if one.start() > found.start()), None)
        if behind is None:
            call = Call(found.start("name"), found.end("name"), end, ())
            report.missing(call, "objective-c", f'`mixpanel.serverURL = @"https://{report.host}";` in the next line')
        elif not report.is_us and behind.start() > end:
            _between(report, source.code[end : behind.start()], behind)


def _between(report: Report, code: str, behind: re.Match[str]) -> None:
    """What stands between the initialization and the host: something that sends goes to the US."""
    start, end = behind.span("name" if behind["name"] else "message")
    if SENDS.search(code):
        report.late(start, end, "it into the line behind the initialization, before anything is tracked")
    elif "}" in code:
        message = "the host is set elsewhere than right behind the initialization"
        report.add("MP1009", Severity.NOTE, message, "set it immediately after, before anything can be tracked", start, end)


def _is_mixpanels(before: str, names: set[str]) -> bool:
    """Whether what is set, by the code *before* it, belongs to the SDK; other libraries have a `serverURL` too."""
    found = RECEIVER.search(before.rstrip())
    receiver = found[0] if found is not None else ""
    return "mixpanel" in before.rpartition("\n")[2].lower() or receiver.rpartition(".")[2] in names


def _value_end(report: Report, start: int) -> int:
    line_end = report.source.line_at(start)[1]
    found = re.compile(r"[;\]]").search(report.source.code, start, line_end)
    return line_end if found is None else found.start()
