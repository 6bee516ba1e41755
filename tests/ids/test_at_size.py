"""Sources of several MiB, read in blocks of the usual size, against the plainest reading of the same."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from mixpriv_reconcile.ids.findings import SHOWN
from mixpriv_reconcile.ids.scan import BLOCK_BYTES, Scan

from .workshop import digest, digests, entry, errors, pieces, read

ALPHABET = "abcdefghijklmnopqrstuvwxyzäß€漢😀"


def people(count: int, seed: int) -> list[str]:
    """Ids of all lengths up to some blocks of the cipher, a few far longer, every tenth a double."""
    source = random.Random(seed)
    found: list[str] = []
    for number in range(count):
        if number % 10 == 9:
            found.append(source.choice(found))
        else:
            length = source.choice((5, 15, 16, 17, 31, 32, 33, 36, 60, 250))
            found.append(f"u{number}" + "".join(source.choices(ALPHABET, k=length)))
    return found


def as_text(ids: list[str]) -> str:
    return "\r\n".join(ids) + "\r\n"


def as_csv(ids: list[str]) -> str:
    """A table with a note of two lines in every third row, in front of the id."""
    rows = [('"said ""no"",\ntwice"' if number % 3 == 0 else "plain") + f",{value}" for number, value in enumerate(ids)]
    return "note,distinct_id\n" + "\n".join(rows) + "\n"


def as_ndjson(ids: list[str]) -> str:
    lines = (json.dumps({"distinct_id": value, "n": number}, ensure_ascii=number % 2 == 0) for number, value in enumerate(ids))
    return "\n".join(lines)


FORMATS: dict[str, tuple[Callable[[list[str]], str], dict[str, str]]] = {
    "ids.txt": (as_text, {}),
    "ids.csv": (as_csv, {"column": "distinct_id"}),
    "ids.ndjson": (as_ndjson, {"field": "distinct_id"}),
}


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("name", FORMATS)
def test_many_blocks_are_read_as_one(tmp_path: Path, name: str, packed: str) -> None:
    """Ids that lie across the borders of blocks, beside doubles and multi-line fields, are found, and found again, exactly."""
    ids = people(50_000, seed=11)
    written, selector = FORMATS[name]
    content = written(ids).encode()
    assert len(content) > 3 * BLOCK_BYTES
    (tmp_path / (name + packed)).write_bytes(gzip.compress(content, 1) if packed else content)
    found = read(tmp_path, entry(name + packed, **selector))
    assert ([], len(ids) - len(set(ids))) == (errors(found), found.doubles)
    assert digests(ids) == pieces(found.ids.digests)
    some = random.Random(12).sample(sorted(set(ids)), 3000)
    assert found.origins is not None
    assert some == list(found.origins.raw_ids(memoryview(b"".join(map(digest, some)))))
    found.origins.close()


def test_millions_of_doubles(tmp_path: Path) -> None:
    """Three million repetitions of one id are one id, and where it stands first is where it is read again."""
    (tmp_path / "ids.txt").write_bytes(b"user-1\n" * 1_500_000 + b"user-2\n" + b"user-1\n" * 1_500_000)
    found = read(tmp_path, entry("ids.txt"))
    assert (2, 2_999_999, digests(["user-1", "user-2"])) == (found.ids.count, found.doubles, pieces(found.ids.digests))
    assert found.origins is not None
    _, offsets = found.origins.places(memoryview(digest("user-1") + digest("user-2")))
    assert [0, 1_500_000 * len("user-1\n")] == offsets.tolist()


BAD = {"": "MP0411", "anonymous": "MP0412", "N/A": "MP0412", "x" * 1025: "MP0413"}


def found_bad(lines: list[str], name: str, first_line: int, column: int) -> list[str]:
    return [f"{BAD[line]} {name}:{number}:{column}" for number, line in enumerate(lines, first_line) if line in BAD]


def check_offenders(found: Scan, expected: list[str]) -> None:
    assert len(expected) > 10 * SHOWN
    assert expected[:SHOWN] == errors(found)
    (more,) = [note.message for note in found.diagnostics if note.code == "MP0416"]
    assert f"{len(expected) - SHOWN:,} more like these are not shown" == more


@pytest.mark.parametrize("seed", range(3))
def test_the_first_offenders_are_named(tmp_path: Path, seed: int) -> None:
    """Of thousands of offenders the first twenty come with their file, line and column, and the rest as one exact count."""
    source = random.Random(seed)
    good = people(60_000, seed)
    lines = [source.choice(list(BAD)) if source.random() < 0.01 else value for value in good]
    (tmp_path / "ids.txt").write_text("\n".join(lines) + "\n", "utf-8")
    check_offenders(read(tmp_path, entry("ids.txt")), found_bad(lines, "ids.txt", 1, 1))
    (tmp_path / "ids.csv").write_text("äö,id\n" + "".join(f"äö,{value}\n" for value in lines), "utf-8")
    check_offenders(read(tmp_path, entry("ids.csv", column="id")), found_bad(lines, "ids.csv", 2, 4))
