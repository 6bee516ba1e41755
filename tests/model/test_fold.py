"""The next state, as a pure function of the last one and a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.journal import (
    Acknowledged,
    Began,
    CancelAccepted,
    Entry,
    Forgot,
    Intended,
    LearnedCap,
    Polled,
    Put,
    PutRequestEntry,
    Unsettled,
)
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import (
    BatchPhase,
    Declared,
    ProjectRecord,
    RequestRecord,
    ResidencyRecord,
    SegmentRef,
    State,
    TaskRecord,
)

NOW = datetime(2026, 11, 8, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
A, B = "web.deletions.a", "web.deletions.b"
NOTHING = State(lineage="", serial=0, tool_version="")


def ids(*numbers: int) -> IdSet:
    return from_unsorted(b"".join(number.to_bytes(16, "big") for number in numbers))


def began(base: State = NOTHING, **facts: object) -> Began:
    return Began("journal-1", base.lineage or "lineage-1", base.serial, "0.2.0", NOW, "apply", "test", **facts)  # type: ignore[arg-type]


def declared(address: str = A, numbers: IdSet = EMPTY_IDS, *, project: str = "web", **facts: object) -> PutRequestEntry:
    record = RequestRecord("deletions", project, 1, Region.EU, "gdpr", Declared(numbers.count, numbers.sha256))
    return PutRequestEntry(address, record, NOW, **facts)  # type: ignore[arg-type]


def intended(number: int = 1, sent: IdSet | None = None, address: str = A, attempt: int = 1) -> Intended:
    sent = ids(1, 2) if sent is None else sent
    return Intended(address, number, attempt, sent.count, sent.sha256, NOW, sent.digests)


def acknowledged(number: int = 1, task: str = "t-1", address: str = A, subjects: int = 2, **facts: object) -> Acknowledged:
    known = TaskRecord(task, "deletions", "web", 1, Region.EU, "PENDING", subjects, NOW, NOW, **facts)  # type: ignore[arg-type]
    return Acknowledged(address, number, known, NOW)


def sent() -> State:
    """A state with one request in one task."""
    return fold(NOTHING, [began(), declared(), intended(), acknowledged()])


# The serial


def test_the_first_run_makes_lineage_and_serial_1() -> None:
    """A first run makes a state with the lineage its journal names, at serial 1, and remembers the plan that made it."""
    state = fold(NOTHING, [began(plan_digest="d")])
    assert ("lineage-1", 1, "d", "journal-1", "0.2.0") == (
        state.lineage,
        state.serial,
        state.created_by_plan,
        state.last_journal,
        state.tool_version,
    )


def test_the_plan_that_made_a_state_stays_its_maker() -> None:
    """Later plans don't change which plan made the state."""
    state = fold(NOTHING, [began(plan_digest="first")])
    assert "first" == fold(state, [began(state, plan_digest="second")]).created_by_plan


@pytest.mark.parametrize(
    ("entries", "is_raised"),
    [
        ([], False),
        ([Polled(1, "t-1", "STARTED", LATER)], False),
        ([Polled(1, "t-1", "STARTED", LATER), Polled(1, "t-1", "SUCCESS", LATER)], False),
        ([Polled(1, "nobody", "STARTED", LATER)], False),
        ([CancelAccepted(1, "t-1", LATER)], True),
        ([declared()], True),
        ([intended(2)], True),
        ([intended(2), Unsettled(A, 2, "returned", "HTTP 429", LATER)], True),
        ([intended(2), acknowledged(2, "t-2")], True),
        ([Put("web.residency", ResidencyRecord("residency", "web", 1, Region.EU, NOW))], True),
        ([Forgot(A)], True),
    ],
)
def test_the_serial_rises_once_for_what_was_done(entries: list[Entry], is_raised: bool) -> None:
    """Polling alone doesn't raise the serial; whatever else a run did raises it by one, once."""
    base = sent()
    assert base.serial + (1 if is_raised else 0) == fold(base, [began(base), *entries]).serial


# Batches


def test_an_intent_without_a_receipt_is_in_doubt() -> None:
    """A run that died after its intent leaves the batch in doubt, with its ids known."""
    state = fold(NOTHING, [began(), declared(), intended(1, ids(1, 2))])
    (batch,) = state.requests[A].batches
    assert (BatchPhase.IN_DOUBT, None) == (batch.phase, batch.tracking_id)
    assert {1: ids(1, 2)} == dict(remembered(state, A).batches())
    assert 2 == state.requests[A].next_batch


