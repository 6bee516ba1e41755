"""Files of distinct ids, always the same ones: ids number *start* to *start + count* of one endless row of UUIDs.

Run as a program of its own, so that the measuring process stays small (see `measure`):

    python benchmarks/data.py FORMAT START COUNT PATH        FORMAT: txt, csv, ndjson, txt.gz
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 20261123
ID_BYTES = 36

ROWS = {
    "txt": (b"", b"%s\n"),
    "csv": (b"distinct_id,plan\n", b"%s,free\n"),
    "ndjson": (b"", b'{"distinct_id":"%s","plan":"free"}\n'),
}
"""What a file starts with, and how one id stands in it."""

CHUNK_IDS = 500_000
"""Some 20 to 40 MB at a time."""

HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
HEX_PLACES = np.array([place for place in range(ID_BYTES) if place not in (8, 13, 18, 23)])


def ids(start: int, count: int) -> NDArray[np.uint8]:
    """Ids *start* to *start + count* as text: one row of 36 characters each."""
    bits = np.random.PCG64(SEED)
    bits.advance(2 * start)
    raw = bits.random_raw(2 * count).astype("<u8").view(np.uint8).reshape(count, 16)
    text = np.full((count, ID_BYTES), ord("-"), np.uint8)
    text[:, HEX_PLACES[0::2]] = HEX[raw >> 4]
    text[:, HEX_PLACES[1::2]] = HEX[raw & 15]
    return text


def chunks(row: bytes, start: int, count: int) -> Iterator[bytes]:
    """The rows of a file, many at a time."""
    place = row.index(b"%s")
    pattern = np.frombuffer(row.replace(b"%s", b"-" * ID_BYTES), np.uint8)
    for first in range(start, start + count, CHUNK_IDS):
        size = min(CHUNK_IDS, start + count - first)
        lines = np.tile(pattern, (size, 1))
        lines[:, place : place + ID_BYTES] = ids(first, size)
        yield lines.tobytes()


def write(format: str, start: int, count: int, path: Path) -> None:
    """Write the file at *path*; it appears whole or not at all."""
    head, row = ROWS[format.removesuffix(".gz")]
    partial = path.with_name(path.name + ".part")
    # The file name and the time are left out of the gzip header, so that the same ids are the same bytes.
    with partial.open("wb") as plain:
        file = gzip.GzipFile("", "wb", 6, plain, mtime=0) if format.endswith(".gz") else plain
        file.write(head)
        for chunk in chunks(row, start, count):
            file.write(chunk)
        if file is not plain:
            file.close()
    os.replace(partial, path)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
