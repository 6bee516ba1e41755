"""`import`: a task made elsewhere is recorded for a declared request, so that its ids are not sent again."""

from __future__ import annotations

import asyncio
import dataclasses
import glob
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from mixpriv_reconcile import plan as decide
from mixpriv_reconcile.errors import ManifestInvalid, MixprivError, NewStateRefused, WrongUsage
from mixpriv_reconcile.ids.guarded import Guarded
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.scan import scan
from mixpriv_reconcile.kinds import Lifecycle, kind_named
from mixpriv_reconcile.kinds.wire import ANOTHER_PROJECT, is_tracking_id, lookup, read_lookup
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.disguises import Disguises
from mixpriv_reconcile.model.ids import IdSet, IdSources, SourceEntry
from mixpriv_reconcile.model.journal import Acknowledged, Entry, Intended, PutRequestEntry
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.remote import Access, Denied, Lookup, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import RequestRecord, State, TaskRecord
from mixpriv_reconcile.model.tasks import MISSING, is_live
from mixpriv_reconcile.model.wording import people, verb
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.opening import digest_key, kept_elsewhere, key_note, lock_facts, no_state, open_workspace, project_records
from mixpriv_reconcile.pipeline.plan import scanned
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import running
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan import Adoptable, adoptable, record_of
from mixpriv_reconcile.ports import EventSink

__all__ = ["IdsFrom", "Imported", "import_task"]


@dataclass(frozen=True, slots=True)
class IdsFrom:
    """A file of the ids that a task was made for, where the task doesn't show them; any regular file, of the formats of sources."""

    path: Path
    column: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: *adopted* ids were recorded with the task, whose *status* is Mixpanel's word; *why* in a sentence."""

    exit_code: int
    why: str
    status: str | None
    adopted: int
    diagnostics: tuple[Diagnostic, ...]


def import_task(
    setting: Setting, address: Address, tracking_id: str, sink: EventSink, *, ids_from: IdsFrom | None, max_seconds: float | None
) -> Imported:
    """Record the task *tracking_id* for the request at *address*; nothing is sent but a GET, nothing written where it fails.

    *sink* is told of waits, which take *max_seconds* at most. Raises `WrongUsage` where the two don't belong together, and what keeps
    any run from starting; see `errors`.
    """
    desired, findings, backend, store = open_workspace(setting, needs_key=True)
    if not any(item.address == address and kind_named(address.kind).lifecycle is Lifecycle.REQUESTED for item in desired.resources):
        raise WrongUsage("MP0661", f"{address} is no request of the manifests", "declare it first; `mixpriv status` shows the addresses")
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        if not loaded.exists and setting.in_ci and not setting.sandbox:
            hint = f"restore the state, or make the first one with `mixpriv apply --new-state`{kept_elsewhere(setting, desired)}"
            raise NewStateRefused("MP0504", f"{no_state(setting, desired)}, and CI is set: no new state is made by itself", hint)
        notes = (*notes, *key_note(setting))
        key, state = digest_key(setting, loaded), loaded.state
        guards = guarded(setting, desired, state.projects)
        with Catalogue(setting.root, key, setting.bounds, guards, state, progress=setting.reading) as catalogue:
            desired, findings = scanned(setting, desired, (*findings, *notes), catalogue)
            remembering = _remembering(setting, desired, state, address)
            _check_name(tracking_id, address.project, catalogue)
            given = _ids_in(ids_from, key, setting, desired, guards) if ids_from is not None else None
            access, seen = _look(setting, desired, state, address, tracking_id, sink, max_seconds)
            if not isinstance(seen, TaskSeen):
                return _not_seen(seen, tracking_id, access, findings)
            held = _held(seen, given, tracking_id, access, catalogue)
            found = adoptable(state, _remembered_at(remembering, address), desired.ids[address], held, tracking_id)
            foreign = seen.ids is None or catalogue.undeclared(address.project, seen.ids) > 0
            findings = merged(findings, _told(seen, held, found, given, address, tracking_id, catalogue))
        if not found.ids:
            why = f"task {tracking_id} is recorded with its {people(found.known)} of {address} already; nothing was to be done"
            return Imported(0, why, seen.status, 0, findings)
        assert remembering is not None  # an id that no live task has is always planned
        record, moved_from = remembering
        first = dataclasses.replace(
            session.began(setting, desired, state, facts, key=key), projects={address.project: project_records(desired)[address.project]}
        )

        def work(append: Callable[[Entry], None]) -> None:
            ids, number, now = found.ids, record.next_batch, setting.clock.now()
            task = TaskRecord(
                tracking_id, address.kind, access.project, access.project_id, access.region, seen.status, ids.count, now, now,
                adopted=True, foreign=foreign,
            )  # fmt: skip
            append(PutRequestEntry(str(address), record, now, moved_from))
            append(Intended(str(address), number, 1, ids.count, ids.sha256, now, ids.digests))
            append(Acknowledged(str(address), number, task, now))

        session.journaled(setting, loaded, store, backend, lock, first, work)
    count = found.ids.count
    why = f"adopted task {tracking_id} ({seen.status}) with {people(count)} of {address}"
    return Imported(0, why, seen.status, count, findings)


