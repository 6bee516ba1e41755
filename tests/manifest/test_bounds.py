"""Hostile or broken input ends in a finding: soon, and with little memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Severity, SourceSpan

from .workspace import HEAD, PROJECT, WHOLE, codes, ids, only, places, read, wrote

LAUGHS = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" if n else "  a0: &a0 [ha]\n" for n in range(12))


def test_a_billion_laughs_end_at_a_thousand_uses(tmp_path: Path) -> None:
    """Aliases of aliases are counted with all they stand for, so a few lines can't become billions of values."""
    found = only(read(tmp_path, HEAD + "projects:\n" + LAUGHS))

    assert "MP0103" == found.code
    assert "MIXPRIV_MAX_ALIAS_USES" in found.hint


@pytest.mark.parametrize(("uses", "expected"), [(1000, []), (1001, ["MP0103"])])
def test_a_thousand_alias_uses_are_allowed(tmp_path: Path, uses: int, expected: list[str]) -> None:
    """Exactly 1,000 uses are within the bound."""
    requests = "".join(f"      q{number}: *r\n" for number in range(uses))

    assert expected == codes(read(tmp_path, WHOLE.replace("r1:", "r1: &r") + "        distinct_ids: [a]\n" + requests))


REQUEST = "{compliance: gdpr, received: 2026-11-03, distinct_ids: [a]}"
MANY = "".join(f"      r{number}: {REQUEST}\n" for number in range(100))


def projects(count: int) -> str:
    """So many projects, all with the requests of the first."""
    aliased = (f"  p{number}: {{id: {number}, token: {{env: T{number}}}, residency: eu, deletions: *d}}\n" for number in range(1, count))
    return HEAD + PROJECT.replace("web:", "p0:") + "    deletions: &d\n" + MANY + "".join(aliased)


def test_a_thousand_uses_of_a_long_anchor(tmp_path: Path) -> None:
    """Within a thousand uses what is repeated is bounded too: here a hundred requests a thousand times."""
    found = only(read(tmp_path, projects(1000)))

    assert "MP0119" == found.code
    assert "MIXPRIV_MAX_ALIAS_VALUES" in found.hint
    assert [] == codes(read(tmp_path, projects(10)))


def test_the_bound_on_repeated_values_is_exact(tmp_path: Path) -> None:
    """Each use counts every value behind the anchor: 100 requests of 4 values are 400 a use."""
    assert [] == codes(read(tmp_path, projects(4), bounds=Bounds(alias_values=1200)))
    assert ["MP0119"] == codes(read(tmp_path, projects(4), bounds=Bounds(alias_values=1199)))


def test_repeated_ids_are_bounded(tmp_path: Path) -> None:
    """A hundred ids that an alias repeats count as one value, so a long list can't be multiplied without end."""
    text = WHOLE + f"        distinct_ids: &d [{', '.join(['a'] * 10_000)}]\n"
    text += "".join(f"      q{number}: {{compliance: gdpr, received: 2026-11-03, distinct_ids: *d}}\n" for number in range(3))

    assert [] == codes(read(tmp_path, text, bounds=Bounds(alias_values=300)))
    assert ["MP0119"] == codes(read(tmp_path, text, bounds=Bounds(alias_values=299)))


def test_depth_counts_through_aliases(tmp_path: Path) -> None:
    """What an alias stands for is as deep as it would be written out; so nothing that reads it recurses too far."""
    head = HEAD + PROJECT + "    legal_holds:\n      a: &a " + nested(31) + "\n      b: "

    assert "MP0102" not in codes(read(tmp_path, head + "[" * 29 + "*a" + "]" * 29 + "\n"))
    assert ["MP0102"] == codes(read(tmp_path, head + "[" * 30 + "*a" + "]" * 30 + "\n"))


