"""What `--expect` is given: the 64 digits decide, and the digits after the dash say what moved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import expected
from mixpriv_reconcile.plan.digest import PARTS

from .building import FORGOTTEN, NOTHING, OTHERS, TODAY, Memory, decided, desired, ids, wish

REQUEST = wish(FORGOTTEN, ids(1, 2))
WISHES = desired(REQUEST)
SENT = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1), "task-1")


def moved(before: Plan, now: Plan) -> tuple[str, ...]:
    approved = expected(before.digest)
    assert not approved.fits(now)
    return approved.moved(now)


def test_a_digest_is_a_sha256_and_two_digits_for_each_part() -> None:
    """The digest has one form, in which people and scripts can tell what decides from what explains."""
    assert re.fullmatch(rf"[0-9a-f]{{64}}-[0-9a-f]{{{2 * len(PARTS)}}}", decided(WISHES).digest)


def test_a_digest_may_be_typed_in_any_case_and_short() -> None:
    """Upper case, blanks around it, and the 64 digits alone name the same plan."""
    made = decided(WISHES)
    for text in (made.digest, f" {made.digest.upper()}\n", made.sha256, made.sha256.upper()):
        assert expected(text).fits(made)


@pytest.mark.parametrize("text", ["", " ", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "-", "0" * 64 + "-12", "0" * 85, "DIGEST", "0" * 64 + "\n-"])
def test_anything_else_is_no_digest(text: str) -> None:
    """A digest that is cut off, empty or none is told from one that doesn't fit."""
    with pytest.raises(ValueError, match="not a digest"):
        expected(text)


def test_only_the_64_digits_decide() -> None:
    """Digits after the dash that don't fit explain nothing and refuse nothing."""
    made = decided(WISHES)
    assert expected(made.sha256 + "-" + "0" * 20).fits(made)
    assert not expected("0" * 64 + made.digest[64:]).fits(made)


@pytest.mark.parametrize(
    ("now", "words", "work"),
    [
        (decided(desired(REQUEST, fingerprint="e" * 64)), ("a manifest",), False),
        (decided(desired(wish(FORGOTTEN, ids(1, 3)))), ("the distinct ids of a source",), True),
        (replace(decided(WISHES, retry=(FORGOTTEN,))), ("an option that chooses work (--target, --retry, --sandbox)",), False),
    ],
)
def test_an_input_that_moved_alone_is_named_alone(now: Plan, words: tuple[str, ...], work: bool) -> None:
    """A manifest, a source or an option that moved is named, and what follows from it is not taken for another cause."""
    assert moved(decided(WISHES), now) == words
    assert expected(decided(WISHES).digest).moved_work_too(now) is work


def test_inputs_are_told_from_what_is_to_be_done() -> None:
    """A manifest, a source or an option can be seen to have moved without a request; a task's status only Mixpanel knows."""
    before = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1").state()
    after = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1", "FAILURE").state()
    approved = expected(decided(WISHES, before).digest)
    assert not approved.has_other_inputs(decided(WISHES, after))
    assert approved.has_other_inputs(decided(desired(REQUEST, fingerprint="e" * 64), after))
    assert not expected(approved.sha256).has_other_inputs(decided(desired(REQUEST, fingerprint="e" * 64), after))


def test_a_lineage_that_moved_is_told_from_a_first_state() -> None:
    """Another state, no state any more, and a state where there was none are told apart."""
    state = SENT.state()
    another = moved(decided(WISHES, state), decided(WISHES, replace(state, lineage="lineage-2")))
    assert another == ("the state (it is another one: its lineage)",)
    assert moved(decided(WISHES, state), decided(WISHES, NOTHING))[0] == "the state (there is none now)"
    assert moved(decided(WISHES, NOTHING), decided(WISHES, state))[0].startswith("the state (planned where there was none")


def one(found: tuple[str, ...]) -> str:
    (words,) = found
    return words


def test_a_day_that_came_is_named() -> None:
    """Where ids that waited are due, the day is named first."""
    waiting = desired(wish(FORGOTTEN, ids(1, 2), not_before=TODAY + timedelta(days=1)))
    later = decided(waiting, today=TODAY + timedelta(days=1))
    found = moved(decided(waiting), later)
    assert found[0].startswith(f"who waits (the day: it is {TODAY + timedelta(days=1)}")


def test_a_task_that_failed_is_named() -> None:
    """Where ids are to be submitted once more, another apply and a failed task are the suspects."""
    before: State = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1").state()
    after = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1", "FAILURE").state()
    assert one(moved(decided(WISHES, before), decided(WISHES, after))).startswith("which ids to submit (another apply")


def test_a_task_that_started_is_named() -> None:
    """Where a task can no longer be cancelled, its status is the suspect."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), "task-1")
    wishes = desired(wish(OTHERS, ids(5)))
    found = moved(decided(wishes, memory), decided(wishes, memory.polled("task-1", "STARTED")))
    assert found[0].startswith("whom to withdraw and which tasks to cancel (a task's status")


def test_the_64_digits_alone_explain_nothing() -> None:
    """Without the digits after the dash nothing is guessed."""
    made = decided(WISHES)
    assert expected(made.sha256).moved(decided(desired(REQUEST, fingerprint="e" * 64))) == ()
