"""The state ↔ JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_type_hints

from mixpriv_reconcile.codec.documents import FORMAT_VERSION, checked_address, typed
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.plain import NOT_IN_JSON, plain
from mixpriv_reconcile.model.state import (
    LINEAGE,
    MOST_NEXT_BATCH,
    MOST_SERIAL,
    OptOutRecord,
    Record,
    RequestRecord,
    ResidencyRecord,
    SsoRecord,
    State,
    TaskRecord,
)

__all__ = ["check_kind", "recorded", "state_document", "state_of"]

RECORDS: Mapping[str, type[Record]] = {
    "residency": ResidencyRecord,
    "sso": SsoRecord,
    "deletions": RequestRecord,
    "retrievals": RequestRecord,
    "opt_outs": OptOutRecord,
}


def state_document(state: State, *, written_at: datetime) -> dict[str, Any]:
    """The JSON of `mixpriv.state.json`; see `docs/reference/formats.md`."""
    document = plain(state)
    document["tasks"] = [plain(task) for _, task in sorted(state.tasks.items())]
    return {"format_version": FORMAT_VERSION, "written_at": plain(written_at), **document}


def state_of(document: Mapping[str, Any]) -> State:
    """The state that a document of `FORMAT_VERSION` holds; its segments are yet to be opened."""
    hints = get_type_hints(State)
    simple = [field.name for field in dataclasses.fields(State) if field.name not in NOT_IN_JSON | {"records", "tasks"}]
    records = document.get("records")
    tasks = document.get("tasks")
    if not isinstance(records, dict) or not isinstance(tasks, list):
        raise ValueError("not a State")
    if not {"lineage", "serial", "tool_version"} <= document.keys():
        raise ValueError("not a State")
    typed_tasks = [typed(task, TaskRecord) for task in tasks]
    facts = {name: typed(document[name], hints[name]) for name in simple if name in document}
    if LINEAGE.fullmatch(facts["lineage"]) is None or facts["serial"] > MOST_SERIAL:
        raise ValueError("not a State")
    return State(
        **facts,
        records={address: recorded(address, record) for address, record in records.items()},
        tasks={task.key: task for task in typed_tasks},
    )


def recorded(address: str, document: Any) -> Record:
    """The record at *address*, which says its kind."""
    record = _record(document)
    check_kind(address, record)
    return record


def check_kind(address: str, record: Record) -> None:
    """Raise `ValueError` where *record* can't be what is remembered at *address*."""
    if Address.parse(checked_address(address)).kind != record.kind:
        raise ValueError("not the record of this address")


def _record(document: Any) -> Record:
    kind = document.get("kind") if isinstance(document, dict) else None
    cls = RECORDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError("not a Record")
    record = typed(document, cls)
    if isinstance(record, RequestRecord) and record.next_batch > MOST_NEXT_BATCH:
        raise ValueError("not a number that a batch can have")
    return record
