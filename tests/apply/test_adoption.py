"""After a 409: which tasks hold the batch already (API fact sheet §1.6)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.apply.adoption import Adoption, Undecided, adoptions
from mixpriv_reconcile.model.remote import Conflict, TaskSeen
from mixpriv_reconcile.model.secrets import RawIds

BATCH = RawIds(["anna", "bert", "cleo", "dora"])


def seen(**tasks: tuple[str, list[str] | None]) -> dict[str, TaskSeen]:
    return {name: TaskSeen(status, None if echo is None else RawIds(echo)) for name, (status, echo) in tasks.items()}


def adopted(tasks: Mapping[str, TaskSeen], named: list[str] | None = None, listed: list[str] | None = None) -> object:
    """What is adopted, as task → positions, or what is undecided."""
    found = adoptions(BATCH, Conflict(RawIds(listed or []), tuple(tasks) if named is None else tuple(named)), tasks)
    return found if isinstance(found, Undecided) else {one.tracking_id: one.positions for one in found}


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "SUCCESS", "UNKNOWN", "NEW_WORD"])
def test_a_live_task_that_holds_the_batch_is_adopted(status: str) -> None:
    """A task that isn't revoked, failed or lost and echoes the batch's ids is adopted with all of them, whatever else it holds."""
    echo = ["dora", "someone else", "anna", "cleo", "bert"]
    (found,) = adoptions(BATCH, Conflict(RawIds([]), ("t",)), seen(t=(status, echo)))  # type: ignore[misc]
    assert ("t", status, (0, 1, 2, 3)) == (found.tracking_id, found.status, found.positions)
    assert echo == list(found.echo or ())


@pytest.mark.parametrize("status", ["REVOKED", "FAILURE", "NOT_FOUND"])
def test_a_dead_task_is_not_adopted(status: str) -> None:
    """Where no task named is alive, the conflict is over and the batch may be sent again."""
    found = adopted(seen(t=(status, ["anna"])))
    assert isinstance(found, Undecided)
    assert found.is_settled


def test_each_id_is_given_to_one_task() -> None:
    """Ids that several live tasks hold are adopted once, by the first that the 409 names; doubles in an echo count once."""
    tasks = seen(one=("PENDING", ["bert", "bert", "cleo"]), two=("STARTED", ["cleo", "anna"]), dead=("REVOKED", ["dora"]))
    assert {"one": (1, 2), "two": (0,)} == adopted(tasks)
    assert {"two": (0, 2), "one": (1,)} == adopted(tasks, ["two", "one", "dead"])


def test_without_an_echo_the_409s_own_list_counts() -> None:
    """One live task that doesn't echo its ids is adopted with the ids that the 409 lists."""
    assert {"t": (1, 3)} == adopted(seen(t=("PENDING", None), dead=("FAILURE", None)), listed=["dora", "bert", "nobody"])


def test_two_silent_tasks_leave_the_batch_in_doubt() -> None:
    """Where two live tasks are named and one doesn't show its ids, nothing is guessed, and the tasks are printed."""
    found = adopted(seen(one=("PENDING", ["anna"]), two=("PENDING", None)), listed=["bert"])
    assert isinstance(found, Undecided)
    assert not found.is_settled
    assert "one, two" in found.why
    assert not any(person in found.why for person in BATCH)


@pytest.mark.parametrize(
    ("tasks", "listed"), [({}, ["anna"]), (seen(t=("PENDING", None)), []), (seen(t=("PENDING", ["nobody"])), ["anna"])]
)
def test_a_conflict_without_a_holder_leaves_the_batch_in_doubt(tasks: dict[str, TaskSeen], listed: list[str]) -> None:
    """A 409 that names no task, or a live task that holds none of these ids, decides nothing."""
    found = adopted(tasks, listed=listed)
    assert isinstance(found, Undecided)
    assert not found.is_settled


def test_printing_an_adoption_shows_no_id() -> None:
    """What is printed of an adoption is the task and how many ids it has."""
    assert "anna" not in repr(Adoption("t", "PENDING", (0,), RawIds(["anna"])))


PEOPLE = st.sampled_from([*BATCH, "else-1", "else-2"])
TASKS = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.tuples(st.sampled_from(["PENDING", "SUCCESS", "REVOKED", "FAILURE", "UNKNOWN"]), st.none() | st.lists(PEOPLE, min_size=1)),
)


@given(TASKS, st.lists(PEOPLE))
def test_no_id_is_ever_adopted_twice_or_by_a_task_that_lacks_it(tasks: dict[str, tuple[str, list[str] | None]], listed: list[str]) -> None:
    """Whatever a 409 says, each id goes to one live task at most, and only to one that holds it."""
    found = adoptions(BATCH, Conflict(RawIds(listed), tuple(tasks)), seen(**tasks))
    if isinstance(found, Undecided):
        return
    positions = [position for one in found for position in one.positions]
    assert len(positions) == len(set(positions))
    for one in found:
        status, echo = tasks[one.tracking_id]
        assert status not in {"REVOKED", "FAILURE"}
        assert list(one.positions) == sorted(one.positions)
        assert {BATCH[position] for position in one.positions} <= set(listed if echo is None else echo)
