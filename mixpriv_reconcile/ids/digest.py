"""Distinct ids → their keyed 16-byte digests, in bulk."""

from __future__ import annotations

import functools

from mixpriv_reconcile.ids.arrays import Ints, Rows, np
from mixpriv_reconcile.ids.cmac import Cmac
from mixpriv_reconcile.ids.keys import DigestKey

__all__ = ["Digester", "digester_of"]

_WINDOW_BYTES = 4 * 2**20


class Digester:
    """Digests under one key. The result's memory, row after row, is 16 bytes an id: `rows.flat` gives it as a buffer."""

    __slots__ = ("_cmac",)

    def __init__(self, key: DigestKey) -> None:
        self._cmac = Cmac(key.aes)

    def digest(self, blob: bytes | memoryview, ends: Ints) -> Rows:
        """The digests of packed ids: id *i* is `blob[ends[i-1]:ends[i]]`."""
        ends = np.asarray(ends, np.int64)
        starts = np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1]))
        if len(blob) <= _WINDOW_BYTES:
            return self._cmac.tags(blob, starts, ends)
        view = memoryview(blob).cast("B")
        rows: Rows = np.empty((len(ends), 2), np.uint64)
        first = 0
        while first < len(ends):
            origin = int(starts[first])
            beyond = max(first + 1, int(np.searchsorted(ends, origin + _WINDOW_BYTES, "right")))
            window = view[origin : int(ends[beyond - 1])]
            rows[first:beyond] = self._cmac.tags(window, starts[first:beyond] - origin, ends[first:beyond] - origin)
            first = beyond
        return rows

    def digest_spans(self, blob: bytes | memoryview, starts: Ints, ends: Ints) -> Rows:
        """The digests of ids that lie anywhere in one chunk of a few MiB: id *i* is `blob[starts[i]:ends[i]]`."""
        return self._cmac.tags(blob, starts, ends)


@functools.lru_cache(maxsize=1)
def digester_of(key: DigestKey) -> Digester:
    """The digester of a run's key, made once, for thousands of requests have a few ids each; for one thread at a time, too."""
    return Digester(key)
