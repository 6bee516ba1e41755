"""Which ids of a task made elsewhere a request records, and which it doesn't."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.plan import Adoptable, adoptable

from .building import FORGOTTEN, NOTHING, Memory, ids, published

TASK = "task-x"


def test_declared_ids_are_taken_and_others_left() -> None:
    """Of a task's ids exactly those are recorded that the request declares."""
    assert Adoptable(ids(2, 3), 0) == adoptable(NOTHING, FORGOTTEN, ids(1, 2, 3), ids(2, 3, 4), TASK)


def test_a_task_without_declared_ids_is_refused() -> None:
    """Nothing in common: nothing to record."""
    with pytest.raises(WrongUsage, match="holds no distinct id") as refused:
        adoptable(NOTHING, FORGOTTEN, ids(1), ids(2), TASK)
    assert "MP0663" == refused.value.code


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "SUCCESS", "UNKNOWN"])
def test_ids_of_another_live_task_are_refused(status: str) -> None:
    """An id that another live task of the request has is recorded with that one only; the task is named."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2, 3)).sent(FORGOTTEN, ids(1, 2), "task-1", status)
    for state in (memory.state(), published(memory.state())):
        with pytest.raises(WrongUsage, match=r"1 distinct id of task task-x is in .* task-1") as refused:
            adoptable(state, FORGOTTEN, ids(1, 2, 3), ids(2, 3), TASK)
        assert "MP0665" == refused.value.code


@pytest.mark.parametrize("status", ["REVOKED", "FAILURE", "NOT_FOUND"])
def test_ids_of_a_dead_task_are_free(status: str) -> None:
    """What an earlier task came to nothing with is recorded with the new one."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2, 3)).sent(FORGOTTEN, ids(1, 2), "task-1", status)
    assert Adoptable(ids(2, 3), 0) == adoptable(memory.state(), FORGOTTEN, ids(1, 2, 3), ids(2, 3), TASK)


@pytest.mark.parametrize("phase", ["in_doubt", "returned", "refused"])
def test_ids_without_a_task_are_free(phase: str) -> None:
    """Ids of a batch in doubt, given back or refused have no task yet, and get this one."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).unsettled(FORGOTTEN, ids(1, 2), phase)
    assert Adoptable(ids(1, 2), 0) == adoptable(memory.state(), FORGOTTEN, ids(1, 2), ids(1, 2), TASK)


def test_the_same_task_gives_what_is_new_of_it() -> None:
    """A task that is recorded already adds only the ids that were declared since."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2), TASK)
    assert Adoptable(ids(), 2) == adoptable(memory.state(), FORGOTTEN, ids(1, 2), ids(1, 2, 3), TASK)
    assert Adoptable(ids(3), 2) == adoptable(memory.state(), FORGOTTEN, ids(1, 2, 3), ids(1, 2, 3), TASK)
