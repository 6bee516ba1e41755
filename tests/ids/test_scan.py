from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.errors import SourceMoved
from mixpriv_reconcile.ids.scan import scan
from mixpriv_reconcile.ids.sets import cut
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.ids import IdSources

from .workshop import KEY, digest, digests, entry, errors, inline, pieces, read

# the astral and the combining, quotes, commas, CR; never LF for text, where it ends the id; never a placeholder
LETTERS = st.sampled_from([*list('abü€😀é," \r\t;\\\x00\u2028\ufeff'), "zz"])
VALUES = st.lists(LETTERS, min_size=1, max_size=24).map("".join).map(lambda value: "u" + value + "u")
IDS = st.lists(VALUES, max_size=25)
BLOCKS = st.sampled_from([1, 2, 3, 7, 16, 64, 2**20])


def write(folder: str, name: str, content: bytes) -> None:
    opener = gzip.compress if name.endswith(".gz") else bytes
    (Path(folder) / name).write_bytes(opener(content))


def as_text(ids: list[str], end: str, bom: bool, last: bool) -> bytes:
    body = end.join(ids) + (end if last and ids else "")
    return (b"\xef\xbb\xbf" if bom else b"") + body.encode()


def as_csv(ids: list[str], end: str, bom: bool, last: bool) -> bytes:
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator=end, quoting=csv.QUOTE_MINIMAL)
    table.writerow(["note", "distinct_id", "when"])
    for number, value in enumerate(ids):
        table.writerow(['a "note"\r\nof, two lines' if number % 3 == 0 else "plain", value, number])
    body = written.getvalue()
    return (b"\xef\xbb\xbf" if bom else b"") + (body if last else body.removesuffix(end)).encode()


def as_ndjson(ids: list[str], end: str, bom: bool, last: bool) -> bytes:
    lines = [json.dumps({"n": {"distinct_id": 1}, "distinct_id": value}, ensure_ascii=number % 2 == 0) for number, value in enumerate(ids)]
    return (b"\xef\xbb\xbf" if bom else b"") + (end.join(lines) + (end if last and ids else "")).encode()


