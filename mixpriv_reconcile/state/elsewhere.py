"""What to raise where somebody else changed, meanwhile, what a run reads or writes."""

from __future__ import annotations

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.journal import Acknowledged
from mixpriv_reconcile.state.journal import entries_of

__all__ = ["changed_elsewhere", "journal_gone"]


def changed_elsewhere(what: str) -> StateError:
    """*what* isn't what was read, so that it wasn't replaced."""
    return StateError(
        "MP0514",
        f"{what} was changed by somebody else meanwhile; it was left as it is",
        "run the same command again; this run's journal is kept and carried on",
    )


def journal_gone(what: str, content: bytes, hint: str) -> StateError:
    """*what*, the journal that a run wrote *content* to, is no longer there; the tasks in it are named, for nobody else knows them."""
    tasks = [entry.task.tracking_id for entry in entries_of(memoryview(content)) if isinstance(entry, Acknowledged)]
    recorded = f"recorded there and nowhere else: {', '.join(tasks)}" if tasks else "no task was recorded there yet"
    return StateError("MP0529", f"{what} was removed or moved while this run wrote it; {recorded}", hint)
