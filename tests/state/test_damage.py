"""Damage: whatever byte of the memory is altered, it is noticed, named, and never taken for something else."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixpriv_reconcile.errors import StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.model.journal import Began
from mixpriv_reconcile.model.state import MOST_NEXT_BATCH
from mixpriv_reconcile.ports import Stored
from mixpriv_reconcile.state import Loaded, LocalBackend, Store, entries_of
from mixpriv_reconcile.state.journal import encoded, journal_of, recovery_of
from mixpriv_reconcile.state.lock import holder_of, take

from .memories import ADDRESS, STATE, began, declared, edited, intended, lived, opened, run, write_journal

SEGMENTS = "mixpriv.state.d"
VERSION_BYTES = range(8, 16)
"""Of a journal: its format version and flags, which no checksum covers, so that a later format can be named."""


def loaded(folder: Path) -> Loaded:
    _, store = opened(folder)
    return store.load()


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_flipped_bit_in_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flip: int) -> None:
    """Wherever a bit of the state file is flipped, the damage is told, with the backup as the way back."""
    lived(tmp_path, run())
    lived(tmp_path, (began("run-2", serial=1), declared(1)))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / STATE
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(flipped(whole, at, flip))
        with pytest.raises(StateError) as damage:
            loaded(tmp_path)
        # A later format version can't be told from a flipped one; nothing is read or written in either case.
        is_version = b"format_version" in whole[max(0, at - 20) : at]
        assert type(damage.value) is StateDamaged or (type(damage.value) is StateTooNew and is_version)
        assert f"cp {STATE}.backup {STATE}" in damage.value.hint or type(damage.value) is StateTooNew


def test_torn_document(tmp_path: Path) -> None:
    """A state file that ends early is damage at whatever length, zero included."""
    lived(tmp_path, run())
    path = tmp_path / STATE
    whole = path.read_bytes()
    for length in (*range(0, len(whole) - 1, 97), len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(StateDamaged) as damage:
            loaded(tmp_path)
        assert "restore" in damage.value.hint


@pytest.mark.parametrize("size", [1, 4096])
def test_zeroed_document(tmp_path: Path, size: int) -> None:
    """A state file of nothing but zero bytes, as a power cut may leave it, is damage."""
    (tmp_path / STATE).write_bytes(bytes(size))
    with pytest.raises(StateDamaged, match="torn or altered"):
        loaded(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("lineage"),
        lambda document: document.update(serial="1"),
        lambda document: document.update(tasks={}),
        lambda document: document["records"].update({"nonsense": {"kind": "residency"}}),
        lambda document: document["records"][ADDRESS].update(kind="later"),
        lambda document: document["records"][ADDRESS]["batches"][0].update(phase="unheard"),
        lambda document: document.update(last_journal="\ud800"),
        lambda document: document.update(features=["x" * 41]),
        lambda document: document.update(features=["holds\x1b[2J"]),
        lambda document: document.update(features=[["holds"]]),
        lambda document: document.update(features=[f"feature {number}" for number in range(21)]),
        lambda document: document.update(format_version=10**4000),
        lambda document: document.update(lineage=""),
        lambda document: document.update(lineage="L\x1b[2J"),
        lambda document: document.update(lineage="L" * 65),
        lambda document: document.update(serial=2**53 + 1),
        lambda document: document["records"][ADDRESS].update(next_batch=2**32),
        lambda document: document["records"][ADDRESS].update(next_batch=2**32 - 10**6),
    ],
    ids=[
        *("no-lineage", "serial", "tasks", "address", "kind", "phase", "surrogate"),
        *("long-feature", "steering-feature", "nested-feature", "many-features", "long-version"),
        *("empty-lineage", "steering-lineage", "long-lineage", "high-serial", "batch-beyond-segments", "batch-without-room"),
    ],
)
def test_document_that_no_version_wrote(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """A document whose checksum fits but whose content can't be is damage, not a crash."""
    lived(tmp_path, run())
    try:
        edited(tmp_path, change)
    except UnicodeEncodeError:
        edited(tmp_path, change, sealed=False)
    with pytest.raises(StateDamaged, match="altered"):
        loaded(tmp_path)


def test_the_last_numbers_can_be_read_and_nothing_is_written_beyond_them(tmp_path: Path) -> None:
    """At the last number that a request or a state can have nothing more is announced, and the memory stays readable."""
    lived(tmp_path, run())
    edited(tmp_path, lambda document: document["records"][ADDRESS].update(next_batch=MOST_NEXT_BATCH - 1))
    lived(tmp_path, (began("run-2", serial=1), intended(MOST_NEXT_BATCH - 1, 7)))
    assert loaded(tmp_path).state.requests[ADDRESS].next_batch == MOST_NEXT_BATCH
    backend, store = opened(tmp_path)
    with pytest.raises(StateDamaged, match="nothing more is sent"):
        write_journal(backend, (began("run-3", serial=2), intended(MOST_NEXT_BATCH, 8)))
    assert store.load().recovered == (began("run-3", serial=2),)


