"""What a distinct id may not be: empty, a placeholder, or longer than the bound. Whole chunks at a time."""

from __future__ import annotations

import functools

from mixpriv_reconcile.ids.arrays import Bools, Ints, np
from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS

__all__ = ["Rules", "rules_of"]


class Rules:
    """The rules of one run. Ids in *allowed* are let through though they are placeholders."""

    __slots__ = ("_edges", "_id_bytes", "_longest", "_refused")

    def __init__(self, id_bytes: int, allowed: frozenset[str]) -> None:
        self._id_bytes = id_bytes
        self._refused = {value.encode() for value in PLACEHOLDERS - {_folded(value.encode()).decode() for value in allowed}}
        self._longest = max(map(len, self._refused), default=0)
        # by length: may an id begin, or end, with this byte and be a placeholder?
        self._edges: Bools = np.zeros((2, self._longest + 1, 256), np.bool_)
        for value in self._refused:
            for edge, octet in enumerate((value[0], value[-1])):
                self._edges[edge, len(value), [octet, ord(chr(octet).upper())]] = True

    def offenders(self, blob: bytes, starts: Ints, ends: Ints) -> Ints:
        """Positions of the ids `blob[starts[i]:ends[i]]` that a rule refuses, ascending."""
        lengths = ends - starts
        refused = (lengths == 0) | (lengths > self._id_bytes)
        likely = np.flatnonzero((lengths > 0) & (lengths <= self._longest))
        if len(likely):
            octets = np.frombuffer(blob, np.uint8)
            likely = likely[self._edges[0][lengths[likely], octets[starts[likely]]]]
            likely = likely[self._edges[1][lengths[likely], octets[ends[likely] - 1]]]
            for index in likely.tolist():
                refused[index] = _folded(blob[starts[index] : ends[index]]) in self._refused
        return np.flatnonzero(refused)

    def wording(self, value: bytes) -> tuple[str, str, str]:
        """Code, message and hint for an id that `offenders` named; the id itself isn't in them."""
        if not value:
            return "MP0411", "this distinct id is empty", "fill it in, or remove the line"
        if len(value) > self._id_bytes:
            message = f"this distinct id has {len(value):,} bytes; at most {self._id_bytes:,} are allowed"
            return "MP0413", message, "check that the file has line ends and the right column; or set MIXPRIV_MAX_ID_BYTES"
        name = _folded(value).decode()
        message = f"this distinct id is the placeholder {name!r}, which many users may share"
        return "MP0412", message, "remove it; if it is a real id, list it in `policy.allow_placeholder_ids`"


@functools.lru_cache(maxsize=1)
def rules_of(id_bytes: int, allowed: frozenset[str]) -> Rules:
    """The rules of a run, made once for all of its requests."""
    return Rules(id_bytes, allowed)


def _folded(value: bytes) -> bytes:
    """*value* with small ASCII letters; others stay, for placeholders have none."""
    return value.lower()
