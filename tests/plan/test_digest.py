"""The plan's digest: what a reviewer approves."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import inputs_moved

from .building import FORGOTTEN, NOTHING, NOW, OTHERS, PROJECTS, Memory, decided, desired, ids, published, wish

ELSEWHERE = "web-us.deletions.forgotten"


def digest(*wishes: tuple[str, IdSet], state: State = NOTHING, fingerprint: str = "f" * 64, **options: tuple[str, ...]) -> str:
    return decided(desired(*(wish(*one) for one in wishes), fingerprint=fingerprint), state, **options).digest


@given(st.permutations([(FORGOTTEN, (1, 2, 3)), (OTHERS, (4,)), (ELSEWHERE, (5, 6))]), st.randoms(use_true_random=False))
def test_order_doesnt_change_the_digest(requests: list[tuple[str, tuple[int, ...]]], chance: object) -> None:
    """The order of requests, projects and ids leaves the digest as it is."""
    shuffled = []
    for address, numbers in requests:
        order = list(numbers)
        chance.shuffle(order)  # type: ignore[attr-defined]
        shuffled.append((address, ids(*order)))
    assert digest((FORGOTTEN, ids(1, 2, 3)), (OTHERS, ids(4)), (ELSEWHERE, ids(5, 6))) == digest(*shuffled)


def test_everything_that_matters_changes_the_digest() -> None:
    """Ids, addresses, manifests, lineage, targets and retries each make another digest."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1), "task-1", "NOT_FOUND")
    state = memory.state()
    request = (FORGOTTEN, ids(1, 2))
    found = [
        digest(request, state=state),
        digest((FORGOTTEN, ids(1, 3)), state=state),
        digest((OTHERS, ids(1, 2)), state=state),
        digest(request, state=state, fingerprint="e" * 64),
        digest(request, state=replace(state, lineage="lineage-2")),
        digest(request, state=state, targets=(FORGOTTEN,)),
        digest(request, state=state, targets=("web-eu",)),
        digest(request, state=state, retry=(FORGOTTEN,)),
        digest(request, state=state, retry=(OTHERS,)),
    ]
    assert len(found) == len(set(found))


def test_reasons_change_the_digest() -> None:
    """The same ids in the same batches for another reason are another plan."""
    request, states = (FORGOTTEN, ids(1)), []
    for status in ("REVOKED", "FAILURE"):
        states.append(Memory().declared(FORGOTTEN, ids(1)).sent(FORGOTTEN, ids(1), "task-1", status).state())
    states.append(Memory().declared(FORGOTTEN, ids(1)).unsettled(FORGOTTEN, ids(1), "in_doubt").state())
    states.append(Memory().declared(FORGOTTEN, ids(1)).unsettled(FORGOTTEN, ids(1), "returned").state())
    found = [digest(request, state=state) for state in states]
    assert all(one != other for one, other in itertools.combinations(found, 2))


def test_the_order_of_options_doesnt_change_the_digest() -> None:
    """Targets and retries are sets of words."""
    request = (FORGOTTEN, ids(1))
    assert digest(request, targets=("web-eu", "web-us")) == digest(request, targets=("web-us", "web-eu"))


def test_polling_alone_doesnt_change_the_digest() -> None:
    """A look that changes nothing to do, the serial, and how the memory is stored leave the digest as it is."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1))
    state = memory.state()
    wishes = desired(wish(FORGOTTEN, ids(1, 2)))
    expected = decided(wishes, state).digest
    assert expected == decided(wishes, state, [Polled(PROJECTS["web-eu"][0], "task-1", "STAGING", NOW)]).digest
    assert expected == decided(wishes, published(state)).digest
    assert expected == decided(wishes, replace(state, serial=state.serial + 1)).digest


def test_the_digest_is_of_the_plan_and_its_inputs() -> None:
    """Equal inputs give equal digests and nothing has moved between them."""
    wishes = desired(wish(FORGOTTEN, ids(1)))
    assert decided(wishes).digest == decided(wishes).digest
    assert () == inputs_moved(decided(wishes), decided(wishes), created_by_plan=None)