@pytest.mark.parametrize("first", [began(lineage=""), began(lineage="L\x1b[2J"), began(serial=2**53)], ids=["empty", "steering", "serial"])
def test_a_run_that_no_state_could_tell_of_does_not_begin(tmp_path: Path, first: Began) -> None:
    """A run whose state nobody could read afterwards writes nothing at all; such a journal is damage."""
    backend, _ = opened(tmp_path)
    with pytest.raises(StateDamaged):
        write_journal(backend, (first,))
    assert backend.read_journal() is None
    with pytest.raises(StateDamaged, match="record 0"):
        entries_of(memoryview(encoded(first, 0)))


def test_document_of_another_kind(tmp_path: Path) -> None:
    """A JSON file that is no state is damage, whatever else it is."""
    for document in ([], "text", None, 7, {}, {"format_version": "1"}, {"format_version": 1}):
        (tmp_path / STATE).write_text(json.dumps(document))
        with pytest.raises(StateDamaged, match="altered"):
            loaded(tmp_path)


def test_state_that_is_no_file(tmp_path: Path) -> None:
    """A folder in the state's place is an error that names it."""
    (tmp_path / STATE).mkdir()
    with pytest.raises(StateError, match="not a regular file"):
        loaded(tmp_path)


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_flipped_bit_in_a_segment(tmp_path: Path, flip: int) -> None:
    """Wherever a bit of a segment is flipped, the damage is told, and which segment it is."""
    lived(tmp_path, run())
    path = next((tmp_path / SEGMENTS).iterdir())
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(flipped(whole, at, flip))
        with pytest.raises(StateDamaged, match=path.stem[:12]) as damage:
            loaded(tmp_path)
        assert "restore it from a backup" in damage.value.hint
        assert f"mixpriv state rm {ADDRESS}" in damage.value.hint


def test_torn_segment(tmp_path: Path) -> None:
    """A segment that ends early, or isn't there, is damage at whatever length."""
    lived(tmp_path, run())
    path = next((tmp_path / SEGMENTS).iterdir())
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StateDamaged, match=path.stem[:12]):
            loaded(tmp_path)
    path.unlink()
    with pytest.raises(StateDamaged, match=path.stem):
        loaded(tmp_path)


@pytest.mark.parametrize("damage", ["emptied", "torn", "altered", "a FIFO", "a link"])
def test_a_run_heals_the_segment_it_stores(tmp_path: Path, damage: str) -> None:
    """Whatever lies where a run's segment belongs, the run stores it whole before it publishes, and all can be read afterwards."""
    (tmp_path / "elsewhere").mkdir()
    state = lived(tmp_path / "elsewhere", run()).state
    whole = next((tmp_path / "elsewhere" / SEGMENTS).iterdir())
    path = tmp_path / "here" / SEGMENTS / whole.name
    path.parent.mkdir(parents=True)
    match damage:
        case "a FIFO":
            os.mkfifo(path)
        case "a link":
            path.symlink_to(tmp_path / "nowhere")
        case _:
            content = whole.read_bytes()
            path.write_bytes({"emptied": b"", "torn": content[:-1], "altered": flipped(content, 40, 1)}[damage])
    lived(tmp_path / "here", run())
    assert (state, whole.read_bytes()) == (loaded(tmp_path / "here").state, path.read_bytes())


def test_a_folder_where_a_segment_belongs(tmp_path: Path) -> None:
    """Where a run's segment can't be stored nothing is published, and its journal stays; out of the way, the next run goes on from it."""
    (tmp_path / "elsewhere").mkdir()
    lived(tmp_path / "elsewhere", run())
    path = tmp_path / "here" / SEGMENTS / next((tmp_path / "elsewhere" / SEGMENTS).iterdir()).name
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="Is a directory") as trouble:
        lived(tmp_path / "here", run())
    assert "move away the folder" in trouble.value.hint
    path.rmdir()
    _, store = opened(tmp_path / "here")
    assert run() == store.load().recovered


def test_a_fifo_in_the_place_of_a_segment(tmp_path: Path) -> None:
    """A FIFO where a segment should be is damage; nobody waits for somebody to write to it."""
    lived(tmp_path, run())
    path = next((tmp_path / SEGMENTS).iterdir())
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(StateDamaged, match="not a regular file"):
        loaded(tmp_path)


