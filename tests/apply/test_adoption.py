"""After a 409: which tasks hold the batch already (API fact sheet §1.6)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.apply.adoption import Adoption, Settlement, settlement
from mixpriv_reconcile.model.remote import Conflict, TaskSeen
from mixpriv_reconcile.model.secrets import RawIds

BATCH = RawIds(["anna", "bert", "cleo", "dora"])
Seen = Mapping[str, TaskSeen | None]


def seen(**tasks: tuple[str, list[str] | None] | None) -> Seen:
    """What looks at tasks came to; None for one that couldn't be looked at."""
    return {name: None if task is None else TaskSeen(task[0], None if task[1] is None else RawIds(task[1])) for name, task in tasks.items()}


def settled(tasks: Seen, named: list[str] | None = None, listed: list[str] | None = None, unreadable: int = 0) -> Settlement:
    return settlement(BATCH, Conflict(RawIds(listed or []), tuple(tasks) if named is None else tuple(named), unreadable), tasks)


def positions(found: Settlement) -> dict[str, tuple[int, ...]]:
    return {one.tracking_id: one.positions for one in found.adopted}


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "SUCCESS", "UNKNOWN", "NEW_WORD"])
def test_a_live_task_that_holds_the_batch_is_adopted(status: str) -> None:
    """A task that isn't revoked, failed or lost and echoes the batch's ids is adopted with all of them, whatever else it holds."""
    echo = ["dora", "someone else", "anna", "cleo", "bert"]
    (found,) = settled(seen(t=(status, echo))).adopted
    assert ("t", status, (0, 1, 2, 3)) == (found.tracking_id, found.status, found.positions)
    assert echo == list(found.echo or ())


@pytest.mark.parametrize("status", ["REVOKED", "FAILURE", "NOT_FOUND"])
def test_a_dead_task_is_not_adopted(status: str) -> None:
    """Where no task named is alive, the conflict is over and the batch may be sent again."""
    assert Settlement() == settled(seen(t=(status, ["anna"]), u=("REVOKED", None)))


def test_each_id_is_given_to_one_task() -> None:
    """Ids that several live tasks hold are adopted once, by the first that the 409 names; doubles in an echo count once."""
    tasks = seen(one=("PENDING", ["bert", "bert", "cleo"]), two=("STARTED", ["cleo", "anna"]), dead=("REVOKED", ["dora"]))
    assert {"one": (1, 2), "two": (0,)} == positions(settled(tasks))
    assert {"two": (0, 2), "one": (1,)} == positions(settled(tasks, ["two", "one", "dead"]))
    assert settled(tasks).doubt == ""


def test_without_an_echo_the_409s_own_list_counts() -> None:
    """One live task that doesn't echo its ids is adopted with the ids that the 409 lists; the others may be sent."""
    found = settled(seen(t=("PENDING", None), dead=("FAILURE", None)), listed=["dora", "bert", "nobody"])
    assert ({"t": (1, 3)}, "") == (positions(found), found.doubt)


def test_two_silent_tasks_leave_the_batch_in_doubt() -> None:
    """Where two live tasks are named and none shows its ids, nothing is guessed, and the tasks are printed."""
    found = settled(seen(one=("PENDING", None), two=("PENDING", None)), listed=["bert"])
    assert {} == positions(found)
    assert "one, two" in found.doubt
    assert not any(person in found.doubt for person in BATCH)


@pytest.mark.parametrize("silent", [("PENDING", None), None])
def test_a_silent_task_keeps_only_ids_that_no_other_shows_in_doubt(silent: tuple[str, None] | None) -> None:
    """Beside a task that doesn't show its ids, or can't be looked at, one that does is adopted; what it lacks is in doubt."""
    found = settled(seen(one=("PENDING", ["anna"]), two=silent), listed=["anna", "bert"])
    assert {"one": (0,)} == positions(found)
    assert "two" in found.doubt
    assert settled(seen(one=("PENDING", list(BATCH)), two=silent)).doubt == ""


