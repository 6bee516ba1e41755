"""What a plan does for one deletion request, sentence by sentence."""

from __future__ import annotations

from datetime import date

import pytest

from mixpriv_reconcile.model.plan import Action, CancelTask
from mixpriv_reconcile.model.workspace import Policy

from .building import (
    FORGOTTEN,
    OTHERS,
    PROJECTS,
    Memory,
    carried_out,
    change_of,
    codes,
    decided,
    desired,
    ids,
    people,
    project,
    published,
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


# Submitting


def test_a_new_request_is_submitted() -> None:
    """A request that nobody sent yet is submitted whole, and counts as destroying data."""
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(3))))))
    assert made is not None
    assert (Action.DELETE,) == made.actions
    assert ("new_request",) == made.reasons
    assert made.irreversible
    assert [{0, 1, 2}] == sets(made.batches)


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "SUCCESS", "UNKNOWN", "SOMETHING_NEW"])
@pytest.mark.parametrize("is_published", [False, True])
def test_an_open_or_finished_task_is_no_change(status: str, is_published: bool) -> None:
    """Ids in a task that runs, ran, or whose status nobody understands aren't sent again."""
    state = remembered((range(3), "task-1", status)).state()
    made = decided(desired(wish(FORGOTTEN, ids(range(3)))), published(state) if is_published else state)
    assert () == made.changes


def test_ids_added_later_go_out_alone() -> None:
    """A request is append-only: ids added later go out in new batches, ids already submitted are not sent again."""
    state = published(remembered((range(3), "task-1", "STARTED")).state())
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(5)))), state))
    assert made is not None
    assert ("new_ids",) == made.reasons
    assert [{3, 4}] == sets(made.batches)
    assert not made.withdraws


def test_the_same_id_in_a_new_request_is_sent_again() -> None:
    """A new request erases an id again that an older one erased: the person may have come back."""
    memory = remembered((range(3), "task-1", "SUCCESS"))
    made = decided(desired(wish(FORGOTTEN, ids(range(3))), wish(OTHERS, ids(2, 7))), memory)
    assert [OTHERS] == [str(change.address) for change in made.changes]
    assert [{2, 7}] == sets(made.changes[0].batches)


def test_what_was_given_back_is_sent_the_next_time() -> None:
    """Ids whose batch provably wasn't accepted count as unsent and go out with the next apply."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), "returned", "HTTP 429")
    made = change_of(decided(desired(wish(FORGOTTEN, ids(1, 2))), memory))
    assert made is not None
    assert ("unsent",) == made.reasons
    assert [{1, 2}] == sets(made.batches)


def test_a_request_waits_for_its_cooling_off() -> None:
    """Before `not_before` nothing is submitted; the plan says who waits, and that is no pending change."""
    early = desired(wish(FORGOTTEN, ids(1, 2), not_before=date(2026, 11, 10)))
    made = change_of(decided(early, today=date(2026, 11, 9)))
    assert made is not None
    assert (("not_before",), {1, 2}, ()) == (made.reasons, people(made.waits), made.batches)
    assert not made.is_pending
    assert not made.irreversible
    later = change_of(decided(early, today=date(2026, 11, 10)))
    assert later is not None
    assert [{1, 2}] == sets(later.batches)


# After failure and in doubt


def test_after_failure_there_is_a_new_attempt() -> None:
    """Ids of a failed task go out in a new task, counted as the next attempt."""
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(3)))), remembered((range(3), "task-1", "FAILURE"))))
    assert made is not None
    assert ("after_failure",) == made.reasons
    assert [2] == [batch.attempt for batch in made.batches]


def test_three_attempts_are_the_most() -> None:
    """After the third failure a person is asked; only --retry makes one more."""
    memory = Memory().declared(FORGOTTEN, ids(1))
    for attempt in (1, 2, 3):
        memory.sent(FORGOTTEN, ids(1), f"task-{attempt}", "FAILURE", attempt=attempt)
    wishes = desired(wish(FORGOTTEN, ids(1)))
    assert () == decided(wishes, memory).pending
    assert ["MP0611"] == codes(decided(wishes, memory))
    again = change_of(decided(wishes, memory, retry=(FORGOTTEN,)))
    assert again is not None
    assert [{1}] == sets(again.batches)


@pytest.mark.parametrize("status", ["NOT_FOUND"])
def test_a_task_that_mixpanel_lost_waits_for_a_person(status: str) -> None:
    """NOT_FOUND is a warning that names region and token; a new attempt is made only with --retry, of just that address."""
    memory = remembered((range(3), "task-1", status)).declared(OTHERS, ids(9)).sent(OTHERS, ids(9), "task-2", status)
    wishes = desired(wish(FORGOTTEN, ids(range(3))), wish(OTHERS, ids(9)))
    made = decided(wishes, memory)
    assert () == made.pending
    assert ["MP0612", "MP0612"] == codes(made)
    assert all(word in made.diagnostics[0].message for word in ("region", "token"))
    retried = decided(wishes, memory, retry=(FORGOTTEN,))
    assert [FORGOTTEN] == [str(change.address) for change in retried.pending]


def test_ids_refused_one_by_one_are_counted_together() -> None:
    """However many batches the refused ids of a request lie in, one warning says how many people aren't erased."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2, 3, 4))
    for one in (1, 2, 3, 4):
        memory.unsettled(FORGOTTEN, ids(one), "refused", "HTTP 400")
    made = decided(desired(wish(FORGOTTEN, ids(1, 2, 3, 4))), memory)
    assert ["MP0617"] == codes(made)
    assert "refused 4 distinct ids (HTTP 400)" in made.diagnostics[0].message


