from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.ids.arrays import np
from mixpriv_reconcile.ids.few import FEW, are_few, findings_of_few
from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS
from mixpriv_reconcile.ids.rules import Rules
from mixpriv_reconcile.ids.sieve import Sieve
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.ids import IdSources

from .workshop import ADDRESS, entry, errors, inline, printed, read

CANARY = "canary-4711"


def source(root: Path, name: str, content: bytes):  # type: ignore[no-untyped-def]
    (root / name).write_bytes(content)
    return entry(name, column="uid" if name.endswith(".csv") else None, field="uid" if name.endswith("jsonl") else None)


@pytest.mark.parametrize("block", [1, 5, 2**20])
@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "u1\n\nu2\n", ["MP0411 a.txt:2:1"]),
        ("a.txt", "\n", ["MP0411 a.txt:1:1"]),
        ("a.txt", "\r\n", ["MP0411 a.txt:1:1"]),
        ("a.txt", "\r\n\r\nu\r\n", ["MP0411 a.txt:1:1", "MP0411 a.txt:2:1"]),
        ("a.txt", "u1\n\n\n", ["MP0411 a.txt:2:1", "MP0411 a.txt:3:1"]),
        ("a.txt", "\ufeffnull\nNoNe\n", ["MP0412 a.txt:1:1", "MP0412 a.txt:2:1"]),
        ("a.txt", "u\r", []),
        ("a.txt", "null\r", []),
        ("a.txt", "00000000-0000-0000-0000-000000000000\n0\n-1\n00\n", ["MP0412 a.txt:1:1", "MP0412 a.txt:2:1", "MP0412 a.txt:3:1"]),
        ("a.txt", b"u1\nb\xc3\xa9\xff\nu2\n\xff\n", ["MP0420 a.txt:2:3", "MP0420 a.txt:4:1"]),
        ("a.txt", "u1\nu2\n".encode("utf-16"), ["MP0420 a.txt:1:1"]),
        ("a.csv", "", ["MP0422 a.csv:1:1"]),
        ("a.csv", "id\nx\n", ["MP0422 a.csv:1:1"]),
        ("a.csv", "uid,uid\nx,y\n", ["MP0423 a.csv:1:1"]),
        ("a.csv", "uid\n\nx\n", ["MP0411 a.csv:2:1"]),
        ("a.csv", "n,uid\n\r\nx,y\n", ["MP0411 a.csv:2:1"]),
        ("a.csv", 'n,uid\nü,\nx,""\n', ["MP0411 a.csv:2:3", "MP0411 a.csv:3:3"]),
        ("a.csv", 'n,uid\n"a\nü,b",null\n', ["MP0412 a.csv:3:6"]),
        ("a.csv", "n,uid\nx\ny,u1\n", ["MP0424 a.csv:2:1"]),
        ("a.csv", "n,uid\nx,u,1\n", ["MP0424 a.csv:2:1"]),
        ("a.csv", 'uid,n\nu1,"x\nu2,y\nu3,z', ["MP0425 a.csv:2:4"]),
        ("a.csv", 'uid\nu1\n"u2', ["MP0425 a.csv:3:1"]),
        ("a.csv", 'uid,n\nu1,x\nu2,ü"y"\nu3,\n', ["MP0426 a.csv:3:5"]),
        ("a.csv", 'uid,n\nu1,x\n\nu2,"y" \nu3,\n', ["MP0411 a.csv:3:1", "MP0426 a.csv:4:4"]),
        ("a.csv", 'uid,n\nu1,"x\nu2,"y"\n', ["MP0426 a.csv:2:4"]),
        ("a.csv", b"uid,n\nu1,\xff\n", ["MP0420 a.csv:2:4"]),
        ("a.csv", 'uid\n"x"\r', ["MP0426 a.csv:2:1"]),
        ("a.jsonl", '{"uid": "u"}\n\n', ["MP0411 a.jsonl:2:1"]),
        ("a.jsonl", '{"uid": ""}\n', ["MP0411 a.jsonl:1:9"]),
        ("a.jsonl", '{"ü": [{}], "uid": "undefined"}\n', ["MP0412 a.jsonl:1:20"]),
        (
            "a.jsonl",
            '["uid"]\n"uid"\n{"uid"}\n{"uid": "u",}\n{"uid": "u"} x\n',
            [f"MP0431 a.jsonl:{at}" for at in ("1:1", "2:1", "3:7", "4:13", "5:14")],
        ),
        ("a.jsonl", '{"uid": "u", "n": NaN}\n{"uid": "u\n"}\n', ["MP0431 a.jsonl:1:19", "MP0431 a.jsonl:2:9", "MP0431 a.jsonl:3:1"]),
        ("a.jsonl", '{}\n{"id": {"uid": "u"}}\n', ["MP0432 a.jsonl:1:1", "MP0432 a.jsonl:2:1"]),
        (
            "a.jsonl",
            '{"uid": 17}\n{"uid": null}\n{"n": 1, "uid": ["u"]}\n',
            ["MP0433 a.jsonl:1:9", "MP0433 a.jsonl:2:9", "MP0433 a.jsonl:3:17"],
        ),
        ("a.jsonl", r'{"uid": "u\ud800"}' + "\n" + r'{"uid": "\ud83d\ude00"}', ["MP0434 a.jsonl:1:9"]),
        ("a.jsonl", '{"uid": "u", "uid": "v"}\n' + r'{"uid": "u", "\u0075id": "v"}', ["MP0435 a.jsonl:1:21", "MP0435 a.jsonl:2:26"]),
        ("a.jsonl", b'{"uid": "\xff"}\n{"uid": "u"}\n', ["MP0420 a.jsonl:1:10"]),
        ("a.jsonl", "[" * 100_000, ["MP0431 a.jsonl:1:1"]),
    ],
)
def test_places(tmp_path: Path, name: str, content: str | bytes, expected: list[str], block: int) -> None:
    """What is wrong in a source is reported at its own file, line and column, however the file is cut while reading."""
    octets = content if isinstance(content, bytes) else content.encode()
    assert expected == errors(read(tmp_path, source(tmp_path, name, octets), block_bytes=block))