def _remembering(setting: Setting, desired: DesiredState, state: State, address: Address) -> tuple[RequestRecord, str | None] | None:
    """What an apply would remember of the request, and the address it is remembered under so far; None where it would do nothing.

    Raises `ManifestInvalid` where the project is in conflict with what is remembered: the task would be looked for in the wrong place.
    """
    made = decide.plan(desired, state, (), setting.today(desired.workspace.timezone), PlanOptions(sandbox=setting.sandbox))
    conflicts = tuple(found for found in made.conflicts if found.address.startswith(f"{address.project}."))
    if conflicts:
        raise ManifestInvalid(conflicts)
    return record_of(next((change for change in made.changes if change.address == address), None))


def _remembered_at(remembering: tuple[RequestRecord, str | None] | None, address: Address) -> str:
    return str(address) if remembering is None else remembering[1] or str(address)


def _check_name(tracking_id: str, project: str, catalogue: Catalogue) -> None:
    """Raise `WrongUsage` where what was given can be no task's id, or is a person's; it isn't repeated."""
    hint = "give the task's id, as Mixpanel shows it: a UUID or a number"
    if not is_tracking_id(tracking_id):
        raise WrongUsage("MP0662", "this can be no task's id", hint)
    if not catalogue.undeclared(project, RawIds((tracking_id,))):
        raise WrongUsage("MP0662", "this is a distinct id of a request, and no task; it was not sent anywhere", hint)


def _ids_in(ids_from: IdsFrom, key: DigestKey, setting: Setting, desired: DesiredState, guards: Guarded) -> IdSet:
    """The ids of a file that the command line names, by the rules of sources; raises `ManifestInvalid` with all that is wrong in it."""
    path = ids_from.path.resolve()
    if not path.exists():
        raise WrongUsage("MP0666", f"there is no file {ids_from.path}", "give the path of a .txt, .csv or .ndjson file, or .gz of one")
    entry = SourceEntry(glob.escape(path.name), "", SourceSpan(path.name, 1, 1), ids_from.column, ids_from.field)
    found = scan(
        path.parent,
        IdSources(entries=(entry,)),
        key,
        bounds=setting.bounds,
        allowed_placeholders=frozenset(desired.workspace.policy.allow_placeholder_ids),
        address="",
        guarded=Guarded(guards.what),
        with_origins=False,
    )
    if any(finding.is_error for finding in found.diagnostics):
        raise ManifestInvalid(found.diagnostics)
    return found.ids


def _look(
    setting: Setting, desired: DesiredState, state: State, address: Address, tracking_id: str, sink: EventSink, max_seconds: float | None
) -> tuple[Access, Lookup]:
    """How the project is reached, and what a GET of the task tells."""

    async def look() -> tuple[Access, Lookup]:
        with running(setting, max_seconds, sink) as run, open_lanes(setting, desired, state, run.patience) as lanes:
            lane = await lanes(address.project)
            try:
                _check_secrets(tracking_id, lane.access)
                answer = await lane.send(lookup(address.kind, tracking_id))
                run.raise_if_interrupted()
                return lane.access, read_lookup(answer, lane.access, setting.clock.now().timestamp())
            finally:
                await lane.aclose()

    return asyncio.run(look())


