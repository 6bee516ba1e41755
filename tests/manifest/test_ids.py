"""A distinct id is a string, passed on byte for byte."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.model.bounds import Bounds

from .workspace import HEAD, PROJECT, REQUEST, WHOLE, codes, ids, inline, only, places, read

BLOCK = "        distinct_ids:\n"


def listed(*lines: str) -> str:
    """A manifest with a block list of *lines* as ids."""
    return WHOLE + BLOCK + "".join(f"        - {line}\n" for line in lines)


@pytest.mark.parametrize(
    "written",
    ["007", "1e5", "1_000", "0x1F", "no", "yes", "on", "~", "null", "true", "1.0", "+1", "2026-11-03", ".inf", "12:30:45", "=", "user 17"],
)
def test_an_id_is_taken_as_written(tmp_path: Path, written: str) -> None:
    """No id is turned into a number, a truth value or a day, in block style or in flow style."""
    assert [written.encode()] == ids(read(tmp_path, listed(written)))
    assert [b"a", written.encode()] == ids(read(tmp_path, WHOLE + f"        distinct_ids: [a, {written}]\n"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"user-17"', "user-17"),
        ("'it''s'", "it's"),
        ('" padded "', " padded "),
        ('""', ""),
        ("''", ""),
        ("", ""),
        ('"a\\tb\\n\\0\\u00e9\\U0001F600"', "a\tb\n\0é😀"),
        ('"%41@x"', "%41@x"),
        ("a\tb", "a\tb"),
        ("Ä-😀-\u200b", "Ä-😀-\u200b"),
        ("e\u0301", "e\u0301"),
        ("a#b", "a#b"),
        ("a # comment", "a"),
        ("!!str 007", "007"),
        ("user-17   ", "user-17"),
        ("\ufeffx", "\ufeffx"),
    ],
)
def test_quotes_and_escapes_are_yaml_and_no_more(tmp_path: Path, written: str, meant: str) -> None:
    """Quotes, escapes and comments mean what they mean in YAML; nothing is trimmed, folded or composed beyond that."""
    assert [meant.encode()] == ids(read(tmp_path, listed(written)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("|\n          user-17", b"user-17\n"),
        (">\n          user-17\n          b", b"user-17 b\n"),
        ("a\n          b", b"a b"),
        ('"a\u0085b"', b"a b"),
    ],
)
def test_an_id_on_several_lines_is_warned_about(tmp_path: Path, written: str, meant: bytes) -> None:
    """An id that YAML joins from lines, or ends with a line break, is as YAML says, with a warning."""
    reading = read(tmp_path, listed(written))

    assert [meant] == ids(reading)
    assert ["MP0117"] == codes(reading)


def test_a_block_that_ends_without_a_break_is_an_id(tmp_path: Path) -> None:
    """`|-` is a way to write an id without quotes."""
    reading = read(tmp_path, listed("|-\n          user-17: #1"))

    assert [b"user-17: #1"] == ids(reading)
    assert [] == codes(reading)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bom_and_line_ends_are_the_files(tmp_path: Path, start: str, end: str) -> None:
    """A BOM at the start and the line ends belong to the file, not to its first key or to an id."""
    text = start + listed("user-17", "|-\n          user-18").replace("\n", end)

    assert [b"user-17", b"user-18"] == ids(read(tmp_path, text.encode()))


def test_each_id_knows_its_place(tmp_path: Path) -> None:
    """Line and column of every id are kept: they are what a finding about it shows."""
    flow = inline(read(tmp_path, WHOLE + "        distinct_ids: [a, 'b',\n          😀, c]\n"))
    assert [(14, 24), (14, 27), (15, 11), (15, 14)] == list(zip(flow.lines, flow.columns, strict=True))

    block = inline(read(tmp_path, listed("a", '""', "", "&x c")))
    assert [(15, 11), (16, 11), (17, 9), (18, 11)] == list(zip(block.lines, block.columns, strict=True))


def test_an_empty_list_means_nobody(tmp_path: Path) -> None:
    """`distinct_ids: []` is a request that names nobody yet."""
    reading = read(tmp_path, WHOLE + "        distinct_ids: []\n")

    assert [] == codes(reading)
    assert [] == ids(reading)


@pytest.mark.parametrize("item", ["[a]", "{a: b}", "a: b", "- a", "{}", "[]"])
def test_an_id_that_is_no_scalar_is_an_error(tmp_path: Path, item: str) -> None:
    """A list or mapping among the ids is reported where it stands, once."""
    assert [("MP0110", 16, 11)] == places(read(tmp_path, listed("ok", item, "ok")))


@pytest.mark.parametrize(("value", "code"), [("user-17", "MP0203"), ("{user-17: x}", "MP0203"), ("", "MP0203"), ("!set [a]", "MP0109")])
def test_ids_that_are_no_list_are_an_error(tmp_path: Path, value: str, code: str) -> None:
    """A scalar, a mapping or nothing where the list of ids belongs is reported, and isn't repeated."""
    reading = read(tmp_path, WHOLE + f"        distinct_ids: {value}\n")

    assert code == only(reading).code
    assert "user-17" not in only(reading).excerpt


