"""The journal: wherever it is cut, what was durable before is all there."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import (
    Acknowledged,
    CancelAccepted,
    Entry,
    Forgot,
    Intended,
    LearnedCap,
    Polled,
    Put,
    Unsettled,
)
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.state import ResidencyRecord
from mixpriv_reconcile.state import entries_of
from mixpriv_reconcile.state.journal import encoded
from mixpriv_reconcile.state.store import NO_STATE

from .memories import ADDRESS, NOW, acknowledged, began, declared, digests, intended, run

OTHER = "web-eu.deletions.2026-12"
EVERY_ENTRY: tuple[Entry, ...] = (
    *run(),
    Put("web-eu.residency", ResidencyRecord("residency", "web-eu", 1978118, Region.EU, NOW)),
    CancelAccepted(1978118, f"task-{ADDRESS}-1", NOW),
    LearnedCap("web-eu", 1999),
    Forgot(OTHER),
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[Entry, ...]:
    """What a run may write: two requests, batches sent and ended in every way, polls in between."""
    entries: list[Entry] = [began(), declared(1, 2, 3), declared(4, 5, address=OTHER)]
    next_batch = {ADDRESS: 1, OTHER: 1}
    sent: list[Acknowledged] = []
    for _ in range(draw(st.integers(0, 8))):
        address = draw(st.sampled_from((ADDRESS, OTHER)))
        number, ids = next_batch[address], draw(st.sets(st.integers(1, 99), min_size=1, max_size=4))
        next_batch[address] += 1
        entries.append(intended(number, *ids, address=address))
        for _ in range(draw(st.integers(0, 2))):  # answered with 429, and sent again
            entries.append(Unsettled(address, number, "returned", "HTTP 429", NOW))
            entries.append(again(intended(number, *ids, address=address)))
        match draw(st.sampled_from(("acknowledged", "in_doubt", "refused", "unknown"))):
            case "acknowledged":
                sent.append(acknowledged(number, len(ids), address=address))
                entries.append(sent[-1])
            case "unknown":
                pass
            case phase:
                entries.append(Unsettled(address, number, phase, "HTTP 502", NOW))
        if sent and draw(st.booleans()):
            task = draw(st.sampled_from(sent)).task
            entries.append(Polled(task.project_id, task.tracking_id, "STARTED", NOW + timedelta(hours=1)))
    return tuple(entries)


def again(first: Intended) -> Intended:
    """The intent of sending a batch once more: its digests are in the journal already."""
    return Intended(first.address, first.batch, first.attempt, first.count, first.sha256, first.at, memoryview(b""))


def written(entries: Sequence[Entry]) -> tuple[bytes, list[int]]:
    """A journal's bytes, and where each record ends."""
    whole, ends = b"", []
    for ordinal, entry in enumerate(entries):
        whole += encoded(entry, ordinal)
        ends.append(len(whole))
    return whole, ends


def test_every_entry_comes_back() -> None:
    """Each kind of entry is read as it was written, digests included."""
    whole, _ = written(EVERY_ENTRY)
    found = entries_of(memoryview(whole))
    assert found == EVERY_ENTRY
    assert [bytes(entry.digests) for entry in found if isinstance(entry, Intended)] == [
        bytes(digests(*numbers)) for numbers in ((1, 2, 3), (4, 5), (6,), (7,))
    ]


def test_cut_after_every_byte() -> None:
    """Wherever a crash cuts the journal, exactly the entries whose records are whole are there."""
    whole, ends = written(EVERY_ENTRY)
    for length in range(len(whole) + 1):
        assert entries_of(memoryview(whole[:length])) == EVERY_ENTRY[: sum(end <= length for end in ends)]


@settings(deadline=None)
@given(runs(), st.data())
def test_crash_anywhere(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    """Wherever a run dies, no task that Mixpanel acknowledged is forgotten, and every batch without an answer is in doubt."""
    whole, ends = written(entries)
    length = data.draw(st.integers(0, len(whole)) | st.sampled_from(ends))
    found = entries_of(memoryview(whole[:length]))
    assert found == entries[: sum(end <= length for end in ends)]
    state = fold(NO_STATE, found)
    receipts = {(entry.address, entry.batch): entry.task for entry in found if isinstance(entry, Acknowledged)}
    assert state.tasks.keys() == {task.key for task in receipts.values()}
    for address, record in state.requests.items():
        for batch in record.batches:
            last = next(entry for entry in reversed(found) if getattr(entry, "batch", None) == batch.number and entry.address == address)  # type: ignore[union-attr]
            match last:
                case Intended():
                    assert batch.phase.value == "in_doubt"
                case Acknowledged():
                    assert (batch.phase.value, batch.tracking_id) == ("sent", last.task.tracking_id)
                case Unsettled():
                    assert batch.phase.value == last.phase


@settings(deadline=None)
@given(runs(), st.data())
def test_torn_into_zeros(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    """A last record of which only the length reached the disk was never acted on, and is left out."""
    whole, ends = written(entries)
    kept = data.draw(st.integers(0, len(entries)))
    start = [0, *ends][kept]
    zeros = data.draw(st.integers(0, 200))
    assert entries_of(memoryview(whole[:start] + bytes(zeros))) == entries[:kept]


@settings(deadline=None)
@given(runs(), st.data())
def test_torn_at_a_sector(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    """A last record of which some sectors reached the disk, and of the rest only the length, was never acted on, and is left out."""
    whole, ends = written(entries)
    last = data.draw(st.integers(0, len(entries) - 1))
    start, end = [0, *ends][last], ends[last]
    kept = data.draw(st.sampled_from([start, *range(start // 512 * 512 + 512, end, 512)]))
    assert entries_of(memoryview(whole[:kept] + bytes(end - kept))) == entries[:last]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: encoded(began(), 0) + rest))
def test_rubbish(content: bytes) -> None:
    """Whatever bytes stand where a journal should be, they are read as a journal's beginning or named as damage."""
    with contextlib.suppress(StateError):
        assert entries_of(memoryview(content)) in ((), (began(),))
