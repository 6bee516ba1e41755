"""What proves that sources are the same: their bytes and how they are read, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from mixpriv_reconcile.ids.guarded import NOTHING_GUARDED
from mixpriv_reconcile.ids.keys import random_key
from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS
from mixpriv_reconcile.ids.proofs import RULES, Prover
from mixpriv_reconcile.ids.scan import scan
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.ids import IdSources, SourceEntry
from mixpriv_reconcile.model.state import SourceRecord

from .workshop import ADDRESS, KEY, entry, inline

PROVER = Prover(KEY, Bounds(), frozenset())


@pytest.fixture
def sources(tmp_path: Path) -> IdSources:
    """An inline list, a text file and a table with two columns of ids."""
    (tmp_path / "ids.txt").write_text("user-1\nuser-2\nuser-1\n")
    (tmp_path / "table.csv").write_text("distinct_id,other\nuser-3,user-5\nuser-4,user-6\n")
    return IdSources(inline(["user-1", "user-9"]), (entry("ids.txt"), entry("table.csv", column="distinct_id")))


def proofs(root: Path, sources: IdSources, prover: Prover = PROVER) -> tuple[SourceRecord, ...]:
    found = scan(root, sources, KEY, bounds=Bounds(), allowed_placeholders=frozenset(), address=ADDRESS, prover=prover)
    assert {found.ids.sha256} == {proof.sha256 for proof in found.proofs}
    return found.proofs


def is_unchanged(root: Path, sources: IdSources, records: tuple[SourceRecord, ...], prover: Prover = PROVER) -> bool:
    found = prover.alike(root, sources, NOTHING_GUARDED, records)
    return found is not None and prover.are_unchanged(root, found, records)


def test_what_was_read_is_unchanged(tmp_path: Path, sources: IdSources) -> None:
    """The records of one reading prove the next, in any order of records and entries, and whatever the files' times."""
    records = proofs(tmp_path, sources)
    assert [("manifest.yaml", 2), ("ids.txt", 3), ("table.csv", 2)] == [(record.file, record.count) for record in records]
    os.utime(tmp_path / "ids.txt", (0, 0))
    assert is_unchanged(tmp_path, sources, records)
    assert is_unchanged(tmp_path, replace(sources, entries=sources.entries[::-1]), records[::-1])


def test_many_large_files_are_hashed_side_by_side(tmp_path: Path) -> None:
    """Files that are worth a thread each are proven, and missed, like small ones."""
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("".join(f"user-{number}-{at:0>60}\n" for at in range(50_000)))
    sources = IdSources(None, (entry("*.txt"),))
    records = proofs(tmp_path, sources)
    assert is_unchanged(tmp_path, sources, records)
    with (tmp_path / "2.txt").open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        file.write(b"x")
    assert not is_unchanged(tmp_path, sources, records)


def test_the_hash_is_the_documented_one(tmp_path: Path, sources: IdSources) -> None:
    """Another program computes the same hashes from `docs/reference/formats.md`."""
    prover = Prover(KEY, Bounds(), frozenset({"null", "anön"}))
    header = b'["csv", false, "distinct_id", "mixpriv/source/v1", 1024, 200, 50000000, "an\\u00f6n", "null"]\n'
    table = hmac.new(KEY.source, header + (tmp_path / "table.csv").read_bytes(), "sha256").hexdigest()
    header = b'["inline", "mixpriv/source/v1", 1024, 200, 50000000, "an\\u00f6n", "null"]\n'
    listed = hmac.new(KEY.source, header + struct.pack("<QQ", 6, 12) + b"user-1user-9", "sha256").hexdigest()
    found = proofs(tmp_path, sources, prover)
    assert [listed, table] == [found[0].keyed_hash, found[2].keyed_hash]


def test_other_placeholders_are_other_rules() -> None:
    """Another list of placeholders is another name of the rules: what was proven under the old one counts no more."""
    words = "\n".join(sorted(PLACEHOLDERS)).encode()
    assert ("mixpriv/source/v1", "44a3a737a93bf122c74edd58383a8f342e0bcbcdfb736d1ebb5823ebea463409") == (RULES, hashlib.sha256(words).hexdigest())


