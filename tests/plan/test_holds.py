"""Legal holds: who is held is not erased, and what is under way is stopped where that is possible."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.plan import Action
from mixpriv_reconcile.model.resource import DesiredState, HoldSpec, Resource
from mixpriv_reconcile.plan import status_report

from .building import (
    FORGOTTEN,
    OTHERS,
    SPAN,
    TODAY,
    Memory,
    carried_out,
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

HOLDS = Address("web-eu", "legal_holds")


def holding(wishes: DesiredState, held: IdSet) -> DesiredState:
    """The same manifests, with these ids under a legal hold."""
    hold = Resource(HOLDS, HoldSpec(IdSources()), SPAN)
    return DesiredState(
        wishes.workspace, wishes.projects, (*wishes.resources, hold), wishes.fingerprint, ids={**wishes.ids, HOLDS: held}
    )


def test_a_held_id_is_left_out_and_counted() -> None:
    """Who is held is not submitted; the plan says how many that are."""
    change = change_of(decided(holding(desired(wish(FORGOTTEN, ids(range(5)))), ids(3, 9))))

    assert change is not None
    assert ({0, 1, 2, 4}, {3}) == (people(change.submits), people(change.held))
    assert ("new_request", "held") == change.reasons


def test_a_request_of_held_ids_alone_is_no_change() -> None:
    """Nothing is done for it, and still it is told who is left out."""
    made = decided(holding(desired(wish(FORGOTTEN, ids(3))), ids(3)))
    change = change_of(made)

    assert change is not None
    assert ((Action.NO_OP,), {3}, ()) == (change.actions, people(change.held), made.pending)


def test_a_hold_cancels_the_task_and_the_rest_goes_out_again() -> None:
    """An id in a task that can still be cancelled is taken out of it."""
    memory = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(range(5)))
    change = change_of(decided(holding(desired(wish(FORGOTTEN, ids(range(5)))), ids(3)), memory))

    assert change is not None
    assert [("task-1", 1, 4)] == [(step.tracking_id, step.withdrawn, step.kept) for step in change.cancels]
    assert [{0, 1, 2, 4}] == sets(change.batches)
    assert ("held", "resubmitted") == tuple(sorted(change.reasons))


def test_a_held_id_in_doubt_is_not_withdrawn() -> None:
    """Ids of a batch in doubt that come under a legal hold are still declared: they are held, and nobody is withdrawn."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), "in_doubt")
    made = decided(holding(desired(wish(FORGOTTEN, ids(1, 2))), ids(1, 2)), memory)
    assert (0, 0, 2) == (made.withdraws, made.beyond_recall, made.held)


@pytest.mark.parametrize("status", ["STARTED", "UNKNOWN"])
def test_a_hold_on_a_started_task_is_refused(status: str) -> None:
    """What can't be called back must be read by somebody: the plan is refused."""
    memory = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(range(5)), status=status)
    made = decided(holding(desired(wish(FORGOTTEN, ids(range(5)))), ids(3)), memory)

    assert ["MP0630"] == refused(made)
    assert "MP0630" in codes(made)


def test_a_hold_that_came_too_late_is_noted() -> None:
    """Ids that were erased before stay erased; nothing is refused for them."""
    memory = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(range(5)), status="SUCCESS")
    made = decided(holding(desired(wish(FORGOTTEN, ids(range(5)))), ids(3)), memory)

    assert (["MP0631"], [], ()) == (codes(made), refused(made), made.pending)


def test_a_hold_in_a_task_that_is_never_cancelled_is_refused() -> None:
    """A task with other people's ids isn't cancelled by itself, so that the held id in it would be erased."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), adopted=True, foreign=True)
    made = decided(holding(desired(wish(FORGOTTEN, ids(1, 2))), ids(1)), memory)

    assert ["MP0630"] == refused(made)
    assert {"MP0615", "MP0630"} == set(codes(made))


def test_a_task_that_two_requests_share_is_cancelled_when_all_its_ids_are_held() -> None:
    """A request that holds back an id no longer wants the task that has it."""
    both = ids(1)
    memory = Memory().declared(FORGOTTEN, both).sent(FORGOTTEN, both).declared(OTHERS, both).sent(OTHERS, both, adopted=True)
    made = decided(holding(desired(wish(FORGOTTEN, both), wish(OTHERS, both)), both), memory)

    assert (1, []) == (made.cancels, refused(made))


def test_released_ids_go_out() -> None:
    """When the hold goes, its ids are submitted, with that reason."""
    wishes = desired(wish(FORGOTTEN, ids(range(5))))
    state = carried_out(decided(holding(wishes, ids(3))), Memory().state(), tasks=["task-1"])
    change = change_of(decided(wishes, state))

    assert change is not None
    assert ({3}, ("hold_released",)) == (people(change.submits), change.reasons)


def test_holds_of_another_project_hold_nobody_here() -> None:
    """A hold is the project's own."""
    hold = Resource(Address("web-us", "legal_holds"), HoldSpec(IdSources()), SPAN)
    wishes = desired(wish(FORGOTTEN, ids(1, 2)), resources=[hold], projects=[project("web-us")])
    change = change_of(decided(wishes.with_ids({**wishes.ids, hold.address: ids(1)})))

    assert change is not None
    assert {1, 2} == people(change.submits)


def test_the_digest_covers_who_is_held() -> None:
    """A plan that was approved with one hold doesn't approve another one."""
    wishes = desired(wish(FORGOTTEN, ids(range(5))))

    assert decided(holding(wishes, ids(3))).digest != decided(holding(wishes, ids(2))).digest


def test_status_counts_the_held() -> None:
    """A request whose ids are all in a task or held is in the phase `held`."""
    wishes = holding(desired(wish(FORGOTTEN, ids(range(5)))), ids(3))
    state = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(0, 1, 2, 4)).state()
    (request,) = status_report(wishes, state, TODAY, counts={}).requests

    assert ("held", 1, 4, 0) == (request.phase, request.subjects.held, request.subjects.submitted, request.subjects.unsent)


def test_a_vanished_request_with_held_ids_is_withdrawn() -> None:
    """Who is still held when a request leaves is told, also where more ids were erased before than it declared last."""
    state = Memory().declared(FORGOTTEN, ids(1, 2, 3)).sent(FORGOTTEN, ids(1, 2, 3), status="SUCCESS").state()
    state = carried_out(decided(holding(desired(wish(FORGOTTEN, ids(4, 5))), ids(5)), state), state, tasks=["task-2"])
    change = change_of(decided(holding(desired(projects=[project("web-eu")]), ids(5)), state))

    assert change is not None
    assert ((Action.UPDATE,), 1) == (change.actions, change.withdrawn_unsent)
