"""The ids of a plan for `--show-ids`: read again from their sources, a few of each change, as an apply would read them to send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mixpriv_reconcile.ids.sets import difference, id_set
from mixpriv_reconcile.model.ids import DIGEST_BYTES, EMPTY_IDS, IdSet
from mixpriv_reconcile.model.ids_shown import MOST_IDS, IdsShown
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["ids_asked_for"]


def ids_asked_for(setting: Setting, made: Plan, desired: DesiredState, catalogue: Catalogue) -> Mapping[str, IdsShown]:
    """By address, the ids of each change that is shown in full and has some, at most `MOST_IDS` of one; none where nobody asked.

    They are in the order in which they are sent, that of their digests. Raises `SourceMoved` where a source changed since the scan, and
    `OutOfMemory`.
    """
    found: dict[str, IdsShown] = {}
    for change in made.weightiest if setting.show_ids else ():
        sets = [step.ids for step in change.batches] or [step.ids for step in change.lists]
        # A hold withdraws ids that stand in a source all the same; whoever left the manifest is known by digest alone.
        gone = difference(change.withdraws, desired.ids.get(change.address, EMPTY_IDS)).count + change.withdrawn_unsent
        if sets or gone:
            found[str(change.address)] = _shown(change, sets, gone, catalogue)
    return found


def _shown(change: Change, sets: Sequence[IdSet], gone: int, catalogue: Catalogue) -> IdsShown:
    address, first = str(change.address), list[str]()
    for ids in sets:
        if len(first) == MOST_IDS:
            break
        first += catalogue.raw_ids(address, id_set(ids.digests[: (MOST_IDS - len(first)) * DIGEST_BYTES]))
    files = catalogue.files(address) if sets else ()
    return IdsShown(RawIds(first), sum(ids.count for ids in sets), files, gone)