@settings(max_examples=120, deadline=None)
@given(
    within=IDS,
    text=IDS,
    table=st.lists(VALUES | VALUES.map(lambda value: value + "\n" + value), max_size=25),
    objects=st.lists(VALUES | VALUES.map(lambda value: value + "\n"), max_size=25),
    ends=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    last=st.booleans(),
    packed=st.sampled_from(["", ".gz"]),
    block=BLOCKS,
)
def test_scan_is_the_naive_reading(
    within: list[str], text: list[str], table: list[str], objects: list[str], ends: str, bom: bool, last: bool, packed: str, block: int
) -> None:
    """Whatever ids say, however files write them and wherever they are cut while reading, exactly these ids are found, and found again."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "a.txt" + packed, as_text(text, ends, bom, last))
        write(folder, "b.csv" + packed, as_csv(table, ends, bom, last))
        write(folder, "c.ndjson" + packed, as_ndjson(objects, ends, bom, last))
        found = read(
            Path(folder),
            entry("a.txt" + packed),
            entry("b.csv" + packed, column="distinct_id"),
            entry("c.ndjson" + packed, field="distinct_id"),
            within=inline(within),
            block_bytes=block,
        )
        every = within + text + table + objects
        assert errors(found) == []
        assert digests(every) == pieces(found.ids.digests)
        assert len(every) - len(set(every)) == found.doubles
        names = {digest(value): value for value in every}
        assert [names[piece] for piece in pieces(found.ids.digests)] == list(found.origins.raw_ids(found.ids.digests))
        found.origins.close()


def test_order_and_origin_of_doubles(tmp_path: Path) -> None:
    """A doubled id counts once, belongs to the source that is named first, and is counted in a note."""
    (tmp_path / "a.txt").write_text("user-1\nuser-2\nuser-1\n")
    (tmp_path / "b.txt").write_text("user-2\nuser-3\n")
    found = read(tmp_path, entry("b.txt"), entry("a.txt"), within=inline(["user-3"]))
    assert (found.ids.count, found.doubles) == (3, 3)
    assert [(note.code, note.message) for note in found.diagnostics] == [("MP0415", "3 doubles were merged")]
    wanted = memoryview(digest("user-1") + digest("user-2") + digest("user-3"))
    sources, offsets = found.origins.places(wanted)
    assert list(zip(sources.tolist(), offsets.tolist(), strict=True)) == [(2, 0), (1, 0), (0, 0)]


def test_same_ids_same_set(tmp_path: Path) -> None:
    """The order of sources and of ids changes neither the set nor its batches."""
    names = [f"user-{number}" for number in range(5000)]
    (tmp_path / "a.txt").write_text("\n".join(names))
    (tmp_path / "b.txt").write_text("\n".join(reversed(names)))
    one, other = read(tmp_path, entry("a.txt")), read(tmp_path, entry("b.txt"), entry("a.txt"))
    assert one.ids == other.ids
    assert cut(one.ids, 2000) == cut(other.ids, 2000)
    assert [batch.count for batch in cut(one.ids, 2000)] == [2000, 2000, 1000]


def test_any_order_can_be_asked_for(tmp_path: Path) -> None:
    """Raw ids come in the order of the digests they are asked by, across sources."""
    (tmp_path / "a.txt").write_text("user-1\nuser-2\n")
    (tmp_path / "b.csv").write_text('distinct_id\n"user-3"\nuser-4\n')
    found = read(tmp_path, entry("a.txt"), entry("b.csv", column="distinct_id"), within=inline(["user-5"]))
    names = ["user-4", "user-1", "user-5", "user-3", "user-2", "user-4"]
    asked = found.origins.raw_ids(memoryview(b"".join(map(digest, names))))
    assert names == list(asked)
    assert "user" not in repr(asked)


def test_nothing_declared(tmp_path: Path) -> None:
    """No sources, or files without ids, are an empty set."""
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf")
    (tmp_path / "c.jsonl").write_bytes(b"")
    (tmp_path / "d.csv").write_text("distinct_id\n")
    found = read(tmp_path, entry("?.txt"), entry("c.jsonl", field="x"), entry("d.csv", column="distinct_id"))
    assert (found.ids.count, list(found.origins.raw_ids(memoryview(b""))), found.diagnostics) == (0, [], ())
    assert read(tmp_path).ids.count == 0


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.csv", "a.jsonl"])
def test_changed_source_is_refused(tmp_path: Path, name: str) -> None:
    """A source that no longer holds what was planned is refused by its name, never by an id."""
    forms = {"a.csv": "distinct_id\n{}\n", "a.jsonl": '{{"distinct_id": "{}"}}\n'}
    form = forms.get(name, "{}\n")
    source = entry(name, column="distinct_id" if "csv" in name else None, field="distinct_id" if "jsonl" in name else None)
    write(str(tmp_path), name, form.format("user-1").encode())
    found = read(tmp_path, source)
    for other in (form.format("user-2").encode(), b""):
        write(str(tmp_path), name, other)
        with pytest.raises(SourceMoved) as refused:
            found.origins.raw_ids(found.ids.digests)
        assert refused.value.code == "MP0441"
        assert name in refused.value.message
        assert "user" not in refused.value.message + refused.value.hint
        found.origins.close()


def test_link_in_place_of_a_source_is_refused(tmp_path: Path) -> None:
    """A link put where a source was is not followed out of the workspace, even when the ids behind it are the same."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "a.txt").write_text("user-1\n")
    found = read(root, entry("a.txt"))
    (root / "a.txt").rename(tmp_path / "outside.txt")
    (root / "a.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(SourceMoved, match=r"a\.txt"):
        found.origins.raw_ids(found.ids.digests)


def test_unknown_digest_is_refused(tmp_path: Path) -> None:
    """An id that no source holds can't be sent."""
    (tmp_path / "a.txt").write_text("user-1\n")
    with pytest.raises(SourceMoved):
        read(tmp_path, entry("a.txt")).origins.raw_ids(memoryview(digest("user-2")))


@pytest.mark.parametrize(("before", "after"), [(b"user-1\n" * 9, b"user-2\n"), (b"user-1\n" * 9, b"")])
def test_source_that_changes_while_read(tmp_path: Path, before: bytes, after: bytes) -> None:
    """A source that another program is still writing, or truncates, is an error, not half a list."""
    path = tmp_path / "a.txt"
    path.write_bytes(before)

    def meddle(count: int) -> None:
        path.write_bytes(before + after if after else after)

    sources = IdSources(None, (entry("a.txt"),))
    found = scan(tmp_path, sources, KEY, bounds=Bounds(), allowed_placeholders=frozenset(), address="x", progress=meddle, block_bytes=16)
    assert errors(found) == ["MP0440 a.txt:1:1"]
