"""The store: tasks, their ids and the call log, in one SQLite file that outlives the process."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Final

from mixpriv_reconcile.sandbox.calls import LoggedCall
from mixpriv_reconcile.sandbox.options import Region
from mixpriv_reconcile.sandbox.schema import TABLES, opened
from mixpriv_reconcile.sandbox.tasks import Draft, Task, VirtualClock

__all__ = ["Store"]

CALLS_KEPT: Final = 1_000_000
TRIM_EVERY: Final = 10_000
"""Old calls are dropped only once in so many, for a delete on each call would double its cost."""

IDS_PER_QUERY: Final = 500
"""Below SQLite's oldest limit of 999 bound values. Source: sqlite.org/limits.html §9."""

_TASK_COLUMNS: Final = ", ".join(f"tasks.{column.name}" for column in fields(Task))
_CALL_COLUMNS: Final = ", ".join(column.name for column in fields(LoggedCall))
_CALL_MARKS: Final = ", ".join("?" for _ in fields(LoggedCall))


class Store:
    """All that the sandbox remembers. Use it from one thread at a time.

    Several processes may have the same file open; what must not be interleaved belongs into one
    `transaction()`. Each method called outside of one is durable on its own.
    """

    def __init__(self, path: Path) -> None:
        self._connection = opened(path)

    def close(self) -> None:
        """Ends the use of the file; may be called twice."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, with no other process in between; doesn't nest."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def reset(self) -> None:
        """Forgets tasks, calls, bound regions, the pace and the clock; no id stays in the file."""
        self._connection.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            for table in TABLES:
                self._connection.execute(f"DELETE FROM {table}")
        self._connection.execute("PRAGMA secure_delete = OFF")
        # Without this, the ids would live on in the -wal file.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # -- tasks ---------------------------------------------------------------------------------

    def add(self, draft: Draft, tracking_id: str, now: float) -> Task:
        """The task made from *draft*. Wants a transaction around it."""
        cursor = self._connection.execute(
            "INSERT INTO tasks (tracking_id, kind, project_token, region, compliance, disclosure, id_count,"
            " created_at, created_day, final_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'SUCCESS')",
            (tracking_id, draft.kind, draft.project_token, draft.region, draft.compliance, draft.disclosure,
             len(draft.distinct_ids), now, self._advanced_days()),
        )  # fmt: skip
        number = cursor.lastrowid
        self._connection.execute(
            "INSERT INTO task_ids VALUES (?, ?)",
            (number, json.dumps(draft.distinct_ids, ensure_ascii=False)),
        )
        if draft.kind == "deletion":
            keys = sorted({_key(draft.project_token, one) for one in draft.distinct_ids})
            self._connection.executemany("INSERT INTO held VALUES (?, ?)", ((key, number) for key in keys))
        task = self.task(tracking_id)
        assert task is not None
        return task

    def task(self, tracking_id: str) -> Task | None:
        """The task with this tracking id, of whatever project and kind, or None."""
        found = self._tasks("WHERE tracking_id = ?", tracking_id)
        return found[0] if found else None

    def tasks(self) -> tuple[Task, ...]:
        """Every task, oldest first."""
        return self._tasks("ORDER BY number")

    def distinct_ids(self, task: Task) -> tuple[str, ...]:
        """The ids of *task* in the order they were sent, doubles included."""
        (text,) = self._connection.execute("SELECT distinct_ids FROM task_ids WHERE number = ?", (task.number,)).fetchone()
        return tuple(json.loads(text))

    def deletions_with_any(self, project_token: str, ids: Sequence[str]) -> tuple[Task, ...]:
        """The project's deletions, never cancelled, which have any of *ids*; oldest first.

        Looks the ids up in an index, so its cost doesn't grow with the number of tasks.
        """
        return self._holders(project_token, ids, "revoked_at IS NULL")

    def revoked_deletions_with_any(self, project_token: str, ids: Sequence[str]) -> tuple[Task, ...]:
        """The project's cancelled deletions which have any of *ids*; oldest first."""
        return self._holders(project_token, ids, "revoked_at IS NOT NULL")

    def _holders(self, project_token: str, ids: Sequence[str], condition: str) -> tuple[Task, ...]:
        keys = sorted({_key(project_token, one) for one in ids})
        numbers: set[int] = set()
        for start in range(0, len(keys), IDS_PER_QUERY):
            part = keys[start : start + IDS_PER_QUERY]
            marks = ", ".join("?" * len(part))
            numbers.update(
                number for (number,) in self._connection.execute(f"SELECT DISTINCT number FROM held WHERE key IN ({marks})", part)
            )
        wanted = set(ids)
        return tuple(
            task
            for number in sorted(numbers)
            for task in self._tasks(f"WHERE number = ? AND {condition}", number)
            # A key is a 64-bit hash: the ids themselves have the last word.
            if task.project_token == project_token and not wanted.isdisjoint(self.distinct_ids(task))
        )

    def revoke(self, task: Task, now: float) -> None:
        """Marks *task* as cancelled at *now*."""
        self._connection.execute("UPDATE tasks SET revoked_at = ?, forced_status = NULL WHERE number = ?", (now, task.number))

    def force(self, tracking_id: str, status: str | None) -> bool:
        """Gives a task this status from now on; None frees it again. False where there is no such task."""
        return self._changed("UPDATE tasks SET forced_status = ? WHERE tracking_id = ?", status, tracking_id)

    def force_final(self, tracking_id: str, status: str) -> bool:
        """Lets a task's life end with this status instead of SUCCESS. False where there is no such task."""
        return self._changed("UPDATE tasks SET final_status = ? WHERE tracking_id = ?", status, tracking_id)

    # -- the clock and the projects ------------------------------------------------------------

    def clock(self, speed: float) -> VirtualClock:
        """The virtual clock as it stands."""
        return VirtualClock(speed, self._advanced_days())

    def advance(self, days: float) -> None:
        """Moves the clock of all present tasks forward by *days*, also for later processes."""
        total = self._advanced_days() + days
        self._connection.execute("DELETE FROM clock")
        self._connection.execute("INSERT INTO clock VALUES (?)", (total,))

    def bound_region(self, project_token: str, region: Region) -> Region:
        """The region a token belongs to: that of its first call, which this may be."""
        self._connection.execute("INSERT OR IGNORE INTO bound VALUES (?, ?)", (project_token, region))
        row = self._connection.execute("SELECT region FROM bound WHERE project_token = ?", (project_token,)).fetchone()
        known: Region = row[0]
        return known

    def admits(self, whose: str, arrived_at: float, interval_seconds: float) -> bool:
        """Whether a call of *whose* pace may start now; if so, the next one has to keep its distance from it."""
        row = self._connection.execute("SELECT at FROM started WHERE project_token = ?", (whose,)).fetchone()
        # abs(): a clock that was set back by hours must not lock a project out for as long.
        if row is not None and abs(arrived_at - row[0]) < interval_seconds:
            return False
        self._connection.execute("INSERT OR REPLACE INTO started VALUES (?, ?)", (whose, arrived_at))
        return True

    # -- the call log --------------------------------------------------------------------------

    def log(self, call: LoggedCall) -> None:
        """Appends to the call log; its number is given here. The newest million at least is kept."""
        values = [getattr(call, column.name) for column in fields(LoggedCall)]
        values[-1] = None
        cursor = self._connection.execute(f"INSERT INTO calls ({_CALL_COLUMNS}) VALUES ({_CALL_MARKS})", values)
        number = cursor.lastrowid or 0
        if number % TRIM_EVERY == 0:
            self._connection.execute("DELETE FROM calls WHERE number <= ?", (number - CALLS_KEPT,))

    def calls(self, after: int, limit: int) -> tuple[LoggedCall, ...]:
        """At most *limit* logged calls with numbers above *after*, oldest first."""
        rows = self._connection.execute(f"SELECT {_CALL_COLUMNS} FROM calls WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
        return tuple(LoggedCall(*row) for row in rows)

    # -- below: for the methods above ---------------------------------------------------------------

    def _tasks(self, clause: str, *values: object) -> tuple[Task, ...]:
        rows = self._connection.execute(f"SELECT {_TASK_COLUMNS} FROM tasks {clause}", values)
        return tuple(Task(*row) for row in rows)

    def _changed(self, statement: str, *values: object) -> bool:
        cursor: sqlite3.Cursor = self._connection.execute(statement, values)
        return cursor.rowcount > 0

    def _advanced_days(self) -> float:
        row = self._connection.execute("SELECT advanced_days FROM clock").fetchone()
        return 0.0 if row is None else float(row[0])


def _key(project_token: str, distinct_id: str) -> int:
    """A signed 64-bit hash, which is what SQLite's integer keys hold."""
    digest = hashlib.blake2b(f"{project_token}\0{distinct_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
