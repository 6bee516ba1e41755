"""The store's tables, and the opening of the file that holds them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from mixpriv_reconcile.sandbox.errors import StoreUnreadable

__all__ = ["TABLES", "opened"]

VERSION: Final = 1

# `held` is keyed by a hash so that 2,000 random ids touch few pages: with the ids themselves as
# keys, one request rewrites nearly every page of the index.
_SCHEMA: Final = """
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, tracking_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    project_token TEXT NOT NULL, region TEXT NOT NULL, compliance TEXT NOT NULL, disclosure TEXT NOT NULL,
    id_count INTEGER NOT NULL, created_at REAL NOT NULL, created_day REAL NOT NULL, revoked_at REAL,
    forced_status TEXT, final_status TEXT NOT NULL
);
CREATE TABLE task_ids (number INTEGER PRIMARY KEY, distinct_ids TEXT NOT NULL);
CREATE TABLE held (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE bound (project_token TEXT PRIMARY KEY, region TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE started (project_token TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE clock (advanced_days REAL NOT NULL);
CREATE TABLE calls (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, region TEXT NOT NULL, method TEXT NOT NULL,
    route TEXT NOT NULL, project_token TEXT NOT NULL, tracking_id TEXT, status INTEGER,
    id_count INTEGER NOT NULL, authorization TEXT, fault TEXT
);
"""

TABLES: Final = ("tasks", "task_ids", "held", "bound", "started", "clock", "calls")

_PRAGMAS: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 8000;
PRAGMA cache_size = -65536;
"""
# WAL with NORMAL survives any death of the process; only a power cut may lose the newest tasks,
# never the file. 8,000 pages of 4 KiB between checkpoints keep their fsync out of most requests; 64 MiB of
# cache hold the index of some millions of ids.


def opened(path: Path) -> sqlite3.Connection:
    """A connection to the store at *path*, made where missing: folders 0700, which git ignores, file 0600.

    Folders that exist keep their mode, for they may be the user's own. The connection begins no
    transactions by itself and may be used from another thread, by one at a time.
    Raises StoreUnreadable for a damaged or foreign file.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        connection.executescript(_PRAGMAS)
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreUnreadable(str(path), str(error)) from error
    if version not in (0, VERSION):
        connection.close()
        raise StoreUnreadable(str(path), f"it has version {version}, not {VERSION}")
    return connection


def _make_private(path: Path) -> None:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    if path.parent in missing:  # ids in plain text: git takes nothing of a folder that was made for them
        with contextlib.suppress(FileExistsError):
            ignored = os.open(path.parent / ".gitignore", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            os.write(ignored, b"*\n")
            os.close(ignored)
    # SQLite gives its -wal and -shm files the mode of the main file, so this protects all three.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
