"""Raw ids that came from somewhere else, such as an answer that echoes them → the set of their digests."""

from __future__ import annotations

from mixpriv_reconcile.ids.arrays import np
from mixpriv_reconcile.ids.digest import digester_of
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.rows import flat
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["id_set_of"]


def id_set_of(key: DigestKey, ids: RawIds) -> IdSet:
    """The set of *ids* under *key*, doubles merged. An id that isn't valid Unicode counts as one that nobody declares."""
    if not ids:
        return EMPTY_IDS
    encoded = [distinct_id.encode("utf-8", "surrogatepass") for distinct_id in ids]
    ends = np.cumsum([len(value) for value in encoded], dtype=np.int64)
    return from_unsorted(flat(digester_of(key).digest(b"".join(encoded), ends)))
