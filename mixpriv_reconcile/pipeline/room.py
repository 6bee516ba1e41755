"""Whether the state's storage has room for the ids that a plan would add: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import DIGEST_BYTES
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.wording import people

__all__ = ["without_room"]


def without_room(made: Plan, state: State, most_ids: int | None) -> tuple[Diagnostic, ...]:
    """An error where *state* would come to more than *most_ids* distinct ids by *made* (None: there is no limit).

    The ids are those that the storage counts: what the state names and what its journal will, and nothing of the backup's.
    """
    parts = list(_digests(made, state)) if most_ids is not None else []
    if most_ids is None or sum(map(len, parts)) // DIGEST_BYTES <= most_ids:
        return ()
    count = from_unsorted(b"".join(parts)).count
    if count <= most_ids:
        return ()
    message = f"the state would hold {people(count)}, and where it is kept it may hold {most_ids:,}; nothing is sent"
    return (Diagnostic("MP0564", Severity.ERROR, message, "keep the state in an object store: `state: {backend: s3, bucket: …}`"),)


def _digests(made: Plan, state: State) -> Iterator[memoryview]:
    for digests, _ in state.open_segments.values():
        yield digests.cast("B")
    for run in state.runs:
        yield run.digests.cast("B")
    for change in made.pending:
        for batch in change.batches:
            yield batch.ids.digests.cast("B")
