"""Residency: asserted, adopted once, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mixpriv_reconcile.kinds.residency import KIND
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Action, Change, PutRecord
from mixpriv_reconcile.model.regions import Region, app_host
from mixpriv_reconcile.model.resource import ResidencySpec, Resource
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import ProjectRecord, ResidencyRecord, State
from mixpriv_reconcile.model.workspace import Project, Workspace

from .building import TODAY, block

ADDRESS = Address("web", "residency")


def change(
    region: Region, *known: tuple[str, int, Region], project_id: int = 4242, live: Region | None = None, reached: Region | None = None
) -> Change | None:
    """What to do where the manifest says *region* and the state remembers *known*: (name, project id, region).

    *live* is where Mixpanel says that the project is; *reached* is the region it was reached in before.
    """
    adopted_on = datetime(2026, 1, 1, tzinfo=UTC)
    records = {f"{name}.residency": ResidencyRecord("residency", name, number, where, adopted_on) for name, number, where in known}
    project = Project("web", project_id, SecretRef(env="TOKEN"), region)
    resource = Resource(ADDRESS, ResidencySpec(region), SourceSpan("privacy.yaml", 9, 5))
    projects = {"web": ProjectRecord(project_id, reached, SecretRef(env="TOKEN"))} if reached is not None else {}
    state = State("lineage-1", 1, "0.1.0", records=records, projects=projects)
    return KIND.diff(
        Situation(ADDRESS, resource, project, Workspace(), ids=EMPTY_IDS, state=state, today=TODAY, cap=2000, live_region=live)
    )


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


def test_a_forgotten_adoption_leaves_the_region_open() -> None:
    """After `state rm` the project is adopted anew, in whatever region it was reached before."""
    made = change(Region.EU, reached=Region.US)
    assert made is not None
    assert ("adopt",) == made.reasons


# The live project


@pytest.mark.parametrize("region", list(Region))
def test_a_live_project_in_its_region_is_adopted(region: Region) -> None:
    """Where the live project says the same as the manifest, it is adopted the first time, and then nothing is left to do."""
    made = change(region, live=region)
    assert made is not None
    assert ("adopt",) == made.reasons
    assert change(region, ("web", 4242, region), live=region) is None


US, EU, IN = Region.US, Region.EU, Region.IN
DIFFERENT = [
    # manifest, state, live project; what is said of each; the first words of the way out
    (US, None, EU, "manifest says us, the state nothing yet, the live project eu", "write `residency: eu`; to move"),
    (US, US, EU, "manifest says us, the state us, the live project eu", "write `residency: eu` and let the state forget"),
    (US, EU, EU, "manifest says us, the state eu, the live project eu", "write `residency: eu`; to move"),
    (EU, US, EU, "manifest says eu, the state us, the live project eu", "the manifest and Mixpanel agree; let the state forget"),
    (IN, US, EU, "manifest says in, the state us, the live project eu", "write `residency: eu` and let the state forget"),
    (EU, None, US, "manifest says eu, the state nothing yet, the live project us", "write `residency: us`; to move"),
    (IN, IN, US, "manifest says in, the state in, the live project us", "write `residency: us` and let the state forget"),
]


@pytest.mark.parametrize(("wanted", "known", "live", "said", "way_out"), DIFFERENT)
def test_a_live_project_elsewhere_is_a_conflict(wanted: Region, known: Region | None, live: Region, said: str, way_out: str) -> None:
    """The finding tells what manifest, state and live project say, and what to write; nothing is carried out."""
    made = change(wanted, *([("web", 4242, known)] if known is not None else []), live=live)
    assert made is not None
    assert ((Action.NO_OP,), ("conflict",), ()) == (made.actions, made.reasons, made.steps)
    (finding,) = made.notes
    assert finding.is_error
    assert ("MP0601", "web.residency") == (finding.code, finding.address)
    assert said in finding.message
    assert finding.hint.startswith(way_out)
    assert ({"region": live.value, "project_id": 4242}, {"region": wanted.value, "project_id": 4242}) == (made.before, made.after)


@pytest.mark.parametrize(("wanted", "live"), [(US, EU), (EU, US), (EU, IN)])
def test_an_eu_conflict_says_what_ended_in_2026(wanted: Region, live: Region) -> None:
    """Who moves to or from the EU is told that US hosts no longer forward, with the days on which that ended (API §2.2)."""
    made = change(wanted, live=live)
    assert made is not None
    for day in ("2026-07-01", "2026-08-01", "2026-12-31", "2025-08-18"):
        assert day in made.notes[0].hint


@pytest.mark.parametrize(("wanted", "live"), [(US, IN), (IN, US)])
def test_india_never_had_forwarding(wanted: Region, live: Region) -> None:
    """Between the US and India the end of forwarding is no matter, for there was none."""
    made = change(wanted, live=live)
    assert made is not None
    assert "there was no forwarding" in made.notes[0].hint
    assert "2026" not in made.notes[0].hint
