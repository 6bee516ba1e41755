"""From wishes and memory to a plan: match, ask each kind, guard, count, name by a digest."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from mixpriv_reconcile import __version__
from mixpriv_reconcile.kinds import kind_named
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.files import NO_FILES, FileSeen
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Change, Plan, PlanOptions, Summary
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DesiredState, Resource
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import RequestRecord, State, TaskKey
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.model.workspace import ids_per_deletion
from mixpriv_reconcile.plan.cost import cost_of
from mixpriv_reconcile.plan.digest import digest_of
from mixpriv_reconcile.plan.guards import findings, refusals, unmatched
from mixpriv_reconcile.plan.keeping import Kept, keeping
from mixpriv_reconcile.plan.moves import moves
from mixpriv_reconcile.plan.opting import lists_left_out
from mixpriv_reconcile.plan.sharing import wanted_elsewhere

__all__ = ["plan"]

NOT_ASKED: Mapping[int, Region] = MappingProxyType({})
"""Where no live project was looked up."""


def plan(
    desired: DesiredState,
    state: State,
    observed: Iterable[Polled],
    today: date,
    options: PlanOptions | None = None,
    *,
    files: Mapping[str, FileSeen] = NO_FILES,
    regions: Mapping[int, Region] = NOT_ASKED,
) -> Plan:
    """What to do so that Mixpanel holds what the manifests ask for.

    The same for any order of files, keys and ids. *state* is empty (lineage "") before the first apply. *observed* is what
    refresh saw of tasks since, *files* what stands where the program writes, *regions* where live projects were seen, by their
    number. Thresholds and conflicts don't raise: they are in the plan, which is always shown.
    """
    options = options or PlanOptions()
    observed = tuple(observed)
    state = _seen(state, observed)
    deciding = _Deciding(desired, state, today, options, files, regions)
    changes = tuple(change for change in deciding.changes() if change is not None)
    targeted = tuple(change for change in changes if _is_targeted(change.address, options.targets))
    ordered = tuple(sorted(targeted, key=lambda change: (change.project, kind_named(change.kind).order, change.address.name)))
    pending = [change for change in ordered if change.is_pending]
    deadlines = [change.deadline for change in pending if change.deadline is not None and change.submits]
    conflicts = [note for change in changes if not _is_targeted(change.address, options.targets) for note in change.notes if note.is_error]
    whole = findings(desired, state, ordered, today, sandbox=options.sandbox)
    diagnostics = (*_notes(ordered), *conflicts, *unmatched(desired, state, options), *whole)
    return Plan(
        tool_version=__version__,
        lineage=state.lineage or None,
        serial=state.serial,
        digest=digest_of(desired, state, ordered, options),
        changes=ordered,
        diagnostics=diagnostics,
        refusals=(*refusals(desired, state, ordered), *lists_left_out(desired, changes, ordered)),
        summary=Summary.of(pending),
        cost=cost_of(pending, desired.workspace.limits),
        erases=sum(change.erased for change in ordered),
        withdraws=sum(change.withdrawn for change in ordered),
        cancels=len({(step.project_id, step.tracking_id) for change in ordered for step in change.cancels}),
        resubmits=sum(change.resubmitted for change in ordered),
        next_deadline=min(deadlines, default=None),
        options=options,
        manifests=desired.fingerprint,
        declared={str(address): ids.sha256 for address, ids in sorted(desired.ids.items())},
        known_since=_known_since(state, observed),
        today=today,
    )


def _seen(state: State, observed: Iterable[Polled]) -> State:
    tasks = dict(state.tasks)
    for seen in observed:
        key: TaskKey = (seen.project_id, seen.tracking_id)
        if key in tasks:
            tasks[key] = dataclasses.replace(tasks[key], status=seen.status, checked_at=seen.at)
    return dataclasses.replace(state, tasks=tasks)


def _known_since(state: State, observed: tuple[Polled, ...]) -> datetime | None:
    """Since when the least recently checked open task is known, where refresh left some to memory."""
    fresh = {(seen.project_id, seen.tracking_id) for seen in observed}
    return min((task.checked_at for key, task in state.tasks.items() if is_open(task.status) and key not in fresh), default=None)


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What every address is decided from."""

    desired: DesiredState
    state: State
    today: date
    options: PlanOptions
    files: Mapping[str, FileSeen]
    regions: Mapping[int, Region]

    def changes(self) -> Iterable[Change | None]:
        """What to do at each declared address, then at each that is remembered alone."""
        desired, state = self.desired, self.state
        moved = moves(desired, state)
        kept = keeping(desired, state, moved, self.files)
        elsewhere = wanted_elsewhere(desired, state, moved, kept)
        for resource in desired.resources:
            yield self._change(resource.address, resource, moved.get(str(resource.address)), kept, elsewhere)
        wished = {str(resource.address) for resource in desired.resources} | set(moved.values())
        for text, record in state.records.items():
            if text not in wished and isinstance(record, RequestRecord):
                yield self._change(Address.parse(text), None, None, kept, elsewhere)

    def _change(
        self,
        address: Address,
        resource: Resource | None,
        moved_from: str | None,
        kept: Kept,
        elsewhere: Mapping[TaskKey, frozenset[str]],
    ) -> Change | None:
        desired, options = self.desired, self.options
        project = desired.projects.get(address.project)
        remembered = self.state.projects.get(address.project)
        retry = any(address.matches(pattern) for pattern in options.retry)
        # Who retries may find that what was learned was wrong: a batch may have been refused for another reason than its size.
        learned = remembered.learned_cap if remembered is not None and not retry else None
        groups = project.data_groups if project is not None else remembered.data_groups if remembered is not None else 0
        situation = Situation(
            address=address,
            resource=resource,
            project=project,
            workspace=desired.workspace,
            ids=desired.ids.get(address, EMPTY_IDS) if resource is not None else EMPTY_IDS,
            state=self.state,
            today=self.today,
            # Group Analytics lowers the cap of deletions alone (API §1.5).
            cap=ids_per_deletion(groups if address.kind == "deletions" else 0, desired.workspace.limits, learned),
            retry=retry,
            moved_from=moved_from,
            elsewhere=elsewhere,
            files=self.files,
            held=kept.held_in(address),
            awaited=kept.awaited_in(address),
            live_region=self.regions.get(project.project_id) if project is not None else None,
        )
        return kind_named(address.kind).diff(situation)


def _is_targeted(address: Address, targets: tuple[str, ...]) -> bool:
    return not targets or any(address.matches(target) for target in targets)


def _notes(changes: Iterable[Change]) -> tuple[Diagnostic, ...]:
    return tuple(note for change in changes for note in change.notes)
