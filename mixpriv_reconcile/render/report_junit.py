"""A run as JUnit's XML, which GitLab, Jenkins and actions for GitHub show as tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from xml.etree import ElementTree as ET

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.junit_cases import Case, cases_of
from mixpriv_reconcile.render.look import inert_line, inert_lines

__all__ = ["report"]

MOST_TOLD = 200
"""Paragraphs of one failure, or of one output. GitLab parses no very large text (libxml2's limit is 10 MB), and nobody reads one."""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def report(run: Report) -> str:
    """One suite, the command's. A case fails for an error, a refusal, a conflict, a request that presses, work that is left.

    What is no failure (a warning, a note, what is planned) is a case's `system-out`: a plan with warnings is green. No element and no
    attribute is used that the schema of Jenkins' xUnit plugin (junit-10.xsd) doesn't know. Times are seconds; only the suite's is measured.
    """
    cases = cases_of(run)
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failed) for case in cases)),
        "errors": "0",
        "time": f"{run.seconds:.3f}",
    }
    root = ET.Element("testsuites", {"name": "mixpriv"} | counts)
    more = {"skipped": str(sum(_is_skipped(case) for case in cases)), "timestamp": f"{run.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}
    suite = ET.SubElement(root, "testsuite", {"name": inert_line(run.called)} | counts | more)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(run).items():
        ET.SubElement(properties, "property", {"name": name, "value": inert_line(value)})
    for case in cases:
        _add(suite, case)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _properties(run: Report) -> dict[str, str]:
    found = {"tool_version": run.tool_version, "exit_code": str(run.exit_code), "outcome": run.why}
    return found | ({"digest": run.plan.digest} if run.plan is not None and run.plan.digest else {})


def _add(suite: ET.Element, case: Case) -> None:
    """GitLab shows a failure's text and not its attribute, Jenkins both: the text holds everything, the attribute the first line."""
    element = ET.SubElement(suite, "testcase", {"classname": case.suite, "name": case.name, "time": "0"})
    if case.failed:
        failure = ET.SubElement(element, "failure", {"type": "failure", "message": inert_line(case.failed[0].partition("\n")[0])})
        failure.text = _text(case.failed)
    elif case.skipped:
        ET.SubElement(element, "skipped", {"message": inert_line(case.skipped)})
    if case.said:
        ET.SubElement(element, "system-out").text = _text(case.said)


def _is_skipped(case: Case) -> bool:
    return bool(case.skipped) and not case.failed


def _text(parts: Sequence[str]) -> str:
    """*parts* as paragraphs; what XML 1.0 can't hold is among what isn't printable, and becomes `�`."""
    shown = [*parts[:MOST_TOLD], *([f"… and {len(parts) - MOST_TOLD:,} more"] if len(parts) > MOST_TOLD else [])]
    return "\n\n".join(inert_lines(part) for part in shown)
