"""What the state knows of one request's ids: its segments, then the runs a journal still holds."""

from __future__ import annotations

from mixpriv_reconcile.ids.known import Known
from mixpriv_reconcile.model.state import RequestRecord, State

__all__ = ["remembered"]


def remembered(state: State, address: str) -> Known:
    """The known ids of the request at *address* by their latest batch; empty for an address the state doesn't have."""
    record = state.records.get(address)
    if not isinstance(record, RequestRecord):
        return Known(())
    parts: list[tuple[memoryview, memoryview | int]] = [state.open_segments[segment.sha256] for segment in record.segments]
    parts.extend((run.digests, run.batch) for run in state.runs_of(address))
    return Known(parts)