def test_a_fifo_in_the_place_of_the_lock(tmp_path: Path) -> None:
    """A FIFO where the lock should be is an error that names it, whether somebody holds it or not."""
    path = tmp_path / "mixpriv.state.lock"
    os.mkfifo(path)
    with pytest.raises(StateError, match=r"mixpriv\.state\.lock: it is not a regular file but a FIFO or a device"):
        take(path, {"lock_id": "x"}, timeout_seconds=0)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert "unknown" == getattr(holder_of(path), "who", None)
    os.close(descriptor)


def test_segment_of_another_length(tmp_path: Path) -> None:
    """A state and a segment that disagree on the number of ids are damage."""
    lived(tmp_path, run())
    edited(tmp_path, lambda document: document["records"][ADDRESS]["segments"][0].update(count=8))
    with pytest.raises(StateDamaged, match="has 7 ids where the state says 8") as damage:
        loaded(tmp_path)
    assert "same backup" in damage.value.hint


def test_damaged_segments_do_not_keep_from_looking(tmp_path: Path) -> None:
    """What needs no ids can still be looked at when the segments are gone."""
    lived(tmp_path, run())
    next((tmp_path / SEGMENTS).iterdir()).unlink()
    _, store = opened(tmp_path)
    assert list(store.load(with_ids=False).state.requests) == [ADDRESS]


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_flipped_bit_in_the_journal(flip: int) -> None:
    """Wherever a bit of a journal is flipped, the damage is told, with what it means for the tasks in it."""
    whole = b"".join(encoded(entry, ordinal) for ordinal, entry in enumerate(run()[:4]))
    for at in range(len(whole)):
        with pytest.raises(StateError) as damage:
            entries_of(memoryview(flipped(whole, at, flip)))
        if at not in VERSION_BYTES:
            assert type(damage.value) is StateDamaged
            assert "the journal is damaged" in damage.value.message
            assert "restore it from a backup, or move it away" in damage.value.hint


def test_journal_with_a_hole() -> None:
    """A record that is missing from the middle of a journal is damage, not a shorter run."""
    records = [encoded(entry, ordinal) for ordinal, entry in enumerate(run())]
    for gap in range(1, len(records) - 1):
        with pytest.raises(StateDamaged, match=f"record {gap} is altered"):
            entries_of(memoryview(b"".join(records[:gap] + records[gap + 1 :])))


def test_journal_without_its_beginning() -> None:
    """A journal whose first entry doesn't say which state it continues is damage."""
    with pytest.raises(StateDamaged, match="record 0 stands where it doesn't belong"):
        entries_of(memoryview(encoded(intended(1, 1), 0)))
    with pytest.raises(StateDamaged, match="record 1 stands where it doesn't belong"):
        entries_of(memoryview(encoded(began(), 0) + encoded(began(), 1)))


@pytest.mark.parametrize(
    ("place", "is_shared", "named"),
    [
        ("mixpriv.state.json", False, "only in mixpriv.state.d/journal: restore"),
        ("memory/privacy.json", False, "only in memory/privacy.d/journal: restore"),
        ("s3://acme-privacy/mixpriv/web", True, "only in the journal of s3://acme-privacy/mixpriv/web: restore"),
    ],
)
def test_the_hint_names_the_journal_that_is_meant(place: str, is_shared: bool, named: str) -> None:
    """Whoever reads of a damaged journal is told where it lies: beside this state's file, or where the shared state is kept."""
    assert named in recovery_of(journal_of(place, is_shared=is_shared))


def test_a_damaged_journal_of_another_state(tmp_path: Path) -> None:
    """A state that has another name than the usual one has its journal's name in the hint."""
    backend = LocalBackend(tmp_path / "privacy.json")
    write_journal(backend, run()[:2])
    path = tmp_path / "privacy.d" / "journal"
    path.write_bytes(flipped(path.read_bytes(), 30, 0x80))
    with pytest.raises(StateDamaged) as damage:
        Store(backend).load()
    assert "only in privacy.d/journal: restore it" in damage.value.hint


def flipped(whole: bytes, at: int, flip: int) -> bytes:
    """*whole* with bits of the byte at *at* turned."""
    return whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :]


class EverOther(LocalBackend):
    """A place whose document is damaged, and differs each time that it is read."""

    looks = 0

    def read(self) -> Stored:
        self.looks += 1
        return Stored(b"%d {" % self.looks, str(self.looks))


def test_ever_other_damage(tmp_path: Path) -> None:
    """A state that is damaged otherwise at each look is told as damage, and not read for ever."""
    backend = EverOther(tmp_path / STATE)
    with pytest.raises(StateDamaged) as damage:
        Store(backend).load()
    assert damage.value.code == "MP0510"
    assert backend.looks < 20
