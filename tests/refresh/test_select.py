"""Which tasks are worth a look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.state import State, TaskRecord
from mixpriv_reconcile.refresh import stale_tasks

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def task(name: str, *, hours_ago: float = 0, status: str = "PENDING", project_id: int = 1) -> TaskRecord:
    looked = NOW - timedelta(hours=hours_ago)
    return TaskRecord(name, "deletions", "web", project_id, Region.EU, status, 1, looked, looked)


def state(*tasks: TaskRecord) -> State:
    return State("lineage", 1, "0.1.0", tasks={task.key: task for task in tasks})


def names(tasks: tuple[TaskRecord, ...]) -> list[str]:
    return [task.tracking_id for task in tasks]


def test_a_day_is_fresh() -> None:
    """A task looked at within 24 hours is taken from the state; after 24 hours it is looked at again."""
    known = state(task("new"), task("recent", hours_ago=23.999), task("due", hours_ago=24), task("old", hours_ago=200))
    assert names(stale_tasks(known, now=NOW)) == ["old", "due"]


def test_oldest_look_first() -> None:
    """Where time is short, the tasks that nobody looked at for longest come first."""
    known = state(*(task(f"{hours}h", hours_ago=hours) for hours in (30, 99, 25, 48)))
    assert names(stale_tasks(known, now=NOW)) == ["99h", "48h", "30h", "25h"]


def test_what_is_to_be_cancelled_comes_before_all() -> None:
    """A task about to be cancelled is looked at first, however recently it was seen, for seconds may decide."""
    known = state(task("old", hours_ago=99), task("to cancel"), task("also to cancel", hours_ago=2), task("fresh"))
    found = stale_tasks(known, now=NOW, to_cancel={(1, "to cancel"), (1, "also to cancel")})
    assert names(found) == ["also to cancel", "to cancel", "old"]


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "REVOKED", "NOT_FOUND"])
def test_ended_tasks_are_left_alone(status: str) -> None:
    """A task that has ended never changes again, and costs no call."""
    known = state(task("ended", hours_ago=999, status=status))
    assert stale_tasks(known, now=NOW, to_cancel={(1, "ended")}, all_open=True) == ()


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "UNKNOWN", "A_WORD_OF_NEXT_YEAR"])
def test_open_tasks_are_looked_at(status: str) -> None:
    """Whatever may still change is looked at, a word that nobody documents included."""
    assert names(stale_tasks(state(task("open", hours_ago=25, status=status)), now=NOW)) == ["open"]


def test_refresh_looks_at_all() -> None:
    """`refresh` looks at every open task, oldest look first, however recent that is."""
    known = state(task("new"), task("old", hours_ago=99), task("recent", hours_ago=1), task("ended", status="SUCCESS"))
    assert names(stale_tasks(known, now=NOW, all_open=True)) == ["old", "recent", "new"]


def test_look_from_a_wrong_clock() -> None:
    """A look that lies days ahead, for a clock was wrong, doesn't keep a task from being looked at until then."""
    known = state(task("next year", hours_ago=-24 * 365), task("a little ahead", hours_ago=-1))
    assert names(stale_tasks(known, now=NOW)) == ["next year"]


def test_same_name_in_two_projects() -> None:
    """Tasks are told apart by project: cancelling one doesn't hurry another of the same name."""
    known = state(task("same", project_id=1), task("same", project_id=2))
    assert [found.project_id for found in stale_tasks(known, now=NOW, to_cancel={(2, "same")})] == [2]


def test_order_does_not_depend_on_the_state() -> None:
    """Tasks seen at the same moment come in the order of their names, so that two runs do the same."""
    tasks = [task(name, hours_ago=30) for name in "abc"]
    assert stale_tasks(state(*tasks), now=NOW) == stale_tasks(state(*reversed(tasks)), now=NOW) == tuple(tasks)