@pytest.mark.parametrize("phase", ["in_doubt", "returned", "refused"])
def test_a_batch_without_a_task_says_why(phase: str) -> None:
    """Every other end of a POST is remembered with its reason and its time."""
    state = fold(NOTHING, [began(), declared(), intended(), Unsettled(A, 1, phase, "HTTP 500", LATER)])
    (batch,) = state.requests[A].batches
    assert (phase, "HTTP 500", LATER, None) == (batch.phase.value, batch.why, batch.settled_at, batch.tracking_id)
    assert {} == dict(state.tasks)


def test_a_receipt_makes_the_task() -> None:
    """Only an acknowledged batch counts as sent, and its task is known from then on."""
    state = sent()
    (batch,) = state.requests[A].batches
    assert (BatchPhase.SENT, "t-1", NOW) == (batch.phase, batch.tracking_id, batch.settled_at)
    assert [(1, "t-1")] == list(state.tasks)


def test_an_intent_that_is_repeated_keeps_one_run() -> None:
    """A batch that is sent again after a wait is the same batch: its ids are kept once, its phase is that of the last try."""
    again = replace(intended(1), digests=memoryview(b""), at=LATER)
    entries = [began(), declared(), intended(1), Unsettled(A, 1, "returned", "HTTP 429", NOW), again]
    state = fold(NOTHING, entries)
    assert 1 == len(state.runs)
    assert ids(1, 2).digests == state.runs[0].digests
    (batch,) = state.requests[A].batches
    assert (BatchPhase.IN_DOUBT, LATER, "") == (batch.phase, batch.intent_at, batch.why)
    (batch,) = fold(NOTHING, [*entries, acknowledged()]).requests[A].batches
    assert (BatchPhase.SENT, "") == (batch.phase, batch.why)


def test_the_latest_batch_has_the_id() -> None:
    """Ids that went out again belong to their last batch."""
    state = fold(sent(), [began(sent()), declared(), intended(2, ids(2, 3)), acknowledged(2, "t-2")])
    assert {1: ids(1), 2: ids(2, 3)} == dict(remembered(state, A).batches())


def test_an_adopted_task_is_recorded_once() -> None:
    """A task that serves two requests is one task with the ids of both; one that this workspace made stays its own."""
    base = sent()
    state = fold(base, [began(base), declared(B), intended(1, ids(7), B), acknowledged(1, "t-1", B, 1, adopted=True, foreign=True)])
    assert [(3, False, NOW)] == [(task.subjects, task.foreign, task.submitted_at) for task in state.tasks.values()]
    assert ("t-1", True) == (state.requests[B].batches[0].tracking_id, state.requests[B].batches[0].adopted)


def test_what_was_declared_is_updated_and_the_rest_kept() -> None:
    """A request that changes keeps its batches, its numbers and its segments."""
    base = sent()
    base = replace(base, records={A: replace(base.requests[A], segments=(SegmentRef("s" * 64, 2),))}, runs=())
    record = fold(base, [began(base), declared(A, ids(1, 2, 3))]).requests[A]
    assert (3, 2, 1, "s" * 64) == (record.declared.count, record.next_batch, len(record.batches), record.segments[0].sha256)


def test_a_cancellation_is_only_believed_when_it_is_seen() -> None:
    """An accepted cancellation is noted; the status stays what a look last said."""
    base = sent()
    (task,) = fold(base, [began(base), CancelAccepted(1, "t-1", LATER)]).tasks.values()
    assert ("PENDING", LATER) == (task.status, task.cancelled_at)
    (task,) = fold(base, [began(base), CancelAccepted(1, "t-1", LATER), Polled(1, "t-1", "REVOKED", LATER)]).tasks.values()
    assert ("REVOKED", LATER) == (task.status, task.checked_at)


@pytest.mark.parametrize(("said", "foreign"), [(None, True), (False, False), (True, True)])
def test_a_look_may_settle_whether_a_task_is_foreign(said: bool | None, foreign: bool) -> None:
    """A look that shows whose ids a task holds corrects what was assumed; one that doesn't leaves it."""
    base = fold(NOTHING, [began(), declared(), intended(), acknowledged(foreign=True, adopted=True)])
    (task,) = fold(base, [began(base), Polled(1, "t-1", "STARTED", LATER, said)]).tasks.values()
    assert foreign is task.foreign


