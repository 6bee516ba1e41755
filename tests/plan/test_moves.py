"""Requests that move, and how their ids are cut into batches."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.journal import LearnedCap
from mixpriv_reconcile.model.plan import Action
from mixpriv_reconcile.model.workspace import Limits

from .building import (
    FORGOTTEN,
    NOTHING,
    OTHERS,
    TODAY,
    Memory,
    change_of,
    codes,
    decided,
    desired,
    ids,
    people,
    project,
    refused,
    sets,
    wish,
)


def remembered(*sent: tuple[range, str, str], declared: range | None = None) -> Memory:
    """A request whose ids are in these tasks: (people, task, status)."""
    everyone = [number for numbers, _, _ in sent for number in numbers]
    memory = Memory().declared(FORGOTTEN, ids(*everyone) if declared is None else ids(declared))
    for numbers, task, status in sent:
        memory.sent(FORGOTTEN, ids(numbers), task, status)
    return memory


# Moving


@pytest.mark.parametrize("new_name", [OTHERS, "renamed.deletions.forgotten"])
@pytest.mark.parametrize("status", ["PENDING", "STARTED", "SUCCESS"])
def test_a_new_name_for_the_same_ids_is_a_move(new_name: str, status: str) -> None:
    """A request under a new name of the same project id with the same ids moves: one update, no call."""
    memory = remembered((range(3), "task-1", status))
    made = decided(desired(wish(new_name, ids(range(3)))), memory)
    assert [(new_name, (Action.UPDATE,), ("moved",))] == [(str(one.address), one.actions, one.reasons) for one in made.changes]
    assert (0, 0, 0) == (made.cost.requests, made.erases, made.withdraws)


def test_a_new_name_with_other_ids_is_a_new_request() -> None:
    """A new name with other ids isn't a move: the old request is withdrawn, the new one submitted."""
    made = decided(desired(wish(OTHERS, ids(0, 1))), remembered((range(3), "task-1", "PENDING")))
    assert {FORGOTTEN: ("withdrawn_request",), OTHERS: ("new_request",)} == {str(one.address): one.reasons for one in made.changes}


def test_the_same_name_in_another_project_is_no_move() -> None:
    """The same ids in another Mixpanel project are other people's data: they are submitted there."""
    made = decided(desired(wish("web-us.deletions.forgotten", ids(range(3)))), remembered((range(3), "task-1", "SUCCESS")))
    assert [("new_request",)] == [one.reasons for one in made.changes]


def test_a_move_keeps_what_is_left_to_do() -> None:
    """A request that moves with ids unsent moves and submits them."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1), "task-1", "STARTED")
    made = decided(desired(wish(OTHERS, ids(1, 2))), memory)
    assert [((Action.DELETE, Action.UPDATE), [{2}])] == [(one.actions, sets(one.batches)) for one in made.changes]


# Batches


@pytest.mark.parametrize(("groups", "cap"), [(0, 2000), (1, 1000), (2, 666), (3, 500), (4, 400)])
def test_group_analytics_lowers_the_cap(groups: int, cap: int) -> None:
    """With n data groups one deletion holds at most floor(2000 / (n + 1)) ids."""
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(2001))), projects=[project("web-eu", groups)])))
    assert made is not None
    assert cap == max(batch.ids.count for batch in made.batches)
    assert -(-2001 // cap) == len(made.batches)


def test_the_workspace_may_set_a_lower_cap() -> None:
    """`limits.distinct_ids_per_request` cuts smaller batches."""
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(7))), limits=Limits(distinct_ids_per_request=3))))
    assert made is not None
    assert [3, 3, 1] == [batch.ids.count for batch in made.batches]


def test_a_learned_cap_is_kept_to() -> None:
    """What Mixpanel was seen to accept at most is what a batch holds at most."""
    memory = Memory()
    memory.entries.append(LearnedCap("web-eu", 2))
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(5)))), memory))
    assert made is not None
    assert [2, 2, 1] == [batch.ids.count for batch in made.batches]


def test_a_learned_cap_is_said_where_it_cuts() -> None:
    """Where batches are smaller than the manifest allows the plan says why; where the manifest says as much, or one batch does, it doesn't."""
    memory = Memory()
    memory.entries.append(LearnedCap("web-eu", 2))
    assert ["MP0809"] == codes(decided(desired(wish(FORGOTTEN, ids(range(5)))), memory))
    assert [] == codes(decided(desired(wish(FORGOTTEN, ids(range(2)))), memory))
    assert [] == codes(decided(desired(wish(FORGOTTEN, ids(range(5))), limits=Limits(distinct_ids_per_request=2)), memory))


def test_what_is_left_of_refused_batches_stays_apart_and_comes_last() -> None:
    """The parts of a refused batch that were never tried are sent as they were left, after everybody else of the request."""
    everyone = ids(range(10))
    memory = Memory().declared(FORGOTTEN, everyone)
    memory.unsettled(FORGOTTEN, ids(range(8)), "returned", "HTTP 400").unsettled(FORGOTTEN, ids(range(4)), "returned", "HTTP 422")
    memory.sent(FORGOTTEN, ids(0, 1)).unsettled(FORGOTTEN, ids(8), "returned", "HTTP 429")
    made = change_of(decided(desired(wish(FORGOTTEN, everyone)), memory))
    assert made is not None
    assert [{8, 9}, {4, 5, 6, 7}, {2, 3}] == sets(made.batches)
    assert {2, 3, 4, 5, 6, 7, 8, 9} == people(made.submits)


def test_nothing_wished_and_nothing_known_is_no_plan() -> None:
    """An empty workspace plans nothing."""
    made = decided(desired(), NOTHING, today=TODAY)
    assert ((), [], None) == (made.changes, refused(made), made.lineage)
