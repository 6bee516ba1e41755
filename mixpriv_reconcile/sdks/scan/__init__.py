"""Looking at sources for SDKs that send to another region: text in, findings out. Pure; walking folders is the pipeline's.

    text ─lexed→ code and texts ─rules of the language's SDKs→ findings ─every other text with a host of Mixpanel→ findings
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan.android_manifest import sets_events
from mixpriv_reconcile.sdks.scan.hosts import is_host
from mixpriv_reconcile.sdks.scan.languages import language_of
from mixpriv_reconcile.sdks.scan.lexer import lexed
from mixpriv_reconcile.sdks.scan.report import Report
from mixpriv_reconcile.sdks.scan.scripts import only_scripts

__all__ = ["Scanned", "is_host", "is_source", "scan", "sets_events"]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one file came to: its findings by place, and the SDKs that it sets up.

    *unless_manifest* are those findings that don't hold where an AndroidManifest.xml beside the source names the endpoints.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    sdks: frozenset[str] = frozenset()
    unless_manifest: frozenset[Diagnostic] = frozenset()


def is_source(file: str) -> bool:
    """Whether *file* is of a language that is looked at, by its name."""
    return language_of(file) is not None


def scan(file: str, text: str, region: Region, allow_hosts: Iterable[str] = (), *, sdk: str = "") -> Scanned:
    """What is wrong in *text*, a source of a project that lies in *region*.

    *file* is the name it is reported under; its ending tells the language. *allow_hosts* are proxies that need no note. *sdk* names the
    SDK where that is known, for a language that has several.
    """
    language = language_of(file)
    if language is None or "mixpanel" not in text.lower():
        return Scanned()
    if language.scripts:
        text = only_scripts(text)
    report = Report(lexed(file, text, language.family), region, frozenset(host.lower() for host in allow_hosts), sdk)
    for rule in language.rules:
        rule(report)
    report.anywhere()
    found = sorted(report.found, key=lambda found: (found.span, found.code))
    if report.more:
        message, hint = f"this file has {report.more:,} more findings", "correct those that are shown, and run it again"
        found.append(Diagnostic("MP1017", Severity.ERROR, message, hint, SourceSpan(file, 1, 1)))
    return Scanned(tuple(found), frozenset(report.ran_into), frozenset(report.unless_manifest))