# Moving, withdrawing, forgetting


@pytest.mark.parametrize("is_published", [False, True])
def test_a_request_moves_with_all_it_has(is_published: bool) -> None:
    """A request that moves keeps batches, runs, segments and tasks; the old name is gone, and its tasks are reached by the new project."""
    base = sent()
    if is_published:
        numbers = memoryview((1).to_bytes(4, "little") * 2)
        records = {A: replace(base.requests[A], segments=(SegmentRef("s" * 64, 2),))}
        base = replace(base, records=records, runs=(), open_segments={"s" * 64: (ids(1, 2).digests, numbers)})
    new = "renamed.deletions.a"
    state = fold(base, [began(base), declared(new, ids(1, 2), project="renamed", moved_from=A)])
    assert [new] == list(state.records)
    assert {1: ids(1, 2)} == dict(remembered(state, new).batches())
    assert (2, "t-1") == (state.requests[new].next_batch, state.requests[new].batches[0].tracking_id)
    assert ["renamed"] == [task.project for task in state.tasks.values()]
    assert 0 == remembered(state, A).all().count


def test_a_move_can_go_on_sending() -> None:
    """Batches sent after a move count on from those before it."""
    base = sent()
    state = fold(base, [began(base), declared(B, ids(1, 2, 3), moved_from=A), intended(2, ids(3), B), acknowledged(2, "t-2", B)])
    assert [1, 2] == [batch.number for batch in state.requests[B].batches]
    assert {1: ids(1, 2), 2: ids(3)} == dict(remembered(state, B).batches())


def test_a_withdrawal_is_remembered_with_its_time() -> None:
    """A withdrawn request keeps its tasks, and says since when; declared again it is withdrawn no longer."""
    base = sent()
    state = fold(base, [began(base), declared(withdrawn=True)])
    assert NOW == state.requests[A].withdrawn_at
    assert [(1, "t-1")] == list(state.tasks)
    assert fold(state, [began(state), declared()]).requests[A].withdrawn_at is None


def test_forgetting_drops_what_nobody_else_names() -> None:
    """`state rm` drops the request, its ids and its tasks; a task that another request shares stays."""
    base = sent()
    base = fold(base, [began(base), declared(B), intended(1, ids(7), B), acknowledged(1, "t-1", B), intended(2, ids(8), B)])
    base = fold(base, [began(base), acknowledged(2, "t-2", B)])
    state = fold(base, [began(base), Forgot(A)])
    assert ([B], [(1, "t-1"), (1, "t-2")], {B}) == (list(state.records), list(state.tasks), {run.address for run in state.runs})
    assert [] == list(fold(state, [began(state), Forgot(B)]).tasks)


def test_a_learned_cap_lasts_while_the_project_is_the_same() -> None:
    """What Mixpanel was seen to accept is kept for a project, until its name stands for another one."""
    project = ProjectRecord(1, Region.EU, SecretRef(env="TOKEN"))
    state = fold(NOTHING, [began(projects={"web": project}), LearnedCap("web", 500), LearnedCap("nobody", 1)])
    assert 500 == state.projects["web"].learned_cap
    assert 500 == fold(state, [began(state, projects={"web": project})]).projects["web"].learned_cap
    assert fold(state, [began(state, projects={"web": replace(project, project_id=2)})]).projects["web"].learned_cap is None


def test_a_project_that_left_is_still_known() -> None:
    """The references to a project's credentials stay after it left the manifests, so that its tasks can be reached."""
    state = fold(NOTHING, [began(projects={"web": ProjectRecord(1, Region.EU, SecretRef(env="TOKEN"))})])
    assert ["web"] == list(fold(state, [began(state, projects={})]).projects)


def test_a_fold_in_two_parts_is_the_same_fold() -> None:
    """Reading a journal's first part and then all of it gives what the whole gives; the base is never changed."""
    base = sent()
    entries: list[Entry] = [began(base), declared(B), intended(1, ids(7), B), acknowledged(1, "t-2", B), Polled(1, "t-1", "SUCCESS", LATER)]
    before = repr(base)
    whole = fold(base, entries)
    for cut in range(1, len(entries)):
        fold(base, entries[:cut])
        assert whole == fold(base, entries)
    assert before == repr(base)