def test_laughs_in_other_yaml_are_left_alone(tmp_path: Path) -> None:
    """A file of another tool may use as many aliases as it likes; it isn't expanded."""
    wrote(tmp_path, {"other.yaml": "x:\n" + LAUGHS})

    assert [] == codes(read(tmp_path, HEAD))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_hundred_thousand_levels_are_one_finding(tmp_path: Path, opening: str) -> None:
    """Nesting without end is a finding at the level where it is too deep; nothing recurses."""
    tracemalloc.start()
    found = read(tmp_path, HEAD + "projects:\n  web: " + ("\n    " if opening in "- ? " else "") + opening * 100_000).diagnostics[-1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "MP0102" == found.code
    assert "MIXPRIV_MAX_DEPTH" in found.hint
    assert peak < 50_000_000


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_the_depth_is_exact(tmp_path: Path) -> None:
    """64 levels are read, 65 are not: the top, projects, the project, and 61 lists."""
    head = HEAD + PROJECT + "    legal_holds: "

    assert ["MP0203"] == codes(read(tmp_path, head + nested(61) + "\n"))
    assert ["MP0102"] == codes(read(tmp_path, head + nested(62) + "\n"))


def test_depth_counts_within_an_id_list_too(tmp_path: Path) -> None:
    """An id list is no place to hide a deep nesting."""
    assert "MP0102" in codes(read(tmp_path, WHOLE + "        distinct_ids: " + "[" * 100_000))


def test_a_bound_is_raised_by_its_variable(tmp_path: Path) -> None:
    """With a higher bound what was too deep is read, and still nothing recurses over what is set aside."""
    bounds = Bounds.from_environment({"MIXPRIV_MAX_DEPTH": "4000"})

    assert ["MP0203"] == codes(read(tmp_path, HEAD + PROJECT + "    legal_holds: " + nested(2_000) + "\n", bounds=bounds))
    assert ["MP0201"] == codes(read(tmp_path, HEAD + PROJECT + "    sdkz: " + nested(2_000) + "\n", bounds=bounds))


def test_an_anchor_that_holds_itself_ends(tmp_path: Path) -> None:
    """An alias inside of what it stands for is an error and no circle."""
    assert "MP0111" in codes(read(tmp_path, HEAD + "projects: &p\n  web: *p\n"))


def test_what_is_beyond_a_bound_in_other_yaml_is_left_alone(tmp_path: Path) -> None:
    """Deep files of other tools are none of ours."""
    wrote(tmp_path, {"other.yaml": "a: " + nested(500)})

    assert [] == codes(read(tmp_path, HEAD))


def test_a_remembered_file_beyond_a_bound_is_an_error(tmp_path: Path) -> None:
    """A file that the state knows can't leave by growing too deep."""
    wrote(tmp_path, {"other.yaml": "a: " + nested(500)})
    found = only(read(tmp_path, HEAD, remembered=frozenset({"other.yaml"})))

    assert ("MP0102", Severity.ERROR) == (found.code, found.severity)


def test_a_number_of_a_million_digits_is_text(tmp_path: Path) -> None:
    """Nothing is spent on numbers that no manifest needs."""
    found = read(tmp_path, HEAD + PROJECT.replace("17", "9" * 1_000_000))

    assert [("MP0203", 7, 9)] == places(found)


def test_two_thousand_findings_are_all_reported(tmp_path: Path) -> None:
    """Manifests with very many faults, a thousand in each file, show them all, in reasonable time."""
    faults = [f"  p{number}: {{id: {number + 1}, token: {{env: T{number}}}, residency: xx}}\n" for number in range(2_000)]
    wrote(tmp_path, {"second.yaml": "version: 1\nprojects:\n" + "".join(faults[1_000:])})

    assert ["MP0204"] * 2_000 == codes(read(tmp_path, HEAD + "projects:\n" + "".join(faults[:1_000])))


def test_a_second_list_of_ids_under_the_same_key_costs_no_more(tmp_path: Path) -> None:
    """The ids of a key that stands twice are the first ones; the others are dropped."""
    text = WHOLE + "        distinct_ids: [a]\n        distinct_ids: [b]\n"
    reading = read(tmp_path, text)

    assert ["MP0107"] == codes(reading)
    assert ids(read(tmp_path, text.replace("        distinct_ids: [b]\n", ""))) == [b"a"]


@pytest.mark.parametrize(("repeats", "rest"), [(1000, []), (1001, ["1"]), (4000, ["3,000"])])
def test_a_mistake_many_times_over_is_shown_a_thousand_times_and_counted(tmp_path: Path, repeats: int, rest: list[str]) -> None:
    """The first 1,000 findings of a file are shown, and one more error says how many others there are and where they begin."""
    reading = read(tmp_path, HEAD + PROJECT + "    id: 17\n" * repeats)
    first = len((HEAD + PROJECT).splitlines()) + 1
    counting = reading.diagnostics[1000:]

    assert [("MP0107", first + number, 5) for number in range(min(repeats, 1000))] == places(reading)[:1000]
    expected = [(f"this file has {count} more findings from here on, {count} of them errors", first + 1000) for count in rest]
    assert expected == [(found.message, found.span.line) for found in counting if found.span is not None]
    assert [("MP0121", Severity.ERROR)] * len(rest) == [(found.code, found.severity) for found in counting]
    assert reading.desired is None


def test_an_error_behind_a_thousand_warnings_is_shown() -> None:
    """Where a file has too many findings its errors are shown before its warnings, and other files keep all of theirs."""
    report = Report()
    for line in range(1, 1201):
        report.at("MP0115", Severity.WARNING, "a warning", "", SourceSpan("a.yaml", line, 1))
    report.at("MP0114", Severity.ERROR, "an error", "", SourceSpan("a.yaml", 5000, 1))
    report.at("MP0115", Severity.WARNING, "a warning", "", SourceSpan("b.yaml", 1, 1))
    found = report.diagnostics(10)
    counting = next(one for one in found if one.code == "MP0121")

    assert 1002 == len(found)
    assert [("MP0114", "a.yaml:5000:1"), ("MP0115", "b.yaml:1:1")] == [(one.code, str(one.span)) for one in found[-2:]]
    assert ("this file has 201 more findings from here on, 0 of them errors", Severity.WARNING) == (counting.message, counting.severity)
