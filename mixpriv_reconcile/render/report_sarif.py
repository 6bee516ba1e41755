"""A run's findings as SARIF 2.1.0, drift included: what code scanning shows at lines of files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import quote

from mixpriv_reconcile.explain import page
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.exit_codes import ending
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.look import inert, inert_line, inert_lines
from mixpriv_reconcile.render.placed import in_repository, placed

__all__ = ["MOST_BYTES", "MOST_RESULTS", "report"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

MOST_RESULTS = 5000
"""Results that GitHub keeps of a run; it refuses a file with more than 25,000.

Source: docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support.
"""

MOST_BYTES = 10_000_000 - 500_000
"""Of all results together, with room for the rules. GitHub takes 10 MB, and counts them compressed. Source: the same page."""

MOST_CHARACTERS = 1000
"""Of a short and a full description, which may have 1,024 each. Source: the same page."""

ROOT = "%SRCROOT%"

NO_CODE = "mixpriv"
"""The rule of a finding without a code, as a saved plan from whomever may hold one: a rule has to have a name."""


def report(run: Report) -> str:
    """The log with its one run.

    Every result has a location, for GitHub takes none without: its line; else where the plan has something of its project; else the
    workspace's manifest.

    The heaviest findings are kept where there are more than GitHub takes, and a notification says how many are left out.
    """
    findings = [dataclasses.replace(found, code=inert(found.code) or NO_CODE) for found in placed(run)]
    results = _results(findings, run)
    codes = list(dict.fromkeys(found.code for found in findings[: len(results)]))
    for result in results:
        result["ruleIndex"] = codes.index(result["ruleId"])
    driver = {"name": "mixpriv", "version": run.tool_version, "rules": [_rule(code) for code in codes]}
    told: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{run.called}/"},
        "invocations": [_invocation(run, len(findings) - len(results))],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [told]})


def _invocation(run: Report, left_out: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "executionSuccessful": ending(run.exit_code).is_executed,
        "exitCode": run.exit_code,
        "exitCodeDescription": inert_line(run.why),
        "endTimeUtc": f"{run.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    if left_out:
        text = f"{counted(left_out, 'finding')} left out: code scanning shows {MOST_RESULTS:,} of a run. Another report has them all."
        found["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return found


def _results(findings: Sequence[Diagnostic], run: Report) -> list[dict[str, Any]]:
    """As many of *findings*, from the first, as one file may hold."""
    results: list[dict[str, Any]] = []
    alike = Counter[str]()
    size = 0
    projects, otherwise = _projects(run), _otherwise(run)
    for found in findings[:MOST_RESULTS]:
        span = found.span or projects.get(found.address.partition(".")[0], otherwise)
        print_of = _fingerprint(found, span)
        alike[print_of] += 1
        result = _result(found, span, f"{print_of}:{alike[print_of]}")
        size += len(json.dumps(result, indent=2)) + 200  # the indentation of what is around it
        if size > MOST_BYTES:
            break
        results.append(result)
    return results


def _result(found: Diagnostic, span: SourceSpan, fingerprint: str) -> dict[str, Any]:
    region = {
        "startLine": max(span.line, 1),
        "startColumn": max(span.column, 1),
        "endLine": max(span.line, 1),
        "endColumn": max(span.column, 1) + max(span.length, 1),
    }
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(span.file, errors="replace"), "uriBaseId": ROOT}, "region": region},
    }
    if found.address:
        location["logicalLocations"] = [{"fullyQualifiedName": inert(found.address), "kind": "resource"}]
    # GitHub matches results by the first of the two names alone.
    prints = {"primaryLocationLineHash": fingerprint, "mixprivFinding/v1": fingerprint}
    return {
        "ruleId": found.code,
        "level": found.severity.value,  # the words are SARIF's own
        "message": {"text": _message(found)},
        "locations": [location],
        "partialFingerprints": prints,
    }


def _projects(run: Report) -> Mapping[str, SourceSpan]:
    """The first place in the repository that the plan has for each project."""
    spans: dict[str, SourceSpan] = {}
    for change in run.plan.changes if run.plan is not None else ():
        if change.project and change.project not in spans and (span := in_repository(change.source, run.folder)) is not None:
            spans[change.project] = span
    return spans


def _otherwise(run: Report) -> SourceSpan:
    return in_repository(SourceSpan(run.manifest or "mixpriv.yaml", 1, 1), run.folder) or SourceSpan("mixpriv.yaml", 1, 1)


def _fingerprint(found: Diagnostic, span: SourceSpan) -> str:
    """What stays the same while lines move, and numbers in a message change: code, address and file."""
    return hashlib.sha256("\0".join((found.code, found.address, span.file)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _message(found: Diagnostic) -> str:
    """Message and hint. GitHub shows the first sentence where there is little room."""
    parts: Iterable[str] = (found.message, f"hint: {found.hint}" if found.hint else "")
    return "\n\n".join(inert_lines(part) for part in parts if part) or found.code


def _rule(code: str) -> dict[str, Any]:
    """A code as a rule: its page's title, its first paragraph, and the page."""
    text = page(code) or f"# {code}\n"
    head, _, body = text.partition("\n")
    title = head.removeprefix("#").strip().removeprefix(code).lstrip(" ·") or code
    first = " ".join(body.strip().partition("\n\n")[0].split()) or title
    return {
        "id": code,
        "shortDescription": {"text": title[:MOST_CHARACTERS]},
        "fullDescription": {"text": first[:MOST_CHARACTERS]},
        "help": {"text": text, "markdown": text},
    }