def test_refused_ids_are_not_sent_again() -> None:
    """Ids that Mixpanel refused are shown and kept back until --retry, or until the request changes."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), "refused", "HTTP 400")
    wishes = desired(wish(FORGOTTEN, ids(1, 2)))
    assert () == decided(wishes, memory).pending
    assert ["MP0617"] == codes(decided(wishes, memory))
    again = change_of(decided(wishes, memory, retry=("web-eu",)))
    assert again is not None
    assert [{1, 2}] == sets(again.batches)
    changed = change_of(decided(desired(wish(FORGOTTEN, ids(1, 2, 3))), memory))
    assert changed is not None
    assert [{1, 2, 3}] == sets(changed.batches)
    assert "request_changed" in changed.reasons


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_batch_in_doubt_is_listed_and_sent_again(is_cut: bool) -> None:
    """A batch whose fate is unknown, or that has no answer at all, goes out again, and the plan says so beforehand."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2))
    if is_cut:
        memory.intended(FORGOTTEN, ids(1, 2), attempt=2)
    else:
        memory.unsettled(FORGOTTEN, ids(1, 2), "in_doubt", "timeout", attempt=2)
    made = decided(desired(wish(FORGOTTEN, ids(1, 2))), memory)
    change = change_of(made)
    assert change is not None
    assert ["MP0613"] == codes(made)
    assert [("in_doubt", 2)] == [(batch.origin, batch.attempt) for batch in change.batches]
    assert "second time" in made.diagnostics[0].message


def test_a_doubtful_batch_keeps_its_own_request() -> None:
    """What is in doubt isn't mixed with new ids, so that a 409 names exactly the batch that arrived."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), "in_doubt")
    made = change_of(decided(desired(wish(FORGOTTEN, ids(1, 2, 3))), memory))
    assert made is not None
    assert [{1, 2}, {3}] == sets(made.batches)
    assert people(made.submits) == {1, 2, 3}


def test_a_task_revoked_elsewhere_is_submitted_again() -> None:
    """Somebody cancelled the task at Mixpanel, and the manifest still asks for it: it is submitted again."""
    made = change_of(decided(desired(wish(FORGOTTEN, ids(range(3)))), remembered((range(3), "task-1", "REVOKED"))))
    assert made is not None
    assert ("revoked",) == made.reasons
    assert [{0, 1, 2}] == sets(made.batches)


# Withdrawing


@pytest.mark.parametrize("status", ["PENDING", "STAGING"])
def test_withdrawing_some_ids_cancels_and_resubmits_the_rest(status: str) -> None:
    """A cancellable batch that loses some ids is cancelled, and its other ids are submitted again after it is gone."""
    memory = remembered((range(4), "task-1", status), (range(10, 12), "task-2", status))
    made = change_of(decided(desired(wish(FORGOTTEN, ids(1, 2, range(10, 12)))), memory))
    assert made is not None
    assert (Action.DELETE, Action.UPDATE) == made.actions
    assert ("resubmitted", "withdrawn_ids") == made.reasons
    assert (CancelTask(PROJECTS["web-eu"][0], "task-1", withdrawn=2, kept=2),) == made.cancels
    assert [("resubmitted", "task-1")] == [(batch.origin, batch.after) for batch in made.batches]
    assert [{1, 2}] == sets(made.batches)
    assert people(made.withdraws) == {0, 3}


@pytest.mark.parametrize("status", ["STARTED", "UNKNOWN", "SOMETHING_NEW"])
def test_a_started_task_cant_be_recalled(status: str) -> None:
    """Ids withdrawn from a task that runs are said to be beyond recall; nothing is cancelled."""
    made = decided(desired(wish(FORGOTTEN, ids(1))), remembered((range(3), "task-1", status)))
    assert () == made.pending
    assert ["MP0610"] == codes(made)
    assert "2 distinct ids can't be recalled" in made.diagnostics[0].message


def test_ids_withdrawn_in_doubt_are_named() -> None:
    """Ids withdrawn from a batch in doubt are not sent again, and the plan says that they may be erased all the same."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), "in_doubt")
    made = decided(desired(wish(FORGOTTEN, ids(1))), memory)
    change = change_of(made)
    assert change is not None
    assert [{1}] == sets(change.batches)
    assert {"MP0613", "MP0614"} == set(codes(made))
    assert ({2}, 1, 1) == (people(change.withdraws), made.withdraws, made.withdrawn_in_doubt)


