"""`plan`: READ → OBSERVE → DECIDE. Nothing is sent but GETs, no state is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from mixpriv_reconcile import plan as decide
from mixpriv_reconcile.errors import ManifestInvalid, PolicyRefused
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.ids_shown import IdsShown
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import HAS_ERRORS, Plan, PlanOptions
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State, TaskKey
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked
from mixpriv_reconcile.pipeline.exports import exports_seen
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.ids_shown import ids_asked_for
from mixpriv_reconcile.pipeline.lanes import mixed_origins
from mixpriv_reconcile.pipeline.offline import wished
from mixpriv_reconcile.pipeline.opening import digest_key, kept_elsewhere, key_note, no_state, open_workspace
from mixpriv_reconcile.pipeline.reading import by_place, merged
from mixpriv_reconcile.pipeline.room import without_room
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.tokens import needing_a_token
from mixpriv_reconcile.pipeline.written import lists_seen, misplaced
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.refresh import stale_tasks
from mixpriv_reconcile.state import Loaded

__all__ = ["Planned", "files_seen", "plan", "planned", "recovery_note", "scanned", "verdict"]

REFRESH_SECONDS = 30.0
"""Time that `plan` and `apply` give to looking at tasks, unless `--refresh-budget` says otherwise (contract §4)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the digest key that can seal it, and, for a person who asked for them, ids by address."""

    plan: Plan
    key: DigestKey
    ids: Mapping[str, IdsShown] = field(default_factory=dict)


def plan(setting: Setting, options: PlanOptions, *, with_refresh: bool = True, refresh_seconds: float = REFRESH_SECONDS) -> Planned:
    """What apply would do. GETs at most, no state written. Conflicts and refusals are in the plan; `verdict` turns them into errors."""
    desired, findings, backend, store = open_workspace(setting, needs_key=True, find=partial(wished, setting))
    findings = (*findings, *folders_checked(setting.root, desired))
    holder = backend.holder()
    loaded = store.load()
    if holder is not None:
        findings = (*findings, running_note(holder))
    findings = (*findings, *key_note(setting))
    key = digest_key(setting, loaded)
    guards = guarded(setting, desired, loaded.state.projects)
    reading, show_ids = setting.reading, setting.show_ids
    with Catalogue(setting.root, key, setting.bounds, guards, loaded.state, progress=reading, show_ids=show_ids) as catalogue:
        desired, findings = scanned(setting, desired, (*findings, *drift(setting, desired)), catalogue)
        seconds = refresh_seconds if with_refresh else None
        files = files_seen(setting, desired, loaded.state)
        made, _ = planned(
            setting, desired, loaded, findings, options, seconds, files, is_held=holder is not None, most_ids=backend.most_ids
        )
        return Planned(made, key, ids_asked_for(setting, made, desired, catalogue))


def files_seen(setting: Setting, desired: DesiredState, state: State) -> Mapping[str, FileSeen]:
    """What stands where the program writes: opt-out lists and exports."""
    return {**lists_seen(setting, desired, state), **exports_seen(setting.root, desired, state)}


def verdict(made: Plan) -> None:
    """Raise what keeps *made* from being applied: an error, such as a conflict (exit 1), or a policy that says no (exit 6)."""
    if made.conflicts:
        raise ManifestInvalid(made.conflicts, HAS_ERRORS)
    if made.refusals:
        raise PolicyRefused(made.refusals)


def scanned(
    setting: Setting, desired: DesiredState, findings: tuple[Diagnostic, ...], catalogue: Catalogue
) -> tuple[DesiredState, tuple[Diagnostic, ...]]:
    """The wishes with their ids, and all findings so far; raises `ManifestInvalid` where a source has errors, or a list no place."""
    desired = desired.with_ids(catalogue.scan(desired))
    found = merged(findings, catalogue.diagnostics, misplaced(setting, desired))
    if any(finding.is_error for finding in found):
        raise ManifestInvalid(by_place(found))
    return desired, found


def planned(
    setting: Setting,
    desired: DesiredState,
    loaded: Loaded,
    findings: tuple[Diagnostic, ...],
    options: PlanOptions,
    refresh_seconds: float | None,
    files: Mapping[str, FileSeen],
    *,
    is_held: bool = False,
    most_ids: int | None = None,
    check_offline: Callable[[Plan], None] | None = None,
) -> tuple[Plan, tuple[Polled, ...]]:
    """The plan of this moment, after looking at live projects and tasks for *refresh_seconds* (None: not at all), and the looks at tasks.

    *files* stand where the program writes. *is_held* says that the journal is somebody's who still runs, not what a dead run left behind.
    *most_ids* can be remembered. *check_offline* is called before any request, with the plan as memory alone has it, and may raise.
    """
    today = setting.today(desired.workspace.timezone)
    if not loaded.exists and not setting.sandbox and (setting.in_ci or desired.workspace.state.is_shared):
        # A typing error in a prefix or an address looks like a new state as well, and everybody would be erased again.
        only = "; `apply` makes a new state only with --new-state" if setting.in_ci else ""
        note = f"{no_state(setting, desired)} yet: every request is planned as new{only}"
        hint = f"if there was a state before, restore it first{kept_elsewhere(setting, desired)}"
        findings = (*findings, Diagnostic("MP0501", Severity.WARNING, note, hint))
    if loaded.recovered and not is_held:
        findings = (*findings, recovery_note(loaded))
    findings = (*findings, *mixed_origins(setting, desired))

    def decided(polled: tuple[Polled, ...], regions: Mapping[int, Region]) -> Plan:
        return decide.plan(desired, loaded.state, polled, today, options, files=files, regions=regions)

    def with_findings(made: Plan) -> Plan:
        found = (*findings, *without_room(made, loaded.state, most_ids))
        if any(change.requests or change.downloads for change in made.pending):
            found = needing_a_token(found)
        return dataclasses.replace(made, diagnostics=merged(found, made.diagnostics))

    made = decided((), {})
    if check_offline is not None:
        check_offline(with_findings(made))
    if refresh_seconds is None:
        return with_findings(made), ()
    regions: Mapping[int, Region] = {}
    if desired.workspace.service_account is not None:
        regions, told, refresh_seconds = _live_regions(setting, desired, refresh_seconds)
        findings = (*findings, *told)
    # A project's region changes nothing of which tasks are to be looked at: what is seen of both goes into one decision.
    cancels = {(step.project_id, step.tracking_id) for change in made.changes for step in change.cancels}
    polled, seen = _observed(setting, desired, loaded.state, cancels, refresh_seconds)
    findings = (*findings, *seen)
    if polled or regions:
        made = decided(polled, regions)
    return with_findings(made), polled


def _live_regions(
    setting: Setting, desired: DesiredState, seconds: float
) -> tuple[Mapping[int, Region], tuple[Diagnostic, ...], float]:
    """Where live projects are, what is to be said of it, and how many of *seconds* are left."""
    # Loaded for those who have a service account: it takes the client.
    from mixpriv_reconcile.pipeline.account import looked_up

    begun = setting.clock.monotonic()
    regions, told = looked_up(setting, desired, seconds)
    return regions, told, max(0.0, seconds - (setting.clock.monotonic() - begun))


def running_note(holder: Holder) -> Diagnostic:
    """What to say while somebody holds the lock."""
    return Diagnostic(
        "MP0526",
        Severity.NOTE,
        f"`{holder.command}` of {holder.who} on {holder.host} (pid {holder.pid}) is running since {holder.since}; so things stand now",
        "run the same command again when it has ended",
    )


def recovery_note(loaded: Loaded) -> Diagnostic:
    """What to say of a journal that nobody published."""
    return Diagnostic(
        "MP0516",
        Severity.NOTE,
        f"a run ended before it could publish; the {len(loaded.recovered)} entries of its journal are counted in",
        "the next apply publishes them first",
    )


def _observed(
    setting: Setting, desired: DesiredState, state: State, cancels: Collection[TaskKey], seconds: float
) -> tuple[tuple[Polled, ...], tuple[Diagnostic, ...]]:
    """Look at the tasks that can change the plan, for at most *seconds*."""
    tasks = stale_tasks(state, now=setting.clock.now(), to_cancel=cancels)
    if not tasks:
        return (), ()
    # Loaded now that there is something to look at: a third of the time of a plan that sends nothing.
    import asyncio

    from mixpriv_reconcile.pipeline.lanes import open_lanes
    from mixpriv_reconcile.pipeline.running import running
    from mixpriv_reconcile.refresh import poll

    async def look() -> tuple[tuple[Polled, ...], tuple[Diagnostic, ...]]:
        with running(setting, seconds) as run, open_lanes(setting, desired, state, run.patience) as lanes:
            seen = await poll(tasks, lanes, setting.clock, run.patience, parallelism=setting.parallelism)
            run.raise_if_interrupted()
            return seen.polled, seen.diagnostics

    return asyncio.run(look())
