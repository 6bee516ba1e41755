"""Runs whose storage fails under them, each in a process of its own: limits and rights are a process's."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.state import JournalWriter, make_key

from .memories import ADDRESS, NOW, acknowledged, began, declared, intended, opened

NOBODY = 65534
MANY = 2_000


def without_space(limit: int) -> None:
    """No file of this process may grow beyond *limit* bytes: the write that does gets EFBIG, after a part of it was written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def without_rights(folder: Path) -> None:
    """Be somebody who may read *folder* but not write to it; root may write anywhere."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def append_until_full(folder: Path) -> list[str]:
    """A run that journals until there is no space; then once more, smaller, for there may be space again."""
    backend, _ = opened(folder)
    writer = JournalWriter(backend)
    writer.append(began("run-2", serial=1))
    writer.append(declared(*range(MANY)))
    without_space(os.path.getsize(folder / "mixpriv.state.d" / "journal") + 900)
    told = told_of(lambda: writer.append(intended(9, *range(MANY))))
    writer.append(intended(9, 1, 2))
    return told


def first_append(folder: Path) -> list[str]:
    """A run whose journal can't even begin."""
    without_space(10)
    backend, _ = opened(folder)
    return told_of(lambda: JournalWriter(backend).append(began("run-2", serial=1)))


def publish(folder: Path, limit: int, ids: int) -> list[str]:
    """A run that did its work, and can't publish it: files may not exceed *limit* bytes."""
    backend, store = opened(folder)
    loaded = store.load()
    entries = (began("run-2", serial=1), declared(*range(ids)), intended(9, *range(ids)), acknowledged(9, ids))
    writer = JournalWriter(backend)
    for entry in entries:
        writer.append(entry)
    without_space(limit)
    return told_of(lambda: store.publish(fold(loaded.state, entries), expected=loaded.version, now=NOW))


def read_only(folder: Path) -> list[str]:
    """A run that may read the workspace but not write to it."""
    backend, store = opened(folder)
    without_rights(folder)
    loaded = store.load()
    assert list(loaded.state.requests) == [ADDRESS]
    facts = {"lock_id": "1", "who": "", "host": "", "pid": "1", "since": "", "command": ""}
    return [
        *told_of(lambda: backend.lock(facts, timeout_seconds=0)),
        *told_of(lambda: JournalWriter(backend).append(began("run-2", serial=1))),
        *told_of(lambda: store.publish(loaded.state, expected=loaded.version, now=NOW)),
        *told_of(lambda: make_key(folder)),
    ]


def key(folder: Path) -> list[str]:
    """A new key on a full disk."""
    without_space(20)
    return told_of(lambda: make_key(folder))


def told_of(work: Callable[[], object]) -> list[str]:
    """What the user is told of *work*'s failure; only the program's own errors are caught."""
    try:
        work()
    except MixprivError as error:
        return [f"{type(error).__name__}: {error.message}; {error.hint}"]
    return ["no error"]


if __name__ == "__main__":
    name, place, *numbers = sys.argv[1:]
    print(json.dumps(globals()[name](Path(place), *map(int, numbers))))
