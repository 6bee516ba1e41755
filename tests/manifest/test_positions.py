"""Line and column count from 1, in characters, and point at the key or value that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.manifest.lines import Lines, lines_of

from .workspace import HEAD, PROJECT, WHOLE, marked, only, places, read, shown


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("    data_groups: many\n", ("MP0203", 10, 18)),
        ("    data_grups: 1\n", ("MP0201", 10, 5)),
        ("    data_groups:\n", ("MP0203", 10, 5)),
        ("    data_groups:   # nothing\n", ("MP0203", 10, 5)),
        ("    data_groups: &a\n", ("MP0203", 10, 18)),
        ("    deletions: {r1: {compliance: gdpr, received: soon, distinct_ids: []}}\n", ("MP0206", 10, 50)),
        ("    deletions: {r1: {compliance: gdpr, received: , distinct_ids: []}}\n", ("MP0206", 10, 40)),
        ("    deletions: {r1: {compliance: gdpr, recieved: 2026-11-03, received: 2026-11-03, distinct_ids: []}}\n", ("MP0201", 10, 40)),
        ("    deletions: {r1: {received: 2026-11-03, distinct_ids: []}}\n", ("MP0202", 10, 17)),
        ("    deletions:\n      - r1\n", ("MP0203", 11, 7)),
        ("    deletions: {r1: {compliance: gdpr, received: 2026-11-03, from: [{}]}}\n", ("MP0202", 10, 69)),
        (
            "    deletions: {r1: {compliance: gdpr, received: 2026-11-03, from: [\n      {file: a.txt},\n\n      {fil: b.txt, file: c.txt}]}}\n",
            ("MP0201", 13, 8),
        ),
        ("    'data\u0020grups': 1\n", ("MP0201", 10, 5)),
        ("    ? data_grups\n    : 1\n", ("MP0201", 10, 7)),
        ('    "😀😀": {}\n', ("MP0201", 10, 5)),
    ],
)
def test_a_finding_points_at_the_key_or_value_that_is_wrong(tmp_path: Path, block: str, expected: tuple[str, int, int]) -> None:
    """A wrong value is shown at the value, a wrong key at the key, what is missing or empty at the key above it."""
    assert [expected] == places(read(tmp_path, HEAD + PROJECT + block))


def test_columns_count_characters(tmp_path: Path) -> None:
    """Letters beyond ASCII and beyond 16 bits count as one column each, not by their bytes."""
    text = HEAD + PROJECT.replace("{env: WEB_TOKEN}", '{"ä😀": 1, env: W, fiel: x}')

    assert [("MP0201", 8, 13), ("MP0201", 8, 30)] == sorted(places(read(tmp_path, text)))


@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeff\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_positions_are_the_same_for_every_line_end(tmp_path: Path, start: str, end: str) -> None:
    """A BOM, CRLF and the rarer line breaks don't move a finding, and the line shown is the one that is meant."""
    text = (start + "vers: 1\n" + HEAD + PROJECT.replace("eu", "europe")).replace("\n", end)
    reading = read(tmp_path, text)

    assert [("MP0201", 1, 1), ("MP0204", 10, 16)] == places(reading)
    assert ["••••: •", "    residency: europe"] == [found.excerpt for found in reading.diagnostics]


def test_what_is_no_line_break_in_yaml_is_none_here(tmp_path: Path) -> None:
    """A character that only some programs take for a line break doesn't shift what is shown."""
    found = read(tmp_path, HEAD + '# a\u2029  timezone: "x\\v"\n').diagnostics[0]

    assert ("m.yaml:6:13", "  timezone: •••••") == (str(found.span), found.excerpt)


def test_the_caret_stands_under_what_is_meant(tmp_path: Path) -> None:
    """The line is shown with carets under the value, also where characters before it are wide or masked."""
    found = shown(read(tmp_path, HEAD + PROJECT.replace("17", "seventeen  # 😀")))

    assert "7 |     id: •••••••••  •••\n  |         ^^^^^^^^^\n" in found


def test_what_an_alias_stands_for_is_shown_at_the_alias(tmp_path: Path) -> None:
    """Where the same block is right in one place and wrong in another, the alias is what is wrong."""
    text = HEAD + "projects:\n  web: &p {id: 17, token: {env: A}, residency: eu}\n  app: {id: 18, token: *p, residency: eu}\n"

    assert {("MP0201", 7, 24)} == {place for place in places(read(tmp_path, text)) if place[0] == "MP0201"}


def test_a_finding_on_a_file_as_a_whole_stands_at_its_start(tmp_path: Path) -> None:
    """Where a second workspace block is too many, its key is shown and the first one named."""
    found = only(read(tmp_path, WHOLE + "        distinct_ids: []\n", "version: 1\nworkspace: {}\n"))

    assert "m1.yaml:2:1" == str(found.span)
    assert "m.yaml:2:1" in found.message
    assert "workspace" == marked(found, "version: 1\nworkspace: {}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "projects:\n  web: {id: 1\n", ("MP0104", 6, 8)),
        (HEAD + 'projects:\n  web: "never closed\n\n\n', ("MP0104", 6, 8)),
        (HEAD + "projects:\n  web: [a\n  b: c: d\n", ("MP0104", 7, 4)),
        (HEAD + "projects:\n  a: b: c\n", ("MP0104", 6, 7)),
        (HEAD + "projects: {a: \x01}\n", ("MP0104", 5, 15)),
        (HEAD + 'projects: {a: "\\ud800"}\n', ("MP0104", 5, 18)),
        (HEAD + "projects:\n\tweb: {}\n", ("MP0105", 6, 1)),
        (HEAD + "projects:\n  web:\t{}\n", ("MP0105", 6, 7)),
        (HEAD + "projects: {}\t# note\n", ("MP0105", 5, 13)),
        (HEAD + "projects: {\n \t }\n", ("MP0105", 6, 2)),
    ],
)
def test_what_is_no_yaml_is_shown_where_it_goes_wrong(tmp_path: Path, text: str, expected: tuple[str, int, int]) -> None:
    """A file that doesn't parse is shown where it goes wrong; what is never closed, where it begins; a tab, by name."""
    assert expected in places(read(tmp_path, text))


def test_tabs_within_text_are_text(tmp_path: Path) -> None:
    """Tabs in comments, in quotes and in blocks are no findings."""
    text = (
        WHOLE
        + '        # a\tb\n        extension: {notified: 2026-11-20, reason: "a\tb"}\n        distinct_ids:\n        - |-\n          x\ty\n'
    )

    assert [] == places(read(tmp_path, text))


def test_a_very_long_line_is_not_shown(tmp_path: Path) -> None:
    """A finding on a line of a million characters keeps its column and spares the screen."""
    text = HEAD + "projects: {" + "a, " * 300_000 + "}\n"
    reading = read(tmp_path, text[:-3] + "b: {}}\n")

    assert "" == reading.diagnostics[0].excerpt
    assert 5 == (reading.diagnostics[0].span.line if reading.diagnostics[0].span else 0)


@pytest.mark.parametrize("text", ["", "a", "a\nb", "a\r\nb\rc\u2028d\u2029e\x85f\x0bg\n"])
def test_lines_and_indices_agree(text: str) -> None:
    """The line and column of a character lead back to it."""
    lines = lines_of(text)
    for index, char in enumerate(text):
        line, column = Lines(text).at(index)
        assert char == (lines[line - 1] + "\n\n")[column - 1] or char in "\r\n\u2028\u2029\x85"
