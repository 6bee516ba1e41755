"""Raw ids that came from somewhere else, such as an answer that echoes them → the set of their digests."""

from __future__ import annotations

from mixpriv_reconcile.ids.arrays import Rows, np
from mixpriv_reconcile.ids.digest import digester_of
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.rows import flat, positions, rows_of
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["id_set_of", "those_in"]


def id_set_of(key: DigestKey, ids: RawIds) -> IdSet:
    """The set of *ids* under *key*, doubles merged. An id that isn't valid Unicode counts as one that nobody declares."""
    return from_unsorted(flat(_digested(key, ids))) if ids else EMPTY_IDS


def those_in(wanted: IdSet, key: DigestKey, ids: RawIds) -> RawIds:
    """Those of *ids* that *wanted*, a set under *key*, has."""
    if not ids or not wanted:
        return RawIds(())
    _, found = positions(rows_of(wanted.digests), _digested(key, ids))
    return RawIds(tuple(ids[at] for at in np.flatnonzero(found).tolist()))


def _digested(key: DigestKey, ids: RawIds) -> Rows:
    """The digests of *ids*, in their order."""
    encoded = [distinct_id.encode("utf-8", "surrogatepass") for distinct_id in ids]
    ends = np.cumsum([len(value) for value in encoded], dtype=np.int64)
    return digester_of(key).digest(b"".join(encoded), ends)
