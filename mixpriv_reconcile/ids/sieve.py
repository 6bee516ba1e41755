"""The rules of ids, applied to whole chunks: arrays leave few ids that need be looked at one by one."""

from __future__ import annotations

import functools

from mixpriv_reconcile.ids.arrays import Bools, Ints, np
from mixpriv_reconcile.ids.rules import Rules, folded

__all__ = ["Sieve", "sieve_of"]


class Sieve:
    """Finds the ids that *rules* refuse."""

    __slots__ = ("_edges", "_longest", "rules")

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._longest = max(map(len, rules.placeholders), default=0)
        # by length: may an id begin, or end, with this byte and be a placeholder?
        self._edges: Bools = np.zeros((2, self._longest + 1, 256), np.bool_)
        for value in rules.placeholders:
            for edge, octet in enumerate((value[0], value[-1])):
                self._edges[edge, len(value), [octet, ord(chr(octet).upper())]] = True

    def offenders(self, blob: bytes, starts: Ints, ends: Ints) -> Ints:
        """Positions of the ids `blob[starts[i]:ends[i]]` that a rule refuses, ascending."""
        lengths = ends - starts
        refused = (lengths == 0) | (lengths > self.rules.id_bytes)
        likely = np.flatnonzero((lengths > 0) & (lengths <= self._longest))
        if len(likely):
            octets = np.frombuffer(blob, np.uint8)
            likely = likely[self._edges[0][lengths[likely], octets[starts[likely]]]]
            likely = likely[self._edges[1][lengths[likely], octets[ends[likely] - 1]]]
            for index in likely.tolist():
                value = blob[starts[index] : ends[index]]
                # one that is longer than the bound stays refused, for allowed or not it is too long
                refused[index] = bool(refused[index]) or folded(value) in self.rules.placeholders
        return np.flatnonzero(refused)


@functools.lru_cache(maxsize=1)
def sieve_of(rules: Rules) -> Sieve:
    """The sieve of a run's rules, made once."""
    return Sieve(rules)
