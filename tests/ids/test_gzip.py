from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import SourceMoved
from mixpriv_reconcile.model.bounds import Bounds

from .workshop import digests, entry, errors, pieces, read

IDS = [f"user-{number}-{random.Random(number).random()}" for number in range(4000)]
PACKED = gzip.compress("\n".join(IDS).encode())


@pytest.mark.parametrize("block", [1000, 2**20])
def test_several_members(tmp_path: Path, block: int) -> None:
    """A packed file may be several packed files one behind the other, cut anywhere."""
    half = gzip.compress(b"user-1\nuser-") + gzip.compress(b"") + gzip.compress(b"2\n")
    (tmp_path / "a.txt.gz").write_bytes(half + PACKED)
    found = read(tmp_path, entry("a.txt.gz"), block_bytes=block)
    assert errors(found) == []
    assert digests([*IDS, "user-1", "user-2"]) == pieces(found.ids.digests)


@pytest.mark.parametrize("block", [1, 1000, 2**20])
@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("MP0436", b""),
        ("MP0436", b"user-1\nuser-2\n"),
        ("MP0436", gzip.compress(b"user-1\n", mtime=0)[:-1]),
        ("MP0436", gzip.compress(b"user-1\n", mtime=0)[:-9]),
        ("MP0436", gzip.compress(b"user-1\n", mtime=0)[:5]),
        ("MP0436", gzip.compress(b"user-1\n", mtime=0)[:-6] + b"\0\0" + gzip.compress(b"user-1\n", mtime=0)[-4:]),
        ("MP0438", gzip.compress(b"user-1\n", mtime=0) + b"user-2\n"),
        ("MP0438", gzip.compress(b"user-1\n", mtime=0) + b"\0" * 512),
    ],
)
def test_damage(tmp_path: Path, code: str, content: bytes, block: int) -> None:
    """A packed file that is cut off, altered or followed by something else is an error, not a shorter list."""
    (tmp_path / "a.txt.gz").write_bytes(content)
    assert [f"{code} a.txt.gz:1:1"] == errors(read(tmp_path, entry("a.txt.gz"), block_bytes=block))


@pytest.mark.parametrize("block", [2**16, 2**20])
def test_bomb(tmp_path: Path, block: int) -> None:
    """A small file that unpacks to more than 200 times its size is refused beyond its first MiB, unless the bound is raised."""
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"user-1\n" * (2**21 // 7)))
    assert errors(read(tmp_path, entry("a.txt.gz"), block_bytes=block)) == ["MP0437 a.txt.gz:1:1"]
    assert errors(read(tmp_path, entry("a.txt.gz"), bounds=Bounds(gzip_ratio=2000), block_bytes=block)) == []
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"user-1\n" * (2**20 // 7)))
    assert errors(read(tmp_path, entry("a.txt.gz"), block_bytes=block)) == []


def test_raw_ids_of_packed_files(tmp_path: Path) -> None:
    """Ids of a packed file are read again from a private copy, which is gone afterwards."""
    (tmp_path / "a.txt.gz").write_bytes(PACKED)
    found = read(tmp_path, entry("a.txt.gz"))
    assert set(IDS) == set(found.origins.raw_ids(found.ids.digests))
    copies = [path for path in (tmp_path / ".mixpriv" / "spool").rglob("*") if path.is_file()]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in copies}
    found.origins.close()
    assert [path.name for path in (tmp_path / ".mixpriv" / "spool").rglob("*")] == [".door"]
    assert len(found.origins.raw_ids(found.ids.digests[:16])) == 1
    found.origins.close()


def test_packed_file_that_vanished(tmp_path: Path) -> None:
    """A packed source that can't be read any more is named."""
    (tmp_path / "a.txt.gz").write_bytes(PACKED)
    found = read(tmp_path, entry("a.txt.gz"))
    (tmp_path / "a.txt.gz").unlink()
    with pytest.raises(SourceMoved, match=r"a\.txt\.gz"):
        found.origins.raw_ids(found.ids.digests)
