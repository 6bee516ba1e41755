"""With the key of before at hand too, every id that is read again, from a source or from a task, is found in the memory exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mixpriv_reconcile.errors import KeyProblem
from mixpriv_reconcile.ids.keys import DigestKey, derive
from mixpriv_reconcile.ids.known import Groups
from mixpriv_reconcile.ids.raw import id_set_of, those_in
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, intersection, union
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import KeyRecord, State
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan.regaining import Share

__all__ = ["VARIABLE", "FormerKey", "former_key"]

VARIABLE = "MIXPRIV_OLD_DIGEST_KEY"
"""The key of before is given in the environment alone: what stands on a command line is seen by everybody on the machine."""


def former_key(setting: Setting, known: KeyRecord) -> DigestKey | None:
    """The key that the state was made with, where it is given; raises `KeyProblem` for one that is another's."""
    text = setting.environment.get(VARIABLE)
    if text is None:
        return None
    key = derive(text)
    if key.check != known.check:
        message = f"{VARIABLE} is not the key that the state was made with"
        raise KeyProblem("MP0581", message, f"set it to the right one; without it (unset {VARIABLE}) the tasks are asked for their ids")
    return key


class FormerKey:
    """What the batches of *state* hold, as far as it is found; by the *new* key.

    The *catalogue* has read the sources under *key*, that of before; they came to *declared*.
    """

    def __init__(self, state: State, key: DigestKey, new: DigestKey, catalogue: Catalogue, declared: Mapping[str, IdSet]) -> None:
        self._state, self._key, self._new = state, key, new
        self._catalogue, self._declared = catalogue, declared
        self.found: dict[str, dict[int, IdSet]] = {}
        self._groups: dict[str, Groups] = {}

    def read_sources(self) -> None:
        """Find the ids that some source has, whichever request it is of. Raises `SourceMoved` for a source that changed since its scan."""
        for address in self._state.requests:
            every, groups = remembered(self._state, address).all(), self._groups_of(address)
            for other in sorted(self._declared, key=lambda name: name != address):  # the request's own come first
                if not every:
                    break
                here = intersection(every, self._declared[other])
                if not here:
                    continue
                every = difference(every, here)
                for number in groups:
                    if mine := intersection(groups[number], here):
                        self._add(address, number, self._catalogue.raw_ids(other, mine))

    def take_echo(self, sharing: Sequence[Share], ids: RawIds) -> None:
        """Find those of *ids*, which a task shows, that the requests *sharing* it have in it."""
        for share in sharing:
            groups = self._groups_of(share.address)
            for number in share.numbers:
                if mine := those_in(groups[number], self._key, ids):
                    self._add(share.address, number, mine)

    def _add(self, address: str, number: int, ids: RawIds) -> None:
        mine = self.found.setdefault(address, {})
        mine[number] = union(mine.get(number, EMPTY_IDS), id_set_of(self._new, ids))

    def _groups_of(self, address: str) -> Groups:
        """The remembered ids of a request by batch, under the key of before; grouped once, for a request may have thousands of tasks."""
        if address not in self._groups:
            self._groups[address] = remembered(self._state, address).batches()
        return self._groups[address]

    def is_whole(self, share: Share) -> bool:
        """Whether all ids of *share* are found: no two batches of a request have the same id here."""
        mine = self.found.get(share.address, {})
        return sum(mine[number].count for number in share.numbers if number in mine) == share.count

    def same_sets(self, declared: Mapping[str, IdSet]) -> Mapping[str, str]:
        """By the hash of a set under the key of before, that under the new one, under which the sources came to *declared*."""
        same: dict[str, str] = {}
        for address, before in self._declared.items():
            now = declared.get(address, EMPTY_IDS)
            hold = str(Address(Address.parse(address).project, "legal_holds"))
            held_before = intersection(before, self._declared.get(hold, EMPTY_IDS))
            held_now = intersection(now, declared.get(hold, EMPTY_IDS))
            for old, new in ((before, now), (held_before, held_now)):
                if old.count == new.count:  # else a source changed between the two readings
                    same[old.sha256] = new.sha256
        return same
