"""Another digest key: what tasks show is enough to go on as before, and nothing is ever taken for submitted that isn't."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import from_unsorted, is_subset
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import KeyRecord, State, TaskKey
from mixpriv_reconcile.model.tasks import is_live
from mixpriv_reconcile.plan.regaining import regained, shares
from mixpriv_reconcile.plan.rekeying import Proven, Rekeyed, rekeyed

from .building import FORGOTTEN, NOW, OTHERS, Memory, codes, decided, desired, ids, people, project, published, wish

ADDRESSES = (FORGOTTEN, OTHERS, "web-us.deletions.forgotten")
STATUSES = ("PENDING", "STAGING", "STARTED", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN")
PHASES = ("in_doubt", "returned", "refused")
STRANGERS = range(900, 903)
KEY = KeyRecord("scheme", "0" * 32)


def new(*numbers: int) -> IdSet:
    """The same people under the new key."""
    return from_unsorted(b"".join(hashlib.sha256(b"new" + number.to_bytes(8, "big")).digest()[:16] for number in numbers))


@dataclass
class World:
    """A memory under the former key, and what is true of it: who is in which task, and who is wished for."""

    memory: Memory = field(default_factory=Memory)
    holds: dict[TaskKey, set[int]] = field(default_factory=dict)
    known: dict[str, set[int]] = field(default_factory=dict)
    wished: dict[str, set[int]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return published(replace(self.memory.state(), digest_key=KEY))

    def sent(self, address: str, numbers: set[int], task: str, status: str, *, attempt: int = 1, foreign: bool = False) -> None:
        self._declare(address, numbers)
        self.memory.sent(address, ids(*numbers), task, status, attempt=attempt, foreign=foreign)
        number = self.memory.state().requests[address].project_id
        self.holds.setdefault((number, task), set()).update(numbers, STRANGERS if foreign else ())

    def unsettled(self, address: str, numbers: set[int], phase: str) -> None:
        self._declare(address, numbers)
        self.memory.unsettled(address, ids(*numbers), phase)

    def _declare(self, address: str, numbers: set[int]) -> None:
        self.known.setdefault(address, set()).update(numbers)
        self.memory.declared(address, ids(*self.known[address]))

    def manifests(self, *, is_new: bool) -> DesiredState:
        under = new if is_new else ids
        return desired(*(wish(address, under(*numbers)) for address, numbers in self.wished.items()), projects=[project("web-us")])

    def rekeyed(self, shown: Mapping[TaskKey, set[int]] | None = None) -> Rekeyed:
        """What comes of it where tasks show these people; without *shown*, each shows all that it holds."""
        state = self.state
        every = shares(state)
        asked = {share.task for share in every if share.task is not None}
        told = {key: numbers for key, numbers in (self.holds if shown is None else shown).items() if key in asked}
        statuses = {key: state.tasks[key].status for key in told}
        declared = {address: new(*numbers) for address, numbers in self.wished.items()}
        found = regained(state, every, {key: new(*numbers) for key, numbers in told.items()}, declared, statuses)
        seen = {key: Polled(*key, status, NOW) for key, status in statuses.items()}
        return rekeyed(state, every, found, Proven(), seen=seen, declared=set(self.wished), key=KEY, tool_version="0.1.0")


@st.composite
def worlds(draw: st.DrawFn, *, are_tasks_shared: bool = True, are_all_sent: bool = False) -> World:
    """A memory in which ids went out once or, after a task that came to nothing, again."""
    world = World()
    for at in range(draw(st.integers(0, 7))):
        address = draw(st.sampled_from(ADDRESSES))
        numbers = draw(st.sets(st.integers(0, 20), min_size=1, max_size=6))
        ended = _sent_to_nothing(world, address)
        numbers -= world.known.get(address, set()) - ended
        if not numbers:
            continue
        if not are_all_sent and draw(st.integers(0, 4)) == 0:
            world.unsettled(address, numbers - ended or numbers, draw(st.sampled_from(PHASES)))
            continue
        is_shared = are_tasks_shared and draw(st.booleans())
        # what is in one task stands alike for everybody
        task, status = ("shared", "PENDING") if is_shared else (f"task-{at}", draw(st.sampled_from(STATUSES)))
        world.sent(address, numbers, task, status, foreign=are_tasks_shared and draw(st.integers(0, 5)) == 0)
    for address in draw(st.sets(st.sampled_from(ADDRESSES))):
        stayed = {one for one in world.known.get(address, set()) if draw(st.integers(0, 3))}
        world.wished[address] = stayed | draw(st.sets(st.integers(0, 24), max_size=3))
    return world


def _sent_to_nothing(world: World, address: str) -> set[int]:
    """Who may go out again: those whose latest task failed or was revoked."""
    state = world.memory.state()
    record = state.requests.get(address)
    if record is None:
        return set()
    dead = {batch.number for batch in record.batches if standing_of(state, record, batch) in (Standing.FAILED, Standing.REVOKED)}
    groups = remembered(state, address).batches()
    return {one for number in dead & set(groups) for one in people(groups[number])}


def does(made: Plan) -> object:
    """What a plan does, in numbers that don't hang on the key."""
    return [
        (str(change.address), change.actions, change.reasons, change.subjects, change.withdraws.count, sorted(b.ids.count for b in change.batches))
        for change in made.changes
    ], codes(made)


