"""Residency: the region a project was created in. Asserted, never changed: Mixpanel fixes it at creation (API §2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Action, Change, PutRecord
from mixpriv_reconcile.model.regions import Region, app_host
from mixpriv_reconcile.model.resource import Block, ResidencySpec, Resource, Spec
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import RequestRecord, ResidencyRecord

__all__ = ["KIND"]

SCHEMA = {
    "title": "Data residency",
    "description": "The region the project was created in: us, eu or in. Mixpanel fixes it at creation; it can't be changed.",
    "type": "string",
    "enum": [region.value for region in Region],
    "examples": ["eu"],
}


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    return ResidencySpec(Region(block.value)), ()


def _diff(situation: Situation) -> Change | None:
    """Adopt a project seen for the first time; report a conflict where the same project id now claims another region."""
    resource, project = situation.resource, situation.project
    if resource is None or project is None or not isinstance(resource.spec, ResidencySpec):
        return None
    wanted, live = resource.spec.region, situation.live_region
    remembered = situation.record if isinstance(situation.record, ResidencyRecord) else None
    if remembered is not None and remembered.project_id != project.project_id:
        return _other_project(resource, remembered.project_id, project.project_id)
    known = remembered.region if remembered is not None else _remembered_region(situation, project.project_id)
    if live not in (None, wanted) or known not in (None, wanted):
        return _conflict(resource, project.project_id, wanted=wanted, known=known, live=live)
    return _adoption(situation, resource, wanted, project.project_id) if remembered is None else None


def _remembered_region(situation: Situation, project_id: int) -> Region | None:
    """The region the same project id was adopted or asked with before, under whatever name and by whatever part of a plan.

    How a project was reached doesn't count by itself: it is remembered even where `state rm` forgot all that was asked for.
    """
    records = (record for record in situation.state.records.values() if isinstance(record, RequestRecord | ResidencyRecord))
    return next((record.region for record in records if record.project_id == project_id), None)


def _adoption(situation: Situation, resource: Resource, region: Region, project_id: int) -> Change:
    midnight = datetime(situation.today.year, situation.today.month, situation.today.day, tzinfo=UTC)
    record = ResidencyRecord("residency", resource.address.project, project_id, region, midnight)
    return Change(
        address=resource.address,
        kind="residency",
        project=resource.address.project,
        project_id=project_id,
        actions=(Action.CREATE,),
        reasons=("adopt",),
        after={"region": region.value, "project_id": project_id},
        steps=(PutRecord(record),),
        source=resource.span,
    )


def _other_project(resource: Resource, was: int, now: int) -> Change:
    """The same name now stands for another project of Mixpanel; its remembered requests belong to the old one."""
    name = resource.address.project
    finding = Diagnostic(
        code="MP0607",
        severity=Severity.ERROR,
        message=f"{name} stood for project {was} so far and now for project {now}; what was requested for {was} would be lost from sight",
        hint=f"give project {now} a name of its own, or forget the old one with `mixpriv state rm '{name}.*'`",
        span=resource.span,
        address=str(resource.address),
    )
    return _standstill(resource, {"project_id": was}, {"project_id": now}, now, finding)


def _conflict(resource: Resource, project_id: int, *, wanted: Region, known: Region | None, live: Region | None) -> Change:
    """The manifest says *wanted*; the state says *known* or the live project *live*, each None where it says nothing, and one differs."""
    actual = live or known
    assert actual is not None
    finding = Diagnostic(
        code="MP0601",
        severity=Severity.ERROR,
        message=_who_says_what(project_id, wanted, known, live),
        hint=_way_out(resource.address.project, wanted, known, live, actual),
        span=resource.span,
        address=str(resource.address),
    )
    before, after = {"region": actual.value, "project_id": project_id}, {"region": wanted.value, "project_id": project_id}
    return _standstill(resource, before, after, project_id, finding)


def _who_says_what(project_id: int, wanted: Region, known: Region | None, live: Region | None) -> str:
    fixed = "and Mixpanel fixes the region when a project is created"
    if live is None and known is not None:
        return f"project {project_id} was adopted in region {known.value}; the manifest now says {wanted.value}, {fixed}"
    live_says = live.value if live is not None else "nothing"
    state_says = known.value if known is not None else "nothing yet"
    return (
        f"the region of project {project_id} is told in different ways: the manifest says {wanted.value}, the state {state_says}, "
        f"the live project {live_says}; {fixed}"
    )


def _way_out(name: str, wanted: Region, known: Region | None, live: Region | None, actual: Region) -> str:
    """What to write where a word is wrong; and the migration, where the project is really to move (API §2.2)."""
    forget = f"let the state forget what was asked for in the wrong region, where no such project is: `mixpriv state rm '{name}.*'`"
    if actual is wanted:
        return f"the manifest and Mixpanel agree; {forget}"
    correct = f"write `residency: {actual.value}`" + (f" and {forget}" if known not in (None, actual) else "")
    steps = (
        f"to move for real: (1) create a new project on {app_host(wanted)} with {wanted.title} as its data residency, "
        "(2) add it here under a new name with its own id and token, (3) move the data, "
        "(4) point every SDK and server at the new region, (5) then erase what is left in the old project"
    )
    return "; ".join((correct, steps, *_forwarding(wanted, actual)))


def _forwarding(*regions: Region) -> tuple[str, ...]:
    """What a wrong host does since Mixpanel's forwarding ended, for the regions concerned. Source: API fact sheet §2.2."""
    if Region.EU in regions:
        return (
            "US hosts no longer reach an EU project: forwarding ended on 2026-07-01 and what is sent so is not accepted since 2026-08-01 "
            "(some projects have a notified extension to 2026-12-31; those created since 2025-08-18 never had it)",
        )
    return ("a US host never reached a project in India: there was no forwarding",) if Region.IN in regions else ()


def _standstill(
    resource: Resource, before: Mapping[str, object], after: Mapping[str, object], project_id: int, finding: Diagnostic
) -> Change:
    return Change(
        address=resource.address,
        kind="residency",
        project=resource.address.project,
        project_id=project_id,
        actions=(Action.NO_OP,),
        reasons=("conflict",),
        before=before,
        after=after,
        source=resource.span,
        notes=(finding,),
    )


KIND = Kind(name="residency", lifecycle=Lifecycle.ASSERTED, order=10, per_name=False, schema=SCHEMA, read=_read, diff=_diff)
