"""What readers of JUnit's XML take: the elements and attributes of Jenkins' junit-10.xsd, counts that add up, names that differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

__all__ = ["Seen", "read"]

ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
    "properties": set[str](),
    "property": {"name", "value"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set[str](),
    "system-err": set[str](),
}
REQUIRED = {"testsuite": {"name", "tests", "failures", "errors"}, "property": {"name", "value"}, "testcase": {"name"}}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped", "system-out", "system-err"},
}
SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""xs:dateTime without a zone, as Ant's schema has it."""


@dataclass(frozen=True)
class Seen:
    """A test case as a reader shows it."""

    suite: str
    name: str
    outcome: str
    failure: str
    out: str


def read(text: str) -> list[Seen]:
    """The test cases of *text*; fails where a strict reader would."""
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag], element.tag
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib), element.tag
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set()), element.tag
        assert SECONDS.fullmatch(element.get("time", "0"))
        assert STAMP.fullmatch(element.get("timestamp", "2026-11-08T09:00:00"))
    (suite,) = root
    cases = [_seen(case) for case in suite.iter("testcase")]
    counts = {"tests": len(cases)} | {f"{what}s": sum(case.outcome == what for case in cases) for what in ("failure", "error")}
    for element in (root, suite):
        assert counts == {name: int(element.attrib[name]) for name in counts}
    assert int(suite.attrib["skipped"]) == sum(case.outcome == "skipped" for case in cases)
    assert len({(case.suite, case.name) for case in cases}) == len(cases), "GitLab ignores all but the first of a name"
    return cases


def _seen(case: ET.Element) -> Seen:
    outcomes = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
    assert len(outcomes) <= 1
    return Seen(
        case.attrib["classname"], case.attrib["name"], *outcomes or ["passed"], case.findtext("failure", ""), case.findtext("system-out", "")
    )
