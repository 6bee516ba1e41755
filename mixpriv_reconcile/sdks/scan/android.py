"""The Android SDK, in Kotlin or Java: `MixpanelOptions.Builder().serverURL("https://…")`; `setServerURL` comes too late.

Source: mixpanel-android 8.9.0, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.call import Call, calls
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

OPTIONS = re.compile(r"(?i)options|config|settings|builder")
NO_OPTIONS = re.compile(r"(?i)opt_?out")
ANY_NAME = re.compile(r"(?!(?:true|false|null)\b)[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?")
BACKUP = "; or leave the backup host empty, which `serverURL` doesn't touch"


def check(report: Report) -> None:
    """Look at how instances are made, at their options, and at hosts that are set afterwards."""
    source = report.source
    if report.sdk not in ("", "android"):
        return
    made = list(calls(source, r"MixpanelAPI\s*\.\s*getInstance"))
    builders = list(calls(source, r"(?:new\s+)?MixpanelOptions\s*\.\s*Builder"))
    if not (made or builders or "mixpanel.android" in source.code):
        return
    given = list(calls(source, "serverURL"))
    later = list(calls(source, "setServerURL"))
    for call in (*given, *later):
        report.ran_into.add("android")
        if call.arguments:
            report.value(call.arguments[0], Form.ORIGIN)
    for call in calls(source, "setBackupHost|backupHost"):
        if call.arguments:
            report.value(call.arguments[0], Form.BARE, more=BACKUP)
    _missing(report, made, builders, given, later)


def _missing(report: Report, made: list[Call], builders: list[Call], given: list[Call], later: list[Call]) -> None:
    new = "" if report.source.family == "kotlin" else "new "
    write = f'`{new}MixpanelOptions.Builder().serverURL("https://{report.host}").build()` as the last argument of `getInstance`'
    bare = [call for call in made if not _has_options(report, call)]
    if made or builders:
        report.ran_into.add("android")
    if later and not given:
        report.late(later[0].start, later[0].opened, write)
        return
    for call in bare:
        report.missing(call, "android", write)
    if not given:
        for call in builders:
            report.missing(call, "android", f'`.serverURL("https://{report.host}")` into these options')


def _has_options(report: Report, call: Call) -> bool:
    """Whether something is handed over that is, or could be, the SDK's options."""
    texts = [f"{item.name} {report.source.code[item.start : item.end]}" for item in call.arguments]
    given = [NO_OPTIONS.sub("", text) for text in texts[2:]]
    # A name alone in the last place, after a truth value or two, can be nothing else than options or an instance's name.
    return any(OPTIONS.search(text) for text in given) or (len(given) > 1 and ANY_NAME.fullmatch(given[-1].strip()) is not None)
