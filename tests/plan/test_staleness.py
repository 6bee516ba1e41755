"""Whether an approved plan still fits: less is fine, more or other is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixpriv_reconcile.codec import plan_document, plan_of
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.workspace import Limits
from mixpriv_reconcile.plan import changes_moved, inputs_moved

from .building import FORGOTTEN, NOTHING, OTHERS, Memory, carried_out, decided, desired, ids, project, published, wish

WISHES = desired(wish(FORGOTTEN, ids(range(7))), wish(OTHERS, ids(1, 2)), limits=Limits(3))


def saved(made: Plan) -> Plan:
    """The plan as it comes back from its file: counts and hashes, no digests."""
    return plan_of(plan_document(made))


def moved(before: Plan, now: Plan, state: State = NOTHING) -> tuple[str, ...]:
    return (*inputs_moved(saved(before), now, created_by_plan=state.created_by_plan), *changes_moved(saved(before), now))


def test_the_same_plan_fits() -> None:
    """A saved plan fits where nothing moved."""
    assert () == moved(decided(WISHES), decided(WISHES))


@pytest.mark.parametrize("posts", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("is_published", [False, True])
def test_a_first_plan_is_carried_on_after_a_crash(posts: int, is_published: bool) -> None:
    """A first plan whose apply ended after any batch still fits the state which that very apply made."""
    first = decided(WISHES)
    state = carried_out(first, NOTHING, tasks=map("task-{}".format, range(9)), limit=posts)
    state = published(state) if is_published else state
    assert () == moved(first, decided(WISHES, state), state)


def test_a_first_plan_doesnt_fit_anothers_state() -> None:
    """A plan made where there was no state doesn't fit a state that another plan made."""
    state = carried_out(decided(desired(wish(OTHERS, ids(1, 2)), limits=Limits(3))), NOTHING, tasks=["task-1"])
    assert 1 == len(inputs_moved(saved(decided(WISHES)), decided(WISHES, state), created_by_plan=state.created_by_plan))


def test_doing_less_is_fine() -> None:
    """A task that started meanwhile and is no longer cancelled, or a batch that went out, doesn't spoil the plan."""
    memory = Memory().declared(FORGOTTEN, ids(range(7))).sent(FORGOTTEN, ids(0, 1), "task-1").sent(FORGOTTEN, ids(range(2, 7)), "task-2")
    wishes = desired(wish(FORGOTTEN, ids(1, range(3, 8))))
    before = decided(wishes, memory)
    assert 2 == before.cancels
    assert () == moved(before, decided(wishes, memory.polled("task-1", "STARTED")))
    assert () == moved(before, decided(wishes, memory.polled("task-2", "SUCCESS")))


@pytest.mark.parametrize("status", ["FAILURE", "REVOKED"])
def test_doing_more_is_not(status: str) -> None:
    """A task that failed or was revoked meanwhile needs another submission, which nobody approved."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2)).declared(OTHERS, ids(3))
    wishes = desired(wish(FORGOTTEN, ids(1, 2)), wish(OTHERS, ids(3)))
    before = decided(wishes, memory)
    now = decided(wishes, memory.polled("task-1", status))
    assert 1 == len(changes_moved(saved(before), now))
    assert FORGOTTEN in changes_moved(saved(before), now)[0]


def test_other_batches_are_not() -> None:
    """The same ids in other requests are another plan."""
    before = decided(WISHES)
    now = decided(replace(WISHES, workspace=replace(WISHES.workspace, limits=Limits(4))))
    assert changes_moved(saved(before), now)


def test_sending_a_doubtful_batch_again_is_not() -> None:
    """A batch that got into doubt meanwhile would be sent a second time: that wants a new approval."""
    wishes = desired(wish(FORGOTTEN, ids(1, 2)))
    memory = Memory().declared(FORGOTTEN, ids(1, 2))
    before = decided(wishes, memory)
    memory.unsettled(FORGOTTEN, ids(1, 2), "in_doubt")
    assert changes_moved(saved(before), decided(wishes, memory))


def test_withdrawing_more_is_not() -> None:
    """A cancellation that takes more ids out than was shown wants a new approval."""
    wishes = desired(wish(FORGOTTEN, ids(1)))
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(2))
    before = decided(wishes, memory)
    memory.sent(FORGOTTEN, ids(3), "task-1", adopted=True)
    assert changes_moved(saved(before), decided(wishes, memory))


def test_withdrawing_more_in_doubt_is_not() -> None:
    """Where more of those withdrawn may have arrived than was shown, that wants a new approval."""
    wishes = desired(projects=[project("web-eu")])
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(2), "in_doubt")
    before = decided(wishes, memory)
    memory.unsettled(FORGOTTEN, ids(1), "in_doubt")
    assert changes_moved(saved(before), decided(wishes, memory))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (decided(replace(WISHES, fingerprint="e" * 64)), "a manifest"),
        (decided(desired(wish(FORGOTTEN, ids(range(8))), wish(OTHERS, ids(1, 2)))), f"the distinct ids of {FORGOTTEN}"),
        (decided(desired(wish(FORGOTTEN, ids(range(7))))), f"the distinct ids of {OTHERS}"),
        (replace(decided(WISHES), tool_version="9.9.9"), "the tool's version"),
        (replace(decided(WISHES), lineage="lineage-2"), "the state"),
    ],
)
def test_what_a_plan_was_made_from_must_be_the_same(now: Plan, words: str) -> None:
    """Where a manifest, the ids, the tool or the state moved, the plan doesn't fit, and what moved is named."""
    assert any(sentence.startswith(words) for sentence in inputs_moved(saved(decided(WISHES)), now, created_by_plan="0" * 64))
