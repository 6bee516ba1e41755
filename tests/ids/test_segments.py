from __future__ import annotations

import hashlib
import mmap
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.errors import StateDamaged, StateTooNew
from mixpriv_reconcile.ids.segments import decode, encode, merge, name

DIGESTS = st.integers(0, 2**128 - 1).map(lambda number: number.to_bytes(16, "big")) | st.integers(0, 9).map(
    lambda number: (number << 64 | number % 3).to_bytes(16, "big")
)
BATCHES = st.integers(0, 2**32 - 1)
SEGMENTS = st.dictionaries(DIGESTS, BATCHES, max_size=30)


def part(batches: dict[bytes, int]) -> tuple[memoryview, memoryview]:
    ascending = sorted(batches)
    numbers = b"".join(struct.pack("<I", batches[digest]) for digest in ascending)
    return memoryview(b"".join(ascending)), memoryview(numbers)


def content(batches: dict[bytes, int]) -> bytes:
    return b"".join(encode(part(batches)))


def batches_of(buffer: bytes) -> dict[bytes, int]:
    segment = decode(buffer, expected_sha256=name(buffer))
    numbers = struct.unpack(f"<{segment.count}I", segment.batches)
    return {bytes(segment.digests[16 * at : 16 * at + 16]): numbers[at] for at in range(segment.count)}


FEW = content({bytes([at]) * 16: at for at in range(3)})


def rehashed(buffer: bytes) -> str:
    return hashlib.sha256(buffer).hexdigest()


@given(SEGMENTS)
def test_round_trip(batches: dict[bytes, int]) -> None:
    """A segment gives back exactly the ids and batch numbers that it was written with."""
    assert batches == batches_of(content(batches))


def test_layout_is_pinned() -> None:
    """The bytes of a segment are those that the format's page shows, so that other programs can read it."""
    expected = "4d50534547010d0a" + "01000000" + "00000000" + "0200000000000000" + "0000000000000000"
    expected += "11" * 16 + "22" * 16 + "07000000" + "08000000"
    assert bytes.fromhex(expected) == content({b"\x22" * 16: 8, b"\x11" * 16: 7})


def test_mapped_file(tmp_path: Path) -> None:
    """A segment is read where it lies, mapped into memory."""
    (tmp_path / name(FEW)).write_bytes(FEW)
    with (tmp_path / name(FEW)).open("rb") as file:
        segment = decode(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), expected_sha256=name([FEW]))
    assert (3, bytes([2]) * 16) == (segment.count, bytes(segment.digests[32:]))


@settings(max_examples=200)
@given(st.integers(0, len(FEW) - 1), st.integers(1, 255))
def test_altered_byte(at: int, change: int) -> None:
    """Whichever byte of a segment is altered, it is refused as damaged, never read, never taken for a newer format."""
    altered = FEW[:at] + bytes([FEW[at] ^ change]) + FEW[at + 1 :]
    with pytest.raises(StateDamaged) as refused:
        decode(altered, expected_sha256=name(FEW))
    assert refused.value.code == "MP0511"


@pytest.mark.parametrize("size", range(len(FEW)))
def test_cut_off(size: int) -> None:
    """A segment that is cut off anywhere is damaged; an empty one isn't a new one."""
    with pytest.raises(StateDamaged):
        decode(FEW[:size], expected_sha256=name(FEW))


@pytest.mark.parametrize(
    ("at", "octet", "error", "says"),
    [
        (8, 2, StateTooNew, "version 2"),
        (8, 0, StateDamaged, "header"),
        (12, 1, StateTooNew, "flags 0x1"),
        (15, 128, StateTooNew, "flags 0x80000000"),
        (16, 2, StateDamaged, "92 bytes where 2 ids take 72"),
        (24, 1, StateDamaged, "header"),
        (32, 9, StateDamaged, "don't ascend"),
    ],
)
def test_foreign_content(at: int, octet: int, error: type[Exception], says: str) -> None:
    """A segment that is whole but not of this format is refused, and the message says what about it is strange."""
    foreign = FEW[:at] + bytes([octet]) + FEW[at + 1 :]
    with pytest.raises(error, match=says):
        decode(foreign, expected_sha256=rehashed(foreign))


def test_doubles_are_refused() -> None:
    """A segment holds each id once."""
    twice = FEW[:16] + struct.pack("<QQ", 2, 0) + b"\x01" * 32 + bytes(8)
    with pytest.raises(StateDamaged, match="ascend"):
        decode(twice, expected_sha256=rehashed(twice))
    with pytest.raises(ValueError, match="ascend"):
        encode((memoryview(b"\x01" * 32), 1))


@given(st.lists(SEGMENTS, max_size=6))
def test_merge(segments: list[dict[bytes, int]]) -> None:
    """Merged segments say of every id what the latest of them says."""
    latest: dict[bytes, int] = {}
    for batches in segments:
        latest |= batches
    assert latest == batches_of(b"".join(merge([part(batches) for batches in segments])))


@given(SEGMENTS, SEGMENTS)
def test_merge_of_decoded(old: dict[bytes, int], new: dict[bytes, int]) -> None:
    """Segments merge as they were read."""
    segments = [decode(content(batches), expected_sha256=name(content(batches))) for batches in (old, new)]
    assert old | new == batches_of(b"".join(merge(segments)))