@pytest.mark.parametrize("value", sorted(PLACEHOLDERS))
def test_placeholders(tmp_path: Path, value: str) -> None:
    """Each of the 17 placeholder ids is refused in any case, and allowed where the policy lists it."""
    lines = source(tmp_path, "a.txt", f"{value.upper()}\n{value}x\nx{value}\n{value}\n".encode())
    assert errors(read(tmp_path, lines)) == ["MP0412 a.txt:1:1", "MP0412 a.txt:4:1"]
    assert errors(read(tmp_path, within=inline(["user-1", value]))) == ["MP0412 manifest.yaml:11:5"]
    allowed = read(tmp_path, lines, allowed=[value])
    assert ([], len({value, value.upper()}) + 2) == (errors(allowed), allowed.ids.count)


def test_there_are_17_placeholders() -> None:
    """Mixpanel's importer refuses 17 values; so do we."""
    assert len(PLACEHOLDERS) == 17


@given(st.lists(st.sampled_from(sorted(PLACEHOLDERS)) | st.text(max_size=12), max_size=20))
def test_rules_are_one_by_one(ids: list[str]) -> None:
    """An id is judged by itself alone."""
    packed = [value.encode() for value in ids]
    ends = np.cumsum([len(value) for value in packed], dtype=np.int64)
    found = Sieve(Rules(10, frozenset())).offenders(b"".join(packed), ends - [len(value) for value in packed], ends)
    lowered = [value.lower() for value in packed]
    refused = [not value or len(value) > 10 or value.decode() in PLACEHOLDERS for value in lowered]
    assert [at for at, bad in enumerate(refused) if bad] == found.tolist()


def test_length_is_in_bytes(tmp_path: Path) -> None:
    """An id may have 1,024 bytes and no more, unless the bound is raised; its message says the length and not the id."""
    lines = source(tmp_path, "a.txt", ("ü" * 512 + "\n" + "u" + "ü" * 512 + "\n").encode())
    found = read(tmp_path, lines)
    assert errors(found) == ["MP0413 a.txt:2:1"]
    assert "1,025 bytes" in found.diagnostics[0].message
    assert "üü" not in printed(found)
    assert errors(read(tmp_path, lines, bounds=Bounds(id_bytes=1025))) == []


@pytest.mark.parametrize("block", [4096, 2**20, 2**23])
@pytest.mark.parametrize(
    ("name", "head", "tail"), [("a.txt", "", ""), ("a.csv", "n,uid\n", ",u1"), ("a.jsonl", "", ""), ("a.csv", 'n,uid\n"', '",u1')]
)
def test_endless_lines(tmp_path: Path, name: str, head: str, tail: str, block: int) -> None:
    """A line of more than 1 MiB is an error at its start, not memory that grows."""
    found = read(tmp_path, source(tmp_path, name, (head + "x" * (3 * 2**20) + tail + "\n").encode()), block_bytes=block)
    assert len(errors(found)) == 1
    code, place = errors(found)[0].split()
    assert code in ("MP0421", "MP0425")
    assert place == f"{name}:{head.count(chr(10)) + 1}:1"


