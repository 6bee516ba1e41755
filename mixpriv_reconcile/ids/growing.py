"""An array that grows at its end without ever lying in memory twice."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from mixpriv_reconcile.ids.arrays import NDArray, np

__all__ = ["Growing"]

_Word = TypeVar("_Word", bound=np.generic)


class Growing(Generic[_Word]):
    """Rows of *width* words each, or bare words for width 1."""

    __slots__ = ("_array", "_count")

    def __init__(self, word: type[_Word], width: int = 1) -> None:
        self._array: NDArray[_Word] = np.empty((0, width) if width > 1 else (0,), word)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, rows: NDArray[Any]) -> None:
        """Add *rows* at the end."""
        needed = self._count + len(rows)
        if needed > len(self._array):
            # realloc moves pages, not bytes, once the array is large; nothing else refers to it (`finish` ends that)
            self._array.resize((max(needed, len(self._array) * 5 // 4), *self._array.shape[1:]), refcheck=False)
        self._array[self._count : needed] = rows
        self._count = needed

    def finish(self) -> NDArray[_Word]:
        """The array, cut to its length; this one is empty then."""
        array, count = self._array, self._count
        self._array, self._count = np.empty((0, *array.shape[1:]), array.dtype), 0
        array.resize((count, *array.shape[1:]), refcheck=False)
        return array