@pytest.mark.parametrize("stays", [True, False])
def test_ids_withdrawn_in_doubt_count_as_withdrawn_once(stays: bool) -> None:
    """Whether some ids or the whole request leave a batch in doubt: they are withdrawn, past `max_withdrawals` that is refused, and the
    plan after the apply has no change; of a request that is still declared it says that they can't be recalled."""
    memory = Memory().declared(FORGOTTEN, ids(range(4))).sent(FORGOTTEN, ids(2, 3), "task-1", "SUCCESS")
    memory.unsettled(FORGOTTEN, ids(0, 1), "in_doubt")
    policy = Policy(opt_out="off", max_withdrawals=1)
    wishes = desired(*([wish(FORGOTTEN, ids(2, 3))] if stays else []), projects=[project("web-eu")], policy=policy)
    made = decided(wishes, memory)
    change = change_of(made)
    assert change is not None
    assert ((Action.UPDATE,), ("withdrawn_ids" if stays else "withdrawn_request",)) == (change.actions, change.reasons)
    assert ({0, 1}, 2, 2, 0, 0) == (people(change.withdraws), made.withdraws, made.withdrawn_in_doubt, made.cost.requests, made.beyond_recall)
    assert (["MP0603"], ["MP0614"]) == (refused(made), codes(made))
    after = decided(wishes, carried_out(made, memory.state(), tasks=()))
    assert ((), 0, 2 if stays else 0, []) == (after.pending, after.withdraws, after.beyond_recall, refused(after))


def test_who_cant_be_recalled_or_was_given_up_is_counted() -> None:
    """Ids withdrawn from a task that runs, refused ids and ids that failed for good are numbers of the plan, not only words of a warning."""
    memory = Memory().declared(FORGOTTEN, ids(0, 1, 2)).sent(FORGOTTEN, ids(0, 1, 2), "task-1", "STARTED").declared(OTHERS, ids(range(3, 7)))
    memory.unsettled(OTHERS, ids(3), "refused").sent(OTHERS, ids(4), "task-2", "FAILURE", attempt=3)
    memory.sent(OTHERS, ids(5, 6), "task-3", "NOT_FOUND")
    made = decided(desired(wish(FORGOTTEN, ids(2)), wish(OTHERS, ids(range(3, 7)))), memory)
    assert ((), 2, 1, 3) == (made.pending, made.beyond_recall, made.refused, made.failed)


def test_withdrawing_before_the_cooling_off_ends_cancels_and_waits() -> None:
    """Where `not_before` was put off, a cancelled task's other ids wait like all others."""
    memory = remembered((range(3), "task-1", "PENDING"))
    wishes = desired(wish(FORGOTTEN, ids(1, 2), not_before=date(2026, 12, 1)))
    made = change_of(decided(wishes, memory))
    assert made is not None
    assert ((Action.UPDATE,), (), {1, 2}) == (made.actions, made.batches, people(made.waits))
    assert ("task-1",) == tuple(step.tracking_id for step in made.cancels)


def test_a_withdrawn_request_is_cancelled() -> None:
    """A request that leaves the manifest with a task open is planned as withdrawn: its task is cancelled, nothing is resubmitted."""
    made = change_of(decided(desired(projects=[project("web-eu")]), remembered((range(3), "task-1", "PENDING"))))
    assert made is not None
    assert ((Action.UPDATE,), ("withdrawn_request",), ()) == (made.actions, made.reasons, made.batches)
    assert ("task-1",) == tuple(step.tracking_id for step in made.cancels)
    assert people(made.withdraws) == {0, 1, 2}


def test_a_withdrawn_project_is_withdrawn_request_by_request() -> None:
    """A project that leaves the manifest with tasks open is planned as withdrawn, while others stay."""
    memory = remembered((range(3), "task-1", "PENDING")).declared("web-us.deletions.here", ids(9))
    memory.sent("web-us.deletions.here", ids(9), "task-9", "PENDING")
    made = decided(desired(wish("web-us.deletions.here", ids(9))), memory)
    assert [FORGOTTEN] == [str(change.address) for change in made.changes]
    assert PROJECTS["web-eu"][0] == made.changes[0].project_id
    assert ("task-1",) == tuple(step.tracking_id for step in made.changes[0].cancels)


