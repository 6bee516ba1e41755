"""What a plan adds up to: counters, cost, deadlines, order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Summary
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Extension, ResidencySpec, Resource
from mixpriv_reconcile.model.workspace import Limits

from .building import FORGOTTEN, NOW, OTHERS, PROJECTS, SPAN, Memory, change_of, decided, desired, ids, people, project, sets, wish

ELSEWHERE = "web-us.deletions.forgotten"
ADOPTED = Resource(Address("web-eu", "residency"), ResidencySpec(Region.EU), SPAN)


def test_a_request_counts_once_by_its_strongest_action() -> None:
    """A request of three batches is one to destroy; a region adopted one to add; a move or a cancellation one to change."""
    memory = Memory().declared(OTHERS, ids(9)).sent(OTHERS, ids(9))
    made = decided(desired(wish(FORGOTTEN, ids(range(5))), resources=[ADOPTED], limits=Limits(2)), memory)
    assert Summary(add=1, change=1, destroy=1) == made.summary
    assert 4 == made.cost.requests


def test_cost_counts_posts_and_deletes() -> None:
    """`cost.requests` counts POSTs and DELETEs of all projects; the slowest project's calls make the seconds."""
    memory = Memory().declared(FORGOTTEN, ids(range(4))).sent(FORGOTTEN, ids(range(4)))
    wishes = desired(wish(FORGOTTEN, ids(range(3))), wish(ELSEWHERE, ids(range(5))), limits=Limits(1, 0.5))
    made = decided(wishes, memory)
    assert 1 + 3 + 5 == made.cost.requests
    assert (3 + 3) / 0.5 == made.cost.seconds


def test_work_on_a_project_starts_with_its_region() -> None:
    """Changes stand by project, then residency before sso before deletions, then by name, however the manifest orders them."""
    wishes = desired(wish(ELSEWHERE, ids(1)), wish(OTHERS, ids(1)), wish(FORGOTTEN, ids(1)), resources=[ADOPTED])
    expected = ["web-eu.residency", FORGOTTEN, OTHERS, ELSEWHERE]
    assert expected == [str(change.address) for change in decided(wishes).changes]


def test_the_next_deadline_is_the_earliest_of_what_is_submitted() -> None:
    """The plan names the earliest deadline of the requests it submits, extensions and the CCPA counted in."""
    told = Extension(date(2026, 11, 5), "complex request")
    wishes = desired(
        wish(FORGOTTEN, ids(1), received=date(2026, 11, 1), extension=told),
        wish(OTHERS, ids(2), received=date(2026, 11, 1), compliance="ccpa"),
        wish(ELSEWHERE, ids(3), received=None),
    )
    made = decided(wishes)
    assert [date(2027, 2, 1), date(2026, 12, 16), None] == [change.deadline for change in made.changes]
    assert date(2026, 12, 16) == made.next_deadline


def test_a_finished_request_has_no_next_deadline() -> None:
    """Requests that are under way don't count in the next deadline."""
    memory = Memory().declared(FORGOTTEN, ids(1)).sent(FORGOTTEN, ids(1), "task-1", "STARTED")
    assert decided(desired(wish(FORGOTTEN, ids(1))), memory).next_deadline is None


def test_the_plan_tells_since_when_tasks_are_known() -> None:
    """What refresh didn't look at is taken from the state, and the plan says from when."""
    before = NOW - timedelta(days=3)
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1), "task-1", "STARTED", checked_at=before)
    memory.sent(FORGOTTEN, ids(2), "task-2", "STARTED")
    wishes = desired(wish(FORGOTTEN, ids(1, 2)))
    assert before == decided(wishes, memory).known_since
    seen = Polled(PROJECTS["web-eu"][0], "task-1", "STARTED", NOW)
    assert NOW == decided(wishes, memory, [seen]).known_since
    also = Polled(PROJECTS["web-eu"][0], "task-2", "SUCCESS", NOW)
    assert decided(wishes, memory, [seen, also]).known_since is None


def test_what_refresh_saw_decides() -> None:
    """A task that refresh saw start is beyond recall, whatever the state still says."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2))
    seen = Polled(PROJECTS["web-eu"][0], "task-1", "STARTED", NOW)
    wishes = desired(wish(FORGOTTEN, ids(1)))
    assert 1 == decided(wishes, memory).cancels
    assert 0 == decided(wishes, memory, [seen]).cancels


@given(declared=st.sets(st.integers(0, 60)), known=st.sets(st.integers(0, 60)), cap=st.integers(1, 9))
def test_batches_are_exactly_what_is_new(declared: set[int], known: set[int], cap: int) -> None:
    """Batches never exceed the cap, ascend by digest, overlap nowhere, and are together exactly the ids not sent yet."""
    memory = Memory().declared(FORGOTTEN, ids(*known))
    if known:
        memory.sent(FORGOTTEN, ids(*known), "task-1", "STARTED")
    made = change_of(decided(desired(wish(FORGOTTEN, ids(*declared)), limits=Limits(cap)), memory))
    batches = made.batches if made is not None else ()
    assert all(0 < batch.ids.count <= cap for batch in batches)
    assert declared - known == set().union(*sets(batches))
    assert sum(batch.ids.count for batch in batches) == len(declared - known)
    flat = b"".join(bytes(batch.ids.digests) for batch in batches)
    digests = [flat[at : at + 16] for at in range(0, len(flat), 16)]
    assert sorted(digests) == digests
    assert declared - known == (people(made.submits) if made is not None else set())


@pytest.mark.parametrize("pattern", ["web-eu", "web-eu.deletions", "web-eu.deletions.for*", FORGOTTEN, "*.forgotten", "web-?u.deletions.*"])
def test_targets_name_addresses_kinds_and_projects(pattern: str) -> None:
    """`--target` takes an address, a kind, a project, or a pattern of them."""
    made = decided(desired(wish(FORGOTTEN, ids(1)), wish("web-us.deletions.x", ids(1)), projects=[project("web-us")]), targets=(pattern,))
    assert [FORGOTTEN] == [str(change.address) for change in made.changes if change.project == "web-eu"]
