"""Residency: asserted, adopted once, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mixpriv_reconcile.kinds.residency import KIND
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Action, Change, PutRecord, Situation
from mixpriv_reconcile.model.regions import Region, app_host
from mixpriv_reconcile.model.resource import ResidencySpec, Resource
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import ResidencyRecord, State
from mixpriv_reconcile.model.workspace import Project, Workspace

from .building import TODAY, block

ADDRESS = Address("web", "residency")


def change(region: Region, *known: tuple[str, int, Region], project_id: int = 4242) -> Change | None:
    """What to do where the manifest says *region* and the state remembers *known*: (name, project id, region)."""
    adopted_on = datetime(2026, 1, 1, tzinfo=UTC)
    records = {f"{name}.residency": ResidencyRecord("residency", name, number, where, adopted_on) for name, number, where in known}
    project = Project("web", project_id, SecretRef(env="TOKEN"), region)
    resource = Resource(ADDRESS, ResidencySpec(region), SourceSpan("privacy.yaml", 9, 5))
    state = State("lineage-1", 1, "0.1.0", records=records)
    return KIND.diff(Situation(ADDRESS, resource, project, Workspace(), ids=EMPTY_IDS, state=state, today=TODAY, cap=2000))


@pytest.mark.parametrize("region", list(Region))
def test_a_region_is_read_as_written(region: Region) -> None:
    """us, eu and in are the regions; each block holds one."""
    spec, found = KIND.read(block("residency", region.value))
    assert (ResidencySpec(region), ()) == (spec, tuple(found))


@pytest.mark.parametrize("region", list(Region))
def test_a_project_is_adopted_the_first_time(region: Region) -> None:
    """A project seen for the first time is adopted with its region, without a call."""
    made = change(region)
    assert made is not None
    assert ((Action.CREATE,), ("adopt",), 0) == (made.actions, made.reasons, made.requests)
    (step,) = made.steps
    assert isinstance(step, PutRecord)
    assert isinstance(step.record, ResidencyRecord)
    assert (region, 4242) == (step.record.region, step.record.project_id)


@pytest.mark.parametrize("region", list(Region))
def test_an_adopted_project_is_no_change(region: Region) -> None:
    """The region it was adopted with is what it stays."""
    assert change(region, ("web", 4242, region)) is None


REGIONS = [(was, now) for was in Region for now in Region if was is not now]


@pytest.mark.parametrize(("was", "now"), REGIONS)
@pytest.mark.parametrize("name", ["web", "another-name"])
def test_a_changed_region_is_a_conflict_with_a_recipe(was: Region, now: Region, name: str) -> None:
    """A changed region of the same project id is an error that nothing carries out; it prints how to migrate."""
    made = change(now, (name, 4242, was))
    assert made is not None
    assert ((Action.NO_OP,), ("conflict",), ()) == (made.actions, made.reasons, made.steps)
    assert not made.is_pending
    (finding,) = made.notes
    assert finding.is_error
    assert ("MP0601", "web.residency") == (finding.code, finding.address)
    assert f"write `residency: {was.value}`" in finding.hint
    assert app_host(now) in finding.hint
    assert all(f"({step})" in finding.hint for step in range(1, 6))


def test_a_new_name_for_an_adopted_project_is_adopted_too() -> None:
    """The same project id and region under another name is adopted under that name."""
    made = change(Region.EU, ("another-name", 4242, Region.EU))
    assert made is not None
    assert (Action.CREATE,) == made.actions


def test_a_name_that_stands_for_another_project_is_a_conflict() -> None:
    """A project name that changes its id would lose sight of what was requested for the old one: an error."""
    made = change(Region.EU, ("web", 1, Region.EU))
    assert made is not None
    assert ["MP0607"] == [finding.code for finding in made.notes]
    assert not made.is_pending


def test_another_projects_region_is_its_own() -> None:
    """What other project ids were adopted with doesn't matter."""
    made = change(Region.EU, ("other", 1, Region.US))
    assert made is not None
    assert ("adopt",) == made.reasons