def test_a_name_that_can_be_no_task_counts_as_a_silent_task() -> None:
    """What a 409 names beside a task and can't be looked at may hold ids: its own list doesn't count, nothing is sent past it."""
    alone = settled(seen(t=("PENDING", None)), listed=["anna"], unreadable=1)
    assert {} == positions(alone)
    assert "t and 1 that can be no task ids" in alone.doubt
    assert settled(seen(dead=("REVOKED", None)), unreadable=2).doubt != ""
    shown = settled(seen(t=("PENDING", ["anna"])), unreadable=1)
    assert {"t": (0,)} == positions(shown)
    assert shown.doubt != ""


def test_tasks_that_were_not_looked_at_yet_wait_for_the_next_409() -> None:
    """Of very many tasks the first are looked at; what they hold is adopted, the rest may be sent: the next 409 names its tasks."""
    found = settled(seen(one=("PENDING", ["anna"])), ["one", "two", "three"])
    assert ({"one": (0,)}, "") == (positions(found), found.doubt)
    assert settled(seen(one=("PENDING", None)), ["one", "two"], listed=["anna"]) == Settlement(
        doubt="HTTP 409 names 1 live tasks, and not all of them show their ids: one"
    )
    assert "aren't alive" in settled(seen(one=("REVOKED", ["anna"])), ["one", "two"]).doubt


def test_of_many_tasks_in_doubt_the_first_are_printed() -> None:
    """A message names five tasks and says how many more there are."""
    found = settled(seen(**{f"t{number}": ("PENDING", None) for number in range(8)}))
    assert "t0, t1, t2, t3, t4 and 3 more" in found.doubt


@pytest.mark.parametrize(
    ("tasks", "listed"), [({}, ["anna"]), (seen(t=("PENDING", None)), []), (seen(t=("PENDING", ["nobody"])), ["anna"])]
)
def test_a_conflict_without_a_holder_leaves_the_batch_in_doubt(tasks: Seen, listed: list[str]) -> None:
    """A 409 that names no task, or a live task that holds none of these ids, decides nothing."""
    found = settled(tasks, listed=listed)
    assert {} == positions(found)
    assert found.doubt != ""


def test_printing_an_adoption_shows_no_id() -> None:
    """What is printed of an adoption is the task and how many ids it has."""
    assert "anna" not in repr(Adoption("t", "PENDING", (0,), RawIds(["anna"])))


PEOPLE = st.sampled_from([*BATCH, "else-1", "else-2"])
TASKS = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.none()
    | st.tuples(st.sampled_from(["PENDING", "SUCCESS", "REVOKED", "FAILURE", "UNKNOWN"]), st.none() | st.lists(PEOPLE, min_size=1)),
)


@given(TASKS, st.lists(PEOPLE), st.integers(0, 1))
def test_no_id_is_ever_adopted_twice_or_by_a_task_that_lacks_it(
    tasks: dict[str, tuple[str, list[str] | None] | None], listed: list[str], unreadable: int
) -> None:
    """Whatever a 409 says, each id goes to one live task at most, and only to one that holds it; none is sent past a silent task."""
    found = settled(seen(**tasks), listed=listed, unreadable=unreadable)
    given_away = [position for one in found.adopted for position in one.positions]
    assert len(given_away) == len(set(given_away))
    for one in found.adopted:
        task = tasks[one.tracking_id]
        assert task is not None
        status, echo = task
        assert status not in {"REVOKED", "FAILURE"}
        assert list(one.positions) == sorted(one.positions)
        assert {BATCH[position] for position in one.positions} <= set(listed if echo is None else echo)
    silent = [name for name, task in tasks.items() if task is None or (task[1] is None and task[0] not in {"REVOKED", "FAILURE"})]
    if len(given_away) < len(BATCH) and (unreadable or len(silent) > 1):
        assert found.doubt != ""
