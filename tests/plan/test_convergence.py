"""What is carried out stays carried out: after an apply there is nothing left to do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.plan import PutRequest
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.model.workspace import Limits

from .building import FORGOTTEN, OTHERS, Memory, carried_out, decided, desired, ids, people, project, published, wish

ADDRESSES = (FORGOTTEN, OTHERS, "web-us.deletions.forgotten", "renamed.deletions.forgotten")
STATUSES = ("PENDING", "STAGING", "STARTED", "SUCCESS", "FAILURE", "REVOKED", "NOT_FOUND", "UNKNOWN", "NEW_WORD")
PHASES = ("in_doubt", "returned", "refused")
NUMBERS = st.sets(st.integers(0, 30), max_size=12)

BATCH = st.tuples(
    st.sampled_from(ADDRESSES),
    st.sets(st.integers(0, 30), min_size=1, max_size=8),
    st.sampled_from(STATUSES + PHASES),
    st.integers(1, 3),
    st.booleans(),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[DesiredState, State]:
    """Wishes, and a memory in which anything may have happened before."""
    batches = draw(st.lists(BATCH, max_size=8))
    memory = Memory()
    known: dict[str, set[int]] = {}
    for at, (address, numbers, standing, attempt, is_adopted) in enumerate(batches):
        fresh = numbers - known.get(address, set())
        if not fresh:
            continue
        known.setdefault(address, set()).update(fresh)
        memory.declared(address, ids(*known[address]))
        if standing in PHASES:
            memory.unsettled(address, ids(*fresh), standing, attempt=attempt)
        else:
            task = "shared" if is_adopted else f"old-{at}"
            memory.sent(address, ids(*fresh), task, standing, attempt=attempt, adopted=is_adopted, foreign=draw(st.booleans()))
    wishes = {address: draw(NUMBERS) for address in draw(st.sets(st.sampled_from(ADDRESSES)))}
    cap = Limits(distinct_ids_per_request=draw(st.integers(1, 9)))
    state = memory.state()
    wished = desired(*(wish(address, ids(*numbers)) for address, numbers in wishes.items()), projects=[project("web-us")], limits=cap)
    return wished, published(state) if draw(st.booleans()) else state


def names() -> Iterator[str]:
    return map("new-{}".format, itertools.count())


@given(worlds())
def test_after_an_apply_the_next_plan_is_empty(world: tuple[DesiredState, State]) -> None:
    """Whatever was before, an apply that Mixpanel accepts leaves nothing pending."""
    wishes, state = world
    after = carried_out(decided(wishes, state), state, tasks=names())
    assert () == decided(wishes, after).pending
    assert () == decided(wishes, published(after)).pending


@given(worlds(), st.integers(0, 4))
def test_an_apply_that_ended_early_is_carried_on(world: tuple[DesiredState, State], posts: int) -> None:
    """An apply that ends after some batches is finished by the next one."""
    wishes, state = world
    tasks = names()
    halfway = carried_out(decided(wishes, state), state, tasks=tasks, limit=posts)
    after = carried_out(decided(wishes, halfway), halfway, tasks=tasks)
    assert () == decided(wishes, after).pending


@given(worlds())
def test_every_declared_id_is_in_one_task(world: tuple[DesiredState, State]) -> None:
    """After an apply each declared id has its task, but for those a person must look at first; none was sent twice over a live task."""
    wishes, state = world
    made = decided(wishes, state)
    for change in made.changes:
        cancelled = {step.tracking_id for step in change.cancels}
        sent = [number for batch in change.batches for number in people(batch.ids)]
        assert len(sent) == len(set(sent))
        old_names = [step.moved_from for step in change.steps if isinstance(step, PutRequest) and step.moved_from is not None]
        assert not set(sent) & _live(state, (*old_names, str(change.address))[0], cancelled)
    after = carried_out(made, state, tasks=names())
    for address, wanted in wishes.ids.items():
        if not wanted and str(address) not in after.requests:
            continue
        record = after.requests[str(address)]
        batches = {batch.number: batch for batch in record.batches}
        split = remembered(after, str(address)).split(wanted)
        assert not split.new
        for number in split.kept:
            standing = standing_of(after, record, batches[number])
            is_left_to_a_person = standing in (Standing.REFUSED, Standing.MISSING) or (
                standing is Standing.FAILED and batches[number].attempt >= 3
            )
            assert is_left_to_a_person or standing.is_open or standing is Standing.SUCCEEDED


def _live(state: State, address: str, cancelled: set[str]) -> set[int]:
    """Whose data the request at *address* has in open tasks that aren't cancelled."""
    record = state.requests.get(address)
    if record is None:
        return set()
    batches = {batch.number: batch for batch in record.batches}
    found: set[int] = set()
    for number, part in remembered(state, address).batches().items():
        tracking_id = batches[number].tracking_id
        task = None if tracking_id is None else state.tasks.get((record.project_id, tracking_id))
        if task is not None and is_open(task.status) and task.tracking_id not in cancelled:
            found |= people(part)
    return found
