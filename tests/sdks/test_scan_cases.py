"""Sources as files: what is found in each, marked by carets below the offending text.

A file's first line names the region its project lies in (`any`: it is right in each, as its host comes from elsewhere). Below a line stand its
findings: carets under the span, the code, the severity.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan import is_source, scan

CASES = Path(__file__).parent / "cases"
GOOD = sorted(str(path.relative_to(CASES)) for path in CASES.glob("*/good/*"))
BAD = sorted(str(path.relative_to(CASES)) for path in CASES.glob("*/bad/*"))
MAIN = ("javascript", "nodejs", "react-native", "swift", "objective-c", "android", "python", "java", "ruby")
MARK = re.compile(r"\W*?(?P<carets>\^+) (?P<code>MP[0-9]{4}) (?P<severity>\w+)")


def text_of(case: str) -> str:
    return (CASES / case).read_text("utf-8")


def regions_of(case: str) -> tuple[Region, ...]:
    """The regions in which a source is right."""
    named = re.search(r"region: (\w+)", text_of(case).partition("\n")[0])
    assert named is not None, case
    return tuple(Region) if named[1] == "any" else (Region(named[1]),)


def found(case: str, region: Region) -> tuple[Diagnostic, ...]:
    return scan(case, text_of(case), region).diagnostics


def marked(case: str) -> list[tuple[int, int, int, str, str]]:
    """The findings that a file's marks tell: line, column, length, code, severity."""
    marks, line = [], 0
    for number, text in enumerate(text_of(case).splitlines(), start=1):
        mark = MARK.match(text)
        if mark is None:
            line = number
        else:
            start, end = mark.span("carets")
            marks.append((line, start + 1, end - start, mark["code"], mark["severity"]))
    return sorted(marks)


@pytest.mark.parametrize("case", GOOD)
def test_a_right_source_is_clean(case: str) -> None:
    """Comments, documentation, pages for people, single sign-on, other libraries' hosts and variables raise no alarm."""
    for region in regions_of(case):
        assert () == found(case, region)


@pytest.mark.parametrize("case", [case for case in GOOD if len(regions_of(case)) == 1])
def test_a_source_of_another_region_is_never_clean(case: str) -> None:
    """What is right for one region is found fault with in every other."""
    for region in Region:
        if region not in regions_of(case):
            assert () != found(case, region), region


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_source_is_found_out(case: str) -> None:
    """Each mistake is found, once, at the text that is wrong, and nothing else is."""
    (region,) = regions_of(case)
    findings = found(case, region)
    places = [
        (one.span.line, one.span.column, one.span.length, one.code, one.severity.value) for one in findings if one.span is not None
    ]
    assert marked(case) == sorted(places)


@pytest.mark.parametrize("case", BAD)
def test_each_finding_says_what_to_do(case: str) -> None:
    """Every finding has a hint, and the excerpt of its line ends where the line does."""
    (region,) = regions_of(case)
    lines = text_of(case).splitlines()
    for one in found(case, region):
        assert one.hint
        assert one.span is not None
        assert len(lines[one.span.line - 1]) == len(one.excerpt)


def test_what_is_made_after_a_hint_is_clean() -> None:
    """A wrong host, replaced by the value that the hint gives, is right."""
    tried = 0
    for case in BAD:
        (region,) = regions_of(case)
        text = text_of(case)
        for one in found(case, region):
            value = re.match(r"write ((?:https://)?[a-z.-]+mixpanel\.com(?:/\w+)?)(?:;|$)", one.hint)
            if one.code in ("MP1001", "MP1004", "MP1005") and value is not None and one.span is not None:
                lines = text.splitlines(keepends=True)
                line, start = lines[one.span.line - 1], one.span.column - 1
                lines[one.span.line - 1] = line[:start] + value[1] + line[start + one.span.length :]
                repaired = scan(case, "".join(lines), region).diagnostics
                assert (one.span.line, one.span.column, one.code) not in [
                    (left.span.line, left.span.column, left.code) for left in repaired if left.span is not None
                ], case
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("sdk", MAIN)
def test_each_main_language_has_enough_samples(sdk: str) -> None:
    """At least four right and six wrong sources stand for each of the SDKs of Mixpanel's own list."""
    assert len([case for case in GOOD if case.startswith(f"{sdk}/")]) >= 4
    assert len([case for case in BAD if case.startswith(f"{sdk}/")]) >= 6


def test_every_sample_is_of_a_language_that_is_looked_at() -> None:
    """No sample is passed over for its name."""
    assert [] == [case for case in (*GOOD, *BAD) if not is_source(case)]
