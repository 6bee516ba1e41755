"""Runs to remember: journals as an apply writes them, and stores to write them to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mixpriv_reconcile.codec import canonical
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Acknowledged, Began, Entry, Intended, Polled, PutRequestEntry, Unsettled
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import Declared, KeyRecord, PolicyRecord, ProjectRecord, RequestRecord, TaskRecord
from mixpriv_reconcile.state import JournalWriter, Loaded, LocalBackend, Store

NOW = datetime(2026, 11, 20, 8, 0, 0, 250_000, tzinfo=UTC)
ADDRESS = "web-eu.deletions.2026-11-forgotten"
STATE = "mixpriv.state.json"


def digests(*numbers: int) -> memoryview:
    """Digests, ascending, as those of so many ids."""
    return memoryview(b"".join(sorted(hashlib.md5(b"%d" % number).digest() for number in numbers)))


def sha256_of(ids: memoryview) -> str:
    return hashlib.sha256(ids).hexdigest()


def began(journal_id: str = "run-1", *, lineage: str = "9f1c", serial: int = 0) -> Began:
    return Began(
        journal_id,
        lineage,
        serial,
        "0.1.0",
        NOW,
        "apply",
        "ops@build-7",
        "plan-digest",
        KeyRecord("scheme", "check"),
        PolicyRecord(10_000, 1_000, "warn"),
        ("mixpriv.yaml",),
        {"web-eu": ProjectRecord(1978118, Region.EU, SecretRef(env="TOKEN"), SecretRef(file="/run/secrets/gdpr"))},
    )


def declared(*numbers: int, address: str = ADDRESS) -> PutRequestEntry:
    ids = digests(*numbers)
    project, kind, _ = address.split(".")
    record = RequestRecord(kind, project, 1978118, Region.EU, "gdpr", Declared(len(numbers), sha256_of(ids)))
    return PutRequestEntry(address, record, NOW)


def intended(batch: int, *numbers: int, address: str = ADDRESS) -> Intended:
    ids = digests(*numbers)
    return Intended(address, batch, 1, len(numbers), sha256_of(ids), NOW, ids)


def acknowledged(batch: int, subjects: int, *, address: str = ADDRESS) -> Acknowledged:
    return Acknowledged(address, batch, task(f"task-{address}-{batch}", subjects=subjects), NOW)


def task(tracking_id: str, *, subjects: int = 1, status: str = "PENDING") -> TaskRecord:
    return TaskRecord(tracking_id, "deletions", "web-eu", 1978118, Region.EU, status, subjects, NOW, NOW)


def run() -> tuple[Entry, ...]:
    """A run as long as a test needs: two batches acknowledged, one refused, one in doubt."""
    return (
        began(),
        declared(*range(1, 8)),
        intended(1, 1, 2, 3),
        acknowledged(1, 3),
        intended(2, 4, 5),
        Unsettled(ADDRESS, 2, "refused", "HTTP 400", NOW),
        intended(3, 6),
        acknowledged(3, 1),
        Polled(1978118, f"task-{ADDRESS}-1", "STAGING", NOW + timedelta(seconds=1)),
        intended(4, 7),
    )


def opened(folder: Path) -> tuple[LocalBackend, Store]:
    """The state in *folder*."""
    backend = LocalBackend(folder / STATE)
    return backend, Store(backend, recovery=backend.recovery)


def write_journal(backend: LocalBackend, entries: Sequence[Entry]) -> None:
    """Append *entries* as a run does."""
    writer = JournalWriter(backend)
    for entry in entries:
        writer.append(entry)


def lived(folder: Path, entries: Sequence[Entry], *, now: datetime = NOW) -> Loaded:
    """What the state in *folder* is after a run that wrote *entries* and published them."""
    backend, store = opened(folder)
    loaded = store.load()
    write_journal(backend, entries)
    store.publish(fold(loaded.state, entries), expected=loaded.version, now=now)
    return store.load()


def edited(folder: Path, change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> None:
    """Change the state document in *folder*; with *sealed*, as a program would that knows about the checksum."""
    document = json.loads((folder / STATE).read_bytes())
    change(document)
    if sealed:
        document.pop("checksum", None)
        document["checksum"] = hashlib.sha256(canonical(document)).hexdigest()
    (folder / STATE).write_text(json.dumps(document))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below *folder*, by its name relative to it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