def test_first_twenty(tmp_path: Path) -> None:
    """Of many offending ids the first twenty are shown, over all sources of the request, and the rest is counted."""
    first = source(tmp_path, "a.txt", b"\n" * 7)
    second = source(tmp_path, "b.txt", b"null\n\n" * 50)
    found = read(tmp_path, first, second, within=inline(["", "u", "nil"]), block_bytes=16)
    assert len(errors(found)) == 20
    assert errors(found)[:3] == ["MP0411 manifest.yaml:10:5", "MP0412 manifest.yaml:12:5", "MP0411 a.txt:1:1"]
    notes = [note.message for note in found.diagnostics if note.code == "MP0416"]
    assert notes == ["89 more like these are not shown"]


def test_too_many(tmp_path: Path) -> None:
    """A request has at most the bound's number of ids; reading stops there."""
    lines = source(tmp_path, "a.txt", b"u1\nu2\nu3\n")
    assert errors(read(tmp_path, lines, bounds=Bounds(ids_per_request=3))) == []
    assert errors(read(tmp_path, lines, bounds=Bounds(ids_per_request=2))) == ["MP0414 manifest.yaml:7:9"]
    assert errors(read(tmp_path, within=inline("abc"), bounds=Bounds(ids_per_request=2))) == ["MP0414 None"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", f"{CANARY}\n{CANARY}2\n"),
        ("a.csv", f"{CANARY},{CANARY}@example.com\n"),
        ("a.csv", f'uid\n"{CANARY}\n'),
        ("a.csv", f'uid\n{CANARY}"x\n'),
        ("a.csv", f"n,uid\n{CANARY}\n"),
        ("a.jsonl", f'{{"id": "{CANARY}"}}\n'),
        ("a.jsonl", f'{{"uid": "{CANARY}", "uid": "{CANARY}"}}\n'),
        ("a.jsonl", f'{{"uid": "{CANARY}"\n'),
        ("a.jsonl", f'{{"uid": "{CANARY}\\ud800"}}\n'),
        ("a.txt", CANARY * 100 + "\n"),
        ("a.txt", CANARY + "\ud800\n"),
    ],
)
def test_no_id_in_messages(tmp_path: Path, name: str, content: str) -> None:
    """No message holds an id, not even where a file lacks its header."""
    found = read(tmp_path, source(tmp_path, name, content.encode("utf-8", "surrogatepass")))
    assert len(errors(found)) == 1
    assert "canary" not in printed(found)


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("distinct_id,email,$created_at", "the header has 'distinct_id', 'email', '$created_at'"),
        ("UID,alice", "the header has 'UID'"),
        ("alice", "the first row must name the columns"),
        ("uid;email", "the fields seem to be divided by semicolons; write the file with commas"),
    ],
)
def test_header_hints(tmp_path: Path, header: str, hint: str) -> None:
    """A missing column is answered with the columns there are, as far as these can't be ids."""
    found = read(tmp_path, source(tmp_path, "a.csv", f"{header}\nx,y,z\n".encode()))
    assert ("MP0422", hint) == (found.diagnostics[0].code, found.diagnostics[0].hint)


FLAWED = st.sampled_from(["", "u1", "u2", "u3", "NULL", "anonymous", "ä" * 600, "x" * 1025, "line\nline", "Unknown", "zz"])


@given(values=st.lists(FLAWED, max_size=60), bound=st.sampled_from([4, 16, 1024]), allowed=st.sets(st.sampled_from(["null", "unknown"])))
def test_few_ids_are_judged_like_many(values: list[str], bound: int, allowed: set[str]) -> None:
    """A short inline list, checked without arrays, has the findings that reading it as a source of any size has."""
    within, bounds = inline(values), Bounds(id_bytes=bound)
    expected = read(Path(), within=within, bounds=bounds, allowed=allowed).diagnostics
    sources = IdSources(within)
    assert expected == findings_of_few(sources, bounds=bounds, allowed_placeholders=frozenset(allowed), address=ADDRESS)


def test_what_few_ids_are() -> None:
    """A list above the number that is worth a library, or above its bound, and every file, is read as a source."""
    assert are_few([IdSources(inline(["u1"] * (FEW - 1))), IdSources(inline(["u1"]))], Bounds())
    assert are_few([IdSources()], Bounds())
    assert not are_few([IdSources(inline(["u1"] * FEW)), IdSources(inline(["u1"]))], Bounds())
    assert not are_few([IdSources(inline(["u1", "u2"]))], Bounds(ids_per_request=1))
    assert not are_few([IdSources(None, (entry("ids.txt"),))], Bounds())
