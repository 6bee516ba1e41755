"""What is remembered, as JSON: `state list`, `state show` and `show` with `--format json`. Counts and tasks, never a digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixpriv_reconcile.codec import FORMAT_VERSION, plain
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["DIGESTS", "record_json", "state_json", "state_list_json"]

DIGESTS = frozenset({"sha256", "segments", "digest_key", "keyed_hash", "refused_under", "encryption", "journal", "last_journal"})
"""Keys of the state's document that say nothing to a reader, or are made from ids; `state pull` gives them."""


def state_list_json(state: State, apply_running: Mapping[str, str] | None = None) -> str:
    """`{"apply_running": …, "addresses": […]}`, sorted; *apply_running* is null where nobody holds the lock, as in `status`."""
    return json_text({"apply_running": apply_running, "addresses": sorted(state.records)})


def state_json(state: State, apply_running: Mapping[str, str] | None = None) -> str:
    """The whole memory without what is made from ids."""
    document = {
        "format_version": FORMAT_VERSION,
        "apply_running": apply_running,
        **plain(state),
        "tasks": [plain(task) for _, task in sorted(state.tasks.items())],
    }
    return json_text(_without_digests(document))


def record_json(state: State, address: str, apply_running: Mapping[str, str] | None = None) -> str:
    """One record and the tasks of its batches; raises `KeyError` for an address that isn't remembered."""
    record = state.records[address]
    named = {batch.tracking_id for batch in record.batches} if isinstance(record, RequestRecord) else set()
    project_id = record.project_id if isinstance(record, RequestRecord) else None
    tasks = [plain(task) for key, task in sorted(state.tasks.items()) if key[0] == project_id and key[1] in named]
    return json_text(_without_digests({"apply_running": apply_running, "address": address, "record": plain(record), "tasks": tasks}))


def _without_digests(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_digests(item) for key, item in value.items() if key not in DIGESTS}
    return [_without_digests(item) for item in value] if isinstance(value, list) else value
