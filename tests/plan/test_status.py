"""How each request stands: phases, counters, days (contract §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.status import PHASES, RequestStatus, Subjects
from mixpriv_reconcile.plan import status_report

from .building import FORGOTTEN, NOTHING, OTHERS, TODAY, Memory, desired, ids, project, published, wish


def status(wishes: DesiredState | None, state: State, address: str = FORGOTTEN, counts: dict[Address, int] | None = None) -> RequestStatus:
    report = status_report(wishes, state, TODAY, counts=counts or {})
    return next(one for one in report.requests if one.address == address)


def sent(standing: str) -> Memory:
    """Three ids that stand like this."""
    memory = Memory().declared(FORGOTTEN, ids(range(3)))
    if standing in ("in_doubt", "returned", "refused"):
        return memory.unsettled(FORGOTTEN, ids(range(3)), standing)
    return memory.sent(FORGOTTEN, ids(range(3)), "task-1", standing)


@pytest.mark.parametrize(
    ("standing", "phase", "subjects"),
    [
        ("in_doubt", "in_doubt", Subjects(declared=3, in_doubt=3)),
        ("FAILURE", "failed", Subjects(declared=3, failed=3)),
        ("NOT_FOUND", "failed", Subjects(declared=3, failed=3)),
        ("refused", "refused", Subjects(declared=3, refused=3)),
        ("returned", "unsent", Subjects(declared=3, unsent=3)),
        ("REVOKED", "unsent", Subjects(declared=3, unsent=3)),
        ("PENDING", "pending", Subjects(declared=3, submitted=3)),
        ("STAGING", "pending", Subjects(declared=3, submitted=3)),
        ("STARTED", "running", Subjects(declared=3, submitted=3)),
        ("UNKNOWN", "running", Subjects(declared=3, submitted=3)),
        ("NEW_WORD", "running", Subjects(declared=3, submitted=3)),
        ("SUCCESS", "succeeded", Subjects(declared=3, succeeded=3)),
    ],
)
@pytest.mark.parametrize("is_published", [False, True])
def test_a_request_is_in_the_phase_of_its_ids(standing: str, phase: str, subjects: Subjects, is_published: bool) -> None:
    """Each standing of a batch shows as its phase and in its counter; phases are those of the contract."""
    state = sent(standing).state()
    found = status(desired(wish(FORGOTTEN, ids(range(3)))), published(state) if is_published else state)
    assert (phase, subjects) == (found.phase, found.subjects)
    assert phase in PHASES


def test_without_the_key_the_counts_are_told() -> None:
    """Where ids can't be compared, what is remembered and how many are declared still tells the phase."""
    wishes = replace(desired(wish(FORGOTTEN, ids(range(5)))), ids={})
    found = status(wishes, sent("STARTED").state(), counts={Address.parse(FORGOTTEN): 5})
    assert ("unsent", Subjects(declared=5, unsent=2, submitted=3)) == (found.phase, found.subjects)


def test_a_new_request_is_unsent_or_waiting() -> None:
    """A request that nobody applied is unsent, or waiting before its `not_before`."""
    early = wish(FORGOTTEN, ids(1, 2), not_before=date(2026, 11, 9))
    assert "unsent" == status(desired(wish(FORGOTTEN, ids(1, 2))), NOTHING).phase
    found = status(desired(early), NOTHING)
    assert ("waiting", Subjects(declared=2, waiting=2)) == (found.phase, found.subjects)


def test_the_worst_phase_comes_first() -> None:
    """One batch in doubt is what a request with running batches shows."""
    memory = sent("STARTED").unsettled(FORGOTTEN, ids(9), "in_doubt")
    found = status(desired(wish(FORGOTTEN, ids(range(3), 9))), memory.state())
    assert ("in_doubt", 3, 1) == (found.phase, found.subjects.submitted, found.subjects.in_doubt)


def test_a_request_that_left_the_manifest_is_withdrawn() -> None:
    """A remembered request without a wish is withdrawn, and its tasks are still shown."""
    found = status(desired(projects=[project("web-eu")]), sent("STARTED").state())
    assert ("withdrawn", 3, 0) == (found.phase, found.subjects.submitted, found.subjects.unsent)
    assert [("task-1", "STARTED", 3)] == [(task.tracking_id, task.status, task.subjects) for task in found.tasks]


def test_a_request_that_came_back_is_not_withdrawn() -> None:
    """A request that was withdrawn and is declared again stands as its tasks do."""
    memory = sent("STARTED").declared(FORGOTTEN, ids(range(3)), withdrawn=True)
    assert "running" == status(desired(wish(FORGOTTEN, ids(range(3)))), memory.state()).phase
    assert "withdrawn" == status(None, memory.state()).phase


def test_memory_alone_doesnt_mean_withdrawn() -> None:
    """Where the manifests aren't read, a remembered request isn't taken for a withdrawn one."""
    assert "running" == status(None, sent("STARTED").state()).phase


def test_withdrawn_ids_dont_set_the_phase() -> None:
    """A pending task that holds withdrawn ids only doesn't make a finished request pending."""
    memory = sent("SUCCESS").sent(FORGOTTEN, ids(9), "task-2", "PENDING", foreign=True)
    assert "succeeded" == status(desired(wish(FORGOTTEN, ids(range(3)))), memory.state()).phase


def test_days_come_from_the_manifest_or_the_memory() -> None:
    """Deadline and submit-by stand beside each request; without a receipt there is none."""
    wishes = desired(wish(FORGOTTEN, ids(1), received=date(2026, 1, 31)), wish(OTHERS, ids(2), received=None))
    found = status(wishes, NOTHING)
    assert (date(2026, 2, 28), date(2026, 1, 29)) == (found.due, found.submit_by)
    assert (None, None) == (status(wishes, NOTHING, OTHERS).due, status(wishes, NOTHING, OTHERS).submit_by)


def test_a_task_is_shown_once() -> None:
    """A task that holds several batches is one line with all of their ids."""
    memory = sent("PENDING").sent(FORGOTTEN, ids(7, 8), "task-1", "PENDING", adopted=True)
    found = status(desired(wish(FORGOTTEN, ids(range(3), 7, 8))), memory.state())
    assert [("task-1", 5)] == [(task.tracking_id, task.subjects) for task in found.tasks]


def test_requests_stand_by_address() -> None:
    """Declared and remembered requests are listed together, in order, with the state's serial."""
    report = status_report(desired(wish(OTHERS, ids(1))), sent("PENDING").state(), TODAY, counts={})
    assert ([FORGOTTEN, OTHERS], 1, TODAY) == ([one.address for one in report.requests], report.serial, report.today)