def _check_secrets(tracking_id: str, access: Access) -> None:
    """Raise `WrongUsage` where a token was given for a task's id: it would be written down."""
    if Disguises((access.token.reveal(), access.bearer.reveal())).are_in(tracking_id):
        raise WrongUsage("MP0662", "this is a token, and no task's id; it was not sent anywhere as one", "give the task's id")


def _not_seen(
    seen: RateLimited | Denied | Unclear | NotSent, tracking_id: str, access: Access, findings: tuple[Diagnostic, ...]
) -> Imported:
    """The end of an import whose task can't be looked at; raises `MixprivError` where waiting wouldn't help."""
    match seen:
        case Denied(finding=finding) | NotSent(finding=Diagnostic() as finding):
            raise MixprivError(finding.code, finding.message, finding.hint)
        case Unclear(why) if why == ANOTHER_PROJECT:
            raise WrongUsage(
                "MP0735",
                f"task {tracking_id} belongs to another project of Mixpanel than {access.project} ({access.project_id})",
                "give the address of a request of the task's own project",
            )
        case RateLimited() | Unclear() | NotSent():
            why = "Mixpanel answers HTTP 429" if isinstance(seen, RateLimited) else seen.why
            message = f"task {tracking_id} can't be looked at now: {why}; nothing was recorded"
            trouble = Diagnostic("MP0736", Severity.WARNING, message, "run the same command again later", address=access.project)
            return Imported(3, "stopped before anything was recorded; run it again", None, 0, (*findings, trouble))
        case _:
            assert_never(seen)


def _held(seen: TaskSeen, given: IdSet | None, tracking_id: str, access: Access, catalogue: Catalogue) -> IdSet:
    """The ids of a live task: those it shows itself, else those that were *given*; raises `WrongUsage` where there is nothing to adopt."""
    if seen.status == MISSING:
        raise WrongUsage(
            "MP0734",
            f"Mixpanel doesn't know task {tracking_id} in {access.project} (project {access.project_id}, region {access.region.value})",
            "check the task's id, the address, `residency` and what `token` points to",
        )
    if not is_live(seen.status):
        raise WrongUsage(
            "MP0668",
            f"task {tracking_id} is {seen.status}: it erases nobody, so there is nothing to adopt",
            "run `mixpriv apply`: it submits these ids anew",
        )
    if seen.ids is not None:
        return catalogue.digests(seen.ids)
    if given is None:
        raise WrongUsage(
            "MP0664",
            f"Mixpanel doesn't say which distinct ids task {tracking_id} holds; nothing was recorded",
            "give the list it was made from: --ids-from FILE (one id a line in a .txt; .csv with --column, .ndjson with --field)",
        )
    return given


def _told(
    seen: TaskSeen, held: IdSet, found: Adoptable, given: IdSet | None, address: Address, tracking_id: str, catalogue: Catalogue
) -> tuple[Diagnostic, ...]:
    """What is to be said of ids of the task that aren't this request's."""
    notes = []
    others = held.count - found.ids.count - found.known
    undeclared = catalogue.undeclared(address.project, seen.ids) if seen.ids is not None else 0
    if undeclared:
        message = f"task {tracking_id} holds {people(undeclared)} that no request here declares: it is never cancelled by itself"
        notes.append(Diagnostic("MP0667", Severity.WARNING, message, "declare them too, if they are yours", address=str(address)))
    if others - undeclared and seen.ids is not None:
        count = others - undeclared
        message = f"{people(count)} of task {tracking_id} {verb(count, 'belongs', 'belong')} to other requests of {address.project}"
        notes.append(Diagnostic("MP0669", Severity.NOTE, message, "import it for these requests too", address=str(address)))
    if given is not None and seen.ids is not None:
        message = f"task {tracking_id} shows its distinct ids itself; those of the file were not used"
        notes.append(Diagnostic("MP0669", Severity.NOTE, message, address=str(address)))
    if seen.ids is None:
        message = f"which distinct ids task {tracking_id} holds is known from the file alone: it is never cancelled by itself"
        notes.append(Diagnostic("MP0667", Severity.WARNING, message, "", address=str(address)))
    return tuple(notes)
