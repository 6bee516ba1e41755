"""Fetching one finished export: a look for its link, the download, and the record of what arrived."""

from __future__ import annotations

import dataclasses

from mixpriv_reconcile.apply.cancel import looked
from mixpriv_reconcile.apply.context import Context
from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.kinds.exports import export_file, kept_exports
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.events import BatchSent
from mixpriv_reconcile.model.journal import PutRequestEntry
from mixpriv_reconcile.model.plain import plain
from mixpriv_reconcile.model.plan import Download
from mixpriv_reconcile.model.remote import Fetched, NotFetched
from mixpriv_reconcile.model.tasks import SUCCEEDED, UNKNOWN
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.ports import Lane

__all__ = ["download"]

GONE = frozenset({400, 401, 403, 404, 410})
"""Answers of a store of files to a link that has run out."""


async def download(step: Download, address: str, lane: Lane, context: Context) -> str:
    """Why the export isn't there yet, empty where it is; the request's record in the tally then names file, size and hash.

    The link is used at once and kept nowhere, for how long it lives is documented nowhere (API §1.7).
    """
    context.check_time()
    seen = await looked("retrievals", step.tracking_id, lane, context)
    if seen.status != SUCCEEDED:
        return "its task can't be looked at" if seen.status == UNKNOWN else f"its task is {seen.status} now"
    if seen.link is None:
        context.report(
            "MP0815",
            Severity.WARNING,
            f"task {step.tracking_id} has succeeded, and Mixpanel gives no link to its export",
            f"{context.repeat.same} later; where it stays so, `mixpriv apply --retry {address}` asks for a new export",
            address,
        )
        return "Mixpanel gives no link"
    path = export_file(step.folder, step.tracking_id)
    try:
        file = context.exports.begin(path)
        try:
            outcome = await lane.download(seen.link, file)
        finally:
            file.drop()
    except StateError as error:
        if isinstance(error, LockLost):
            raise
        context.report(error.code, Severity.ERROR, error.message, error.hint, address)
        return "it can't be written"
    match outcome:
        case Fetched():
            await _record(step, address, path, outcome, context)
            return ""
        case NotFetched():
            _report(step, address, outcome, context)
            return outcome.why


async def _record(step: Download, address: str, path: str, fetched: Fetched, context: Context) -> None:
    now = context.clock.now()
    export = {
        "tracking_id": step.tracking_id,
        "file": path,
        "size": str(fetched.size),
        "sha256": fetched.sha256,
        "downloaded_at": str(plain(now)),
    }
    known = context.tally.records[address]
    record = dataclasses.replace(known, downloads=kept_exports(known, export))
    await context.journal.append(PutRequestEntry(address, record, now))
    context.tally.records[address] = record
    context.events.emit(BatchSent(address, None, step.subjects, "downloaded", step.tracking_id, SUCCEEDED))
    context.report(
        "MP0816",
        Severity.NOTE,
        f"the export of {people(step.subjects)} lies in {path} ({fetched.size:,} bytes)",
        f"it is a ZIP that may ask for a password (`mixpriv explain MP0816`); once handed over: `mixpriv confirm {address} --by WHO`",
        address,
    )


def _report(step: Download, address: str, outcome: NotFetched, context: Context) -> None:
    if outcome.is_refused:
        context.report(
            "MP0817",
            Severity.ERROR,
            f"the export of task {step.tracking_id} was not fetched: {outcome.why}",
            "if you trust that host, name it in MIXPRIV_EXPORT_HOSTS; see `mixpriv explain MP0817`",
            address,
        )
        return
    hint = context.repeat.same
    if outcome.status in GONE:
        hint += f"; where the link has run out for good, `mixpriv apply --retry {address}` asks for a new export"
    message = f"the export of task {step.tracking_id} did not arrive: {outcome.why}"
    context.report("MP0818", Severity.WARNING, message, hint, address)