def test_a_withdrawn_request_that_started_is_closed_with_a_warning() -> None:
    """A request that leaves the manifest while it runs is remembered as withdrawn, and said to be beyond recall."""
    made = decided(desired(projects=[project("web-eu")]), remembered((range(3), "task-1", "STARTED")))
    assert [("withdrawn_request",)] == [change.reasons for change in made.pending]
    assert ["MP0610"] == codes(made)
    assert 0 == made.cost.requests


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "NOT_FOUND"])
def test_a_finished_request_leaves_without_a_change(status: str) -> None:
    """A request that leaves the manifest after all of its tasks ended is no change."""
    assert () == decided(desired(projects=[project("web-eu")]), remembered((range(3), "task-1", status))).changes


def test_a_batch_that_was_sent_again_no_longer_counts() -> None:
    """A doubtful batch that was sent again and finished since doesn't keep a request open that left the manifest."""
    memory = Memory().declared(FORGOTTEN, ids(1)).unsettled(FORGOTTEN, ids(1), "in_doubt").sent(FORGOTTEN, ids(1), "task-1", "SUCCESS")
    assert () == decided(desired(projects=[project("web-eu")]), memory).changes


@pytest.mark.parametrize("phase", ["returned", "refused", None])
def test_unsent_ids_of_a_vanished_request_are_withdrawn(phase: str | None) -> None:
    """A request that leaves the manifest with ids refused, given back or never sent is planned as withdrawn, and they are counted."""
    memory = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(0, 1), "task-1", "SUCCESS")
    if phase is not None:
        memory.unsettled(FORGOTTEN, ids(2, 3, 4), phase)
    made = change_of(decided(desired(projects=[project("web-eu")]), memory))
    assert made is not None
    assert (("withdrawn_request",), 3) == (made.reasons, made.withdrawn_unsent)


def test_ids_set_free_by_a_cancellation_count_as_unsent() -> None:
    """A run that ended between the cancellation and the new submission leaves ids that a vanished request withdraws."""
    memory = remembered((range(5), "task-1", "REVOKED"), declared=range(3))
    made = change_of(decided(desired(projects=[project("web-eu")]), memory))
    assert made is not None
    assert 3 == made.withdrawn_unsent


def test_a_withdrawn_request_is_planned_once() -> None:
    """Once remembered as withdrawn, a request whose task runs on makes no further change."""
    memory = remembered((range(3), "task-1", "STARTED")).declared(FORGOTTEN, ids(range(3)), withdrawn=True)
    assert () == decided(desired(projects=[project("web-eu")]), memory).pending


# Shared and foreign tasks


def shared() -> Memory:
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1", "PENDING", adopted=True)
    return memory.declared(OTHERS, ids(3)).sent(OTHERS, ids(3), "task-1", "PENDING", adopted=True)


def test_a_shared_task_lives_while_somebody_wants_it() -> None:
    """An adopted task that serves two requests isn't cancelled while the other one still wants an id of it."""
    made = decided(desired(wish(OTHERS, ids(3))), shared())
    assert 0 == made.cancels
    assert ["MP0616"] == codes(made)
    assert OTHERS in made.diagnostics[0].message


def test_a_shared_task_is_cancelled_once_when_nobody_wants_it() -> None:
    """An adopted task that no request wants any more is cancelled, and counts as one call."""
    made = decided(desired(projects=[project("web-eu")]), shared())
    assert 1 == made.cancels
    assert 1 == made.cost.requests
    assert 3 == made.withdraws


def test_tasks_of_two_projects_never_mix() -> None:
    """The same tracking id in two projects is two tasks: one project's wish doesn't keep the other's task alive."""
    memory = shared()
    for name in ("web-us.deletions.a", "web-us.deletions.b"):
        memory.declared(name, ids(7)).sent(name, ids(7), "task-1", "PENDING", adopted=True)
    made = decided(desired(wish("web-us.deletions.a", ids(7)), wish("web-us.deletions.b", ids(7)), projects=[project("web-eu")]), memory)
    assert {PROJECTS["web-eu"][0]} == {step.project_id for change in made.changes for step in change.cancels}
    assert 1 == made.cancels


def test_a_foreign_task_is_never_cancelled() -> None:
    """A task that holds ids this workspace doesn't declare is left alone, and the plan says so."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1", "PENDING", adopted=True, foreign=True)
    made = decided(desired(wish(FORGOTTEN, ids(1))), memory)
    assert () == made.pending
    assert ["MP0615"] == codes(made)
