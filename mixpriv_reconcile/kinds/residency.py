"""Residency: the region a project was created in. Asserted, never changed: Mixpanel fixes it at creation (API §2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Action, Change, PutRecord, Situation
from mixpriv_reconcile.model.regions import Region, app_host
from mixpriv_reconcile.model.resource import Block, ResidencySpec, Resource, Spec
from mixpriv_reconcile.model.state import ResidencyRecord, SsoRecord

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
    wanted = resource.spec.region
    remembered = situation.record
    if isinstance(remembered, ResidencyRecord) and remembered.project_id != project.project_id:
        return _other_project(resource, remembered.project_id, project.project_id)
    if not isinstance(remembered, ResidencyRecord):
        elsewhere = _remembered_region(situation, project.project_id)
        if elsewhere is None or elsewhere is wanted:
            return _adoption(situation, resource, wanted, project.project_id)
        return _conflict(resource, elsewhere, wanted, project.project_id)
    if remembered.region is wanted:
        return None
    return _conflict(resource, remembered.region, wanted, project.project_id)


def _remembered_region(situation: Situation, project_id: int) -> Region | None:
    """The region the same project id was adopted or asked with before, under whatever name and by whatever part of a plan."""
    records = (record for record in situation.state.records.values() if not isinstance(record, SsoRecord))
    known = [*records, *situation.state.projects.values()]
    return next((record.region for record in known if record.project_id == project_id), None)


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


def _conflict(resource: Resource, was: Region, wanted: Region, project_id: int) -> Change:
    finding = Diagnostic(
        code="MP0601",
        severity=Severity.ERROR,
        message=(
            f"project {project_id} was adopted in region {was.value}; the manifest now says {wanted.value}, "
            "and Mixpanel fixes the region when a project is created"
        ),
        hint=(
            f"write `residency: {was.value}`; to move for real: (1) create a new project on {app_host(wanted)} with "
            f"{wanted.title} as its data residency, (2) add it here under a new name with its own id and token, (3) move the data, "
            "(4) point every SDK and server at the new region, (5) then erase what is left in the old project"
        ),
        span=resource.span,
        address=str(resource.address),
    )
    before, after = {"region": was.value, "project_id": project_id}, {"region": wanted.value, "project_id": project_id}
    return _standstill(resource, before, after, project_id, finding)


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