def test_packed_files_are_hashed_as_they_lie(tmp_path: Path) -> None:
    """A .gz file is proven without being unpacked."""
    (tmp_path / "ids.txt.gz").write_bytes(gzip.compress(b"user-1\nuser-2\n"))
    sources = IdSources(None, (entry("ids.txt.gz"),))
    records = proofs(tmp_path, sources)
    assert (tmp_path / "ids.txt.gz").stat().st_size == records[0].size
    assert is_unchanged(tmp_path, sources, records)


@pytest.mark.parametrize("change", ["a byte", "an order", "longer", "gone", "a file more", "an entry less", "inline", "no inline"])
def test_another_source_is_not_the_same(tmp_path: Path, sources: IdSources, change: str) -> None:
    """Whatever changes in the sources themselves is seen, also where size and times stay the same."""
    records = proofs(tmp_path, sources)
    path = tmp_path / "ids.txt"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    match change:
        case "a byte":
            path.write_text("user-1\nuser-3\nuser-1\n")
        case "an order":
            path.write_text("user-2\nuser-1\nuser-1\n")
        case "longer":
            path.write_text("user-1\nuser-2\nuser-1\nuser-1\n")
        case "gone":
            path.unlink()
        case "a file more":
            (tmp_path / "more.txt").write_text("user-1\n")
            sources = replace(sources, entries=(*sources.entries, entry("more.txt")))
        case "an entry less":
            sources = replace(sources, entries=sources.entries[1:])
        case "inline":
            sources = replace(sources, inline=inline(["user-1u", "ser-9"]))
        case "no inline":
            sources = replace(sources, inline=None)
    if path.exists():
        os.utime(path, ns=times)
    assert not is_unchanged(tmp_path, sources, records)


@pytest.mark.parametrize(
    ("prover", "column"),
    [
        (Prover(random_key(), Bounds(), frozenset()), "distinct_id"),
        (Prover(KEY, Bounds(id_bytes=16), frozenset()), "distinct_id"),
        (Prover(KEY, Bounds(ids_per_request=3), frozenset()), "distinct_id"),
        (Prover(KEY, Bounds(), frozenset({"anon"})), "distinct_id"),
        (PROVER, "other"),
    ],
)
def test_another_reading_is_not_the_same(tmp_path: Path, sources: IdSources, prover: Prover, column: str) -> None:
    """The same bytes under another key, other bounds, other allowed placeholders or another column prove nothing."""
    records = proofs(tmp_path, sources)
    other = replace(sources, entries=(sources.entries[0], entry("table.csv", column=column)))
    assert not is_unchanged(tmp_path, other, records, prover)


def test_a_comparison_that_is_stopped_proves_nothing(tmp_path: Path, sources: IdSources) -> None:
    """Whoever stops a comparison half-way has no proof."""
    records = proofs(tmp_path, sources)
    prover = Prover(KEY, Bounds(), frozenset())
    prover.stop()
    assert not is_unchanged(tmp_path, sources, records, prover)


def test_no_hash_is_not_a_hash(tmp_path: Path, sources: IdSources) -> None:
    """A record without a hash, as somebody could write it, doesn't prove a file that can't be read."""
    records = proofs(tmp_path, sources)
    fifo = tmp_path / "ids.txt"
    fifo.unlink()
    fifo.mkdir()
    forged = tuple(replace(record, keyed_hash="", size=fifo.stat().st_size) if record.file == "ids.txt" else record for record in records)
    assert not is_unchanged(tmp_path, sources, forged)


def test_a_source_that_may_not_be_read_is_not_the_same(tmp_path: Path, sources: IdSources) -> None:
    """A link that leaves the workspace, put in a file's place, isn't followed even where it leads to the same bytes."""
    records = proofs(tmp_path, sources)
    outside = tmp_path.with_name(f"{tmp_path.name}-outside.txt")
    (tmp_path / "ids.txt").rename(outside)
    (tmp_path / "ids.txt").symlink_to(outside)
    assert not is_unchanged(tmp_path, sources, records)


def test_entries_are_matched_by_what_they_find(tmp_path: Path) -> None:
    """A glob that finds one file more is another source, although the manifest is the same."""
    (tmp_path / "a.txt").write_text("user-1\n")
    sources = IdSources(None, (SourceEntry("*.txt", "", entry("x").span),))
    records = proofs(tmp_path, sources)
    assert is_unchanged(tmp_path, sources, records)
    (tmp_path / "b.txt").write_text("user-2\n")
    assert not is_unchanged(tmp_path, sources, records)
