"""One opt-out list: its entries are made of the raw ids, sorted, written, and the record of it is journaled."""

from __future__ import annotations

from mixpriv_reconcile.apply.context import Context
from mixpriv_reconcile.ids.sets import cut
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.journal import Put
from mixpriv_reconcile.model.opt_out_list import OptOutList, entry_of
from mixpriv_reconcile.model.plan import Change, WriteList
from mixpriv_reconcile.model.state import OptOutRecord

__all__ = ["held_back", "write_list"]

STEP = 20_000
"""Ids that are read again at once: other projects' calls go on in between."""


async def write_list(change: Change, step: WriteList, context: Context) -> None:
    """Write the list and remember it. Raises `ListNotWritten`, `SourceMoved`.

    A run that dies between the two leaves a list of ours that the state doesn't know; the next apply writes it again, to the same bytes.
    """
    assert context.lists is not None
    address = str(change.address)
    entries: list[bytes] = []
    for part in cut(step.ids, STEP):
        entries += [entry_of(distinct_id, step.digest) for distinct_id in context.ids.raw_ids(address, part)]
        await context.clock.sleep(0)
    entries.sort()
    content = OptOutList(change.project, change.project_id, step.digest, entries)
    written = context.lists.write(step.write_to, content, replaces=step.replaces)
    record = OptOutRecord(
        kind="opt_outs",
        project=change.project,
        project_id=change.project_id,
        file=step.write_to,
        digest=step.digest,
        count=step.ids.count,
        ids_sha256=step.ids.sha256,
        size=written.size,
        sha256=written.sha256,
        recorded_at=context.clock.now(),
    )
    await context.journal.append(Put(address, record))


def held_back(change: Change) -> Diagnostic:
    """Why nothing of the project is erased now."""
    message = f"nobody of {change.project} is erased: its opt-out list could not be written, and policy.opt_out requires it first"
    hint = "correct what keeps it from being written, then apply again"
    return Diagnostic("MP0812", Severity.ERROR, message, hint, address=str(change.address))