def test_a_whole_list_may_be_repeated_by_an_alias(tmp_path: Path) -> None:
    """An alias for an id list is that list, as written."""
    again = "      r2: {compliance: ccpa, received: 2026-11-03, distinct_ids: *who}\n      r3: *all\n"
    text = WHOLE.replace("r1:", "r1: &all") + "        distinct_ids: &who [007, no]\n" + again

    for name in ("r1", "r2", "r3"):
        assert [b"007", b"no"] == ids(read(tmp_path, text), f"web.deletions.{name}")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  policy: {allow_placeholder_ids: &x [unknown]}\n" + PROJECT + REQUEST + "        distinct_ids: *x\n",
        WHOLE + "        from: &x []\n        distinct_ids: *x\n",
        WHOLE + "        distinct_ids: &x [a.txt]\n        from: *x\n",
        WHOLE.replace("gdpr\n", "&x gdpr\n") + "        distinct_ids: [*x]\n",
        WHOLE + "        distinct_ids: [a, *y]\n",
    ],
)
def test_an_alias_never_carries_other_values_to_ids(tmp_path: Path, text: str) -> None:
    """An alias between a place for ids and one for something else is an error, for what it carries was read in another way."""
    assert {"MP0112", "MP0111", "MP0110"} & set(codes(read(tmp_path, text)))


def test_an_id_is_no_anchor(tmp_path: Path) -> None:
    """An anchor on an id hides an older one of its name, so that an alias never means something else than it seems to."""
    text = WHOLE.replace(" gdpr\n", " &a gdpr\n") + "        distinct_ids: [&a user-17]\n      r2: {compliance: *a, distinct_ids: []}\n"

    assert "MP0111" in codes(read(tmp_path, text))


def test_placeholders_that_are_allowed_are_taken_as_written(tmp_path: Path) -> None:
    """`allow_placeholder_ids` takes `0`, `null` and `True` without quotes, as ids do."""
    text = HEAD + "  policy: {allow_placeholder_ids: [0, -1, null, True, '[]', UNKNOWN]}\n" + PROJECT
    desired = read(tmp_path, text).desired

    assert desired is not None
    assert ("-1", "0", "True", "UNKNOWN", "[]", "null") == desired.workspace.policy.allow_placeholder_ids


def test_only_placeholders_need_leave(tmp_path: Path) -> None:
    """Another id in `allow_placeholder_ids` is an error that doesn't repeat it."""
    found = only(read(tmp_path, HEAD + "  policy: {allow_placeholder_ids: [unknown, user-17]}\n"))

    assert ("MP0316", 5, 45) == (found.code, found.span and found.span.line, found.span and found.span.column)
    assert "user-17" not in found.excerpt + found.hint


def test_ids_are_not_kept_as_python_strings() -> None:
    """A hundred thousand ids in one list take little more memory than their bytes and places."""
    text = listed(*(f"user-{number:032}" for number in range(100_000)))
    gc.collect()
    tracemalloc.start()
    document = read_events("m.yaml", text, Bounds())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert document.flaws == []
    assert kept < 100_000 * (37 + 8 + 4 + 4 + sys.getsizeof("") / 2)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXT, max_size=6), st.booleans())
def test_any_id_in_double_quotes_arrives_as_it_is(values: list[str], in_flow: bool) -> None:
    """Whatever characters an id has, in double quotes with escapes it arrives byte for byte."""

    def quoted(value: str) -> str:
        return '"' + "".join(f"\\U{ord(char):08x}" if not char.isalnum() or not char.isascii() else char for char in value) + '"'

    items = [quoted(value) for value in values]
    block = BLOCK + "".join(f"        - {item}\n" for item in items) if items else "        distinct_ids: []\n"
    text = WHOLE + ("        distinct_ids: [" + ", ".join(items) + "]\n" if in_flow else block)
    document = read_events("m.yaml", text, Bounds())
    found = document.values["projects"]["web"]["deletions"]["r1"]["distinct_ids"].ids

    assert [value.encode() for value in values] == list(found)