@given(worlds(are_tasks_shared=False, are_all_sent=True))
def test_where_all_tasks_show_their_ids_the_plan_stays_the_same(world: World) -> None:
    """Nothing is lost, and the next plan submits, withdraws and says just what it would have done under the former key."""
    made = world.rekeyed()
    assert () == made.lost
    assert does(decided(world.manifests(is_new=False), world.state)) == does(decided(world.manifests(is_new=True), made.state))


@given(worlds(), st.data())
def test_nothing_is_taken_for_submitted_that_no_live_task_holds(world: World, data: st.DataObject) -> None:
    """Whatever tasks hide, an id that the new memory has in a live task is really in it."""
    shown = {key: {one for one in sorted(held) if data.draw(st.integers(0, 3))} for key, held in world.holds.items() if data.draw(st.booleans())}
    made = world.rekeyed(shown)
    for address, record in made.state.requests.items():
        batches = {batch.number: batch for batch in record.batches}
        groups = remembered(made.state, address).batches()
        for number in groups:
            batch = batches[number]
            assert batch.tracking_id is not None
            assert is_subset(groups[number], new(*world.holds[record.project_id, batch.tracking_id]))


@given(worlds(), st.data())
def test_whoever_is_lost_is_counted(world: World, data: st.DataObject) -> None:
    """What is remembered and what is named as lost are together no less than what was remembered."""
    shown = {key: held for key, held in world.holds.items() if data.draw(st.booleans())}
    made = world.rekeyed(shown)
    before, after = world.state, made.state
    assert made.count == sum(remembered(before, address).all().count for address in before.requests)
    left = sum(remembered(after, address).all().count for address in after.requests)
    assert left + made.missing >= made.count
    assert after.serial == before.serial + 1
    assert set(after.tasks) == set(before.tasks)


@given(worlds(), st.data())
def test_the_plan_after_never_fails(world: World, data: st.DataObject) -> None:
    """Whatever was lost, the next plan can be made, and who is wished for and in no live task any more is in it or is named."""
    shown = {key: held for key, held in world.holds.items() if data.draw(st.booleans())}
    made = world.rekeyed(shown)
    plan = decided(world.manifests(is_new=True), made.state)
    sent = {str(change.address): change.submits for change in plan.changes}
    for address, numbers in world.wished.items():
        if address in made.state.requests:
            unknown = remembered(made.state, address).split(new(*numbers)).new
            assert is_subset(unknown, sent[address]) if unknown else True


def test_a_dead_task_with_more_ids_than_are_left_in_it_is_not_believed() -> None:
    """A failed task still shows who went out again since; where the later task shows nobody, none of them is taken for failed."""
    world = World(wished={FORGOTTEN: {1, 2, 3}})
    world.sent(FORGOTTEN, {1, 2, 3}, "first", "FAILURE")
    world.sent(FORGOTTEN, {2, 3}, "second", "PENDING", attempt=2)
    first = next(key for key in world.holds if key[1] == "first")
    made = world.rekeyed({first: {1, 2, 3}})
    assert [(lost.share.tracking_id, lost.missing) for lost in made.lost] == [("first", 1), ("second", 2)]
    assert not is_live("FAILURE")


def test_a_task_with_more_ids_than_were_sent_gives_only_what_is_declared() -> None:
    """A task that shows more people than ever went into it holds strangers: those that no request declares aren't taken for ours."""
    world = World(wished={FORGOTTEN: {1, 2}})
    world.sent(FORGOTTEN, {1, 2}, "first", "PENDING")
    (key,) = world.holds
    made = world.rekeyed({key: {1, 2, 7, 8}})
    assert remembered(made.state, FORGOTTEN).all() == new(1, 2)


def test_a_vanished_request_that_is_lost_is_not_planned_as_unsent() -> None:
    """Of a finished request that no manifest has any more nothing is to be withdrawn, also where its ids could not be found again."""
    world = World()
    world.sent(FORGOTTEN, {1, 2}, "first", "SUCCESS")
    world.wished[OTHERS] = {5}
    made = world.rekeyed({})
    assert made.missing == 2
    assert [str(change.address) for change in decided(world.manifests(is_new=True), made.state).pending] == [OTHERS]
