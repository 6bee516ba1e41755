"""The work of deciding grows with the number of requests, not with its square."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from dataclasses import replace
from typing import Any

import pytest

from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import status_report

from .building import TODAY, Memory, decided, desired, ids, wish


class Walked(dict[str, Any]):
    """A mapping that counts how often somebody goes through all of it."""

    walks = 0

    def items(self) -> ItemsView[str, Any]:
        self.walks += 1
        return super().items()

    def keys(self) -> KeysView[str]:
        self.walks += 1
        return super().keys()

    def values(self) -> ValuesView[Any]:
        self.walks += 1
        return super().values()

    def __iter__(self) -> Iterator[str]:
        self.walks += 1
        return super().__iter__()


class Runs(tuple[Any, ...]):
    """Runs that count how often somebody goes through all of them."""

    walks = 0

    def __iter__(self) -> Iterator[Any]:
        self.walks += 1
        return super().__iter__()


def memory_of(count: int) -> State:
    """So many requests of one project, each with a run that no segment holds yet; each two share a task."""
    memory = Memory()
    for number in range(count):
        address = f"web-eu.deletions.r{number:03}"
        memory.declared(address, ids(number)).sent(address, ids(number), f"task-{number // 2}")
    state = memory.state()
    return replace(state, records=Walked(state.records), runs=Runs(state.runs))


@pytest.mark.parametrize("declared", [True, False])
def test_a_plan_walks_the_memory_no_oftener_for_more_requests(declared: bool) -> None:
    """A plan for ten times as many requests goes through the memory as often as one for a few."""

    def walks(count: int) -> tuple[int, int]:
        state = memory_of(count)
        wishes = [wish(f"web-eu.deletions.r{number:03}", ids(number)) for number in range(count if declared else 0)]
        decided(desired(*wishes), state)
        return state.records.walks, state.runs.walks  # type: ignore[attr-defined]

    assert all(walks(3))
    assert walks(3) == walks(30)


def test_a_status_walks_the_memory_no_oftener_for_more_requests() -> None:
    """A status of ten times as many requests goes through the memory as often as one of a few."""

    def walks(count: int) -> tuple[int, int]:
        state = memory_of(count)
        status_report(None, state, TODAY, counts={})
        return state.records.walks, state.runs.walks  # type: ignore[attr-defined]

    assert all(walks(3))
    assert walks(3) == walks(30)
