"""The store: what was published is what is loaded, and what a dead run left behind is counted in."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import LockLost, StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Began, CancelAccepted, Forgot, Polled
from mixpriv_reconcile.model.state import BatchPhase
from mixpriv_reconcile.state import JournalWriter, LocalBackend, Store
from mixpriv_reconcile.state.journal import encoded
from mixpriv_reconcile.state.store import NO_STATE

from .memories import (
    ADDRESS,
    NOW,
    STATE,
    acknowledged,
    began,
    contents,
    declared,
    digests,
    edited,
    intended,
    lived,
    opened,
    run,
    write_journal,
)


def batch_of(loaded_segments: dict[str, tuple[memoryview, memoryview]]) -> dict[bytes, int]:
    """Which batch each digest is in; of several segments the last one counts."""
    found: dict[bytes, int] = {}
    for ids, batches in loaded_segments.values():
        for at in range(len(ids) // 16):
            found[bytes(ids[at * 16 : at * 16 + 16])] = int.from_bytes(batches[at * 4 : at * 4 + 4], "little")
    return found


def test_nothing_remembered(tmp_path: Path) -> None:
    """A workspace that never applied has no state, and loading makes none."""
    _, store = opened(tmp_path)
    loaded = store.load()
    assert (loaded.exists, loaded.version, loaded.recovered) == (False, None, ())
    assert contents(tmp_path) == {}


def test_comes_back_as_published(tmp_path: Path) -> None:
    """All that a run did is remembered by the next one: requests, batches, tasks, projects, policy."""
    published = lived(tmp_path, run())
    _, store = opened(tmp_path)
    again = store.load()
    assert again == published
    assert again.state.serial == 1
    assert [batch.phase for batch in again.state.requests[ADDRESS].batches] == [
        BatchPhase.SENT,
        BatchPhase.REFUSED,
        BatchPhase.SENT,
        BatchPhase.IN_DOUBT,
    ]
    statuses = {tracking_id: seen.status for (_, tracking_id), seen in again.state.tasks.items()}
    assert statuses == {f"task-{ADDRESS}-1": "STAGING", f"task-{ADDRESS}-3": "PENDING"}


def test_every_id_knows_its_batch(tmp_path: Path) -> None:
    """After a publication each id is in one segment, with the number of the batch it went in."""
    state = lived(tmp_path, run()).state
    expected = {bytes(digests(number)): batch for number, batch in {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 4}.items()}
    assert batch_of(dict(state.open_segments)) == expected
    assert [segment.count for segment in state.requests[ADDRESS].segments] == [7]
    assert state.runs == ()


def test_no_id_and_no_digest_in_the_document(tmp_path: Path) -> None:
    """The state's JSON stays small: digests lie in segments beside it."""
    lived(tmp_path, run())
    document = (tmp_path / STATE).read_bytes()
    assert not any(bytes(digests(number)).hex().encode() in document for number in range(1, 8))


def test_unpublished_journal_is_counted_in(tmp_path: Path) -> None:
    """What a run did that died before it could publish is part of what is loaded, ids included."""
    backend, store = opened(tmp_path)
    write_journal(backend, run())
    loaded = store.load()
    assert (loaded.version, loaded.recovered) == (None, run())
    assert loaded.state == fold(NO_STATE, run())
    assert [(piece.batch, bytes(piece.digests)) for piece in loaded.state.runs] == [
        (batch, bytes(digests(*numbers))) for batch, numbers in ((1, (1, 2, 3)), (2, (4, 5)), (3, (6,)), (4, (7,)))
    ]


def test_recovered_run_is_published(tmp_path: Path) -> None:
    """Publishing what was recovered gives the very state that the dead run would have published."""
    (tmp_path / "died").mkdir()
    backend, store = opened(tmp_path / "died")
    write_journal(backend, run())
    recovered = store.load()
    store.publish(recovered.state, expected=recovered.version, now=NOW)
    (tmp_path / "lived").mkdir()
    assert lived(tmp_path / "lived", run()) == store.load()
    assert contents(tmp_path / "died") == contents(tmp_path / "lived")


def test_published_journal_is_passed_over(tmp_path: Path) -> None:
    """A run that died between publishing and removing its journal isn't counted twice."""
    published = lived(tmp_path, run())
    backend, store = opened(tmp_path)
    write_journal(backend, run())
    loaded = store.load()
    assert loaded == published
    store.drop_spent_journal()
    assert backend.read_journal() is None


def test_polling_does_not_raise_the_serial(tmp_path: Path) -> None:
    """A refresh leaves the serial as it is, so that a saved plan still fits."""
    lived(tmp_path, run())
    seen = Polled(1978118, f"task-{ADDRESS}-1", "STARTED", NOW + timedelta(days=1))
    state = lived(tmp_path, (began("run-2", serial=1), seen)).state
    assert (state.serial, state.last_journal) == (1, "run-2")
    assert state.tasks[1978118, f"task-{ADDRESS}-1"].status == "STARTED"


@pytest.mark.parametrize(
    "first",
    [began("run-2", serial=0), began("run-2", serial=2), began("run-2", lineage="another", serial=1)],
    ids=["older", "newer", "foreign"],
)
def test_journal_of_another_state(tmp_path: Path, first: Began) -> None:
    """A journal that continues another state than the one that is there is refused, never mixed in."""
    lived(tmp_path, run())
    backend, store = opened(tmp_path)
    write_journal(backend, (first,))
    with pytest.raises(StateDamaged, match="one of them was replaced") as refused:
        store.load()
    assert "put back" in refused.value.hint


def test_journal_without_its_state(tmp_path: Path) -> None:
    """A journal whose state file was deleted is no fresh start."""
    backend, store = opened(tmp_path)
    write_journal(backend, (began("run-9", serial=8),))
    with pytest.raises(StateDamaged, match="serial 8"):
        store.load()


def test_journal_that_makes_no_sense(tmp_path: Path) -> None:
    """A journal whose entries don't continue what the state knows is damage, not a crash."""
    lived(tmp_path, run())
    backend, store = opened(tmp_path)
    write_journal(backend, (began("run-2", serial=1), acknowledged(99, 1)))
    with pytest.raises(StateDamaged, match="doesn't continue this state"):
        store.load()


def test_segments_stay_few(tmp_path: Path) -> None:
    """A request that grows with every apply has at most eight segments, and no id loses its batch on the way."""
    lived(tmp_path, (began("run-0"), declared(1)))
    expected = {}
    for number in range(1, 13):
        first = began(f"run-{number}", serial=number)
        state = lived(tmp_path, (first, intended(number, number, 1000 + number), acknowledged(number, 2))).state
        expected |= {bytes(digests(number)): number, bytes(digests(1000 + number)): number}
        assert len(state.requests[ADDRESS].segments) == (number if number <= 8 else number - 8)
        assert batch_of(dict(state.open_segments)) == expected


def test_id_sent_again_counts_for_its_last_batch(tmp_path: Path) -> None:
    """An id that went out a second time belongs to the batch it was in last."""
    lived(tmp_path, (began(), declared(1, 2), intended(1, 1, 2), intended(2, 2)))
    _, store = opened(tmp_path)
    assert batch_of(dict(store.load().state.open_segments)) == {bytes(digests(1)): 1, bytes(digests(2)): 2}


def test_unnamed_segments_go(tmp_path: Path) -> None:
    """Segments that neither the state nor its backup names are removed; those of the backup stay."""
    lived(tmp_path, run())
    first = {path.name for path in (tmp_path / "mixpriv.state.d").iterdir()}
    lived(tmp_path, (began("run-2", serial=1), Forgot(ADDRESS), declared(9), intended(1, 9)))
    both = {path.name for path in (tmp_path / "mixpriv.state.d").iterdir()}
    assert (len(first), len(both), first < both) == (1, 2, True)
    lived(tmp_path, (began("run-3", serial=2), CancelAccepted(1978118, "unknown", NOW)))
    assert {path.name for path in (tmp_path / "mixpriv.state.d").iterdir()} == both - first


def test_leftovers_of_a_crash_go(tmp_path: Path) -> None:
    """Temporary files that a crash left behind are gone after the next publication; nothing else in the workspace is touched."""
    lived(tmp_path, run())
    for name in (f".{STATE}.00ff.tmp", f".{STATE}.backup.00ff.tmp", "mixpriv.state.d/.abc.seg.00ff.tmp"):
        (tmp_path / name).touch()
    (tmp_path / ".other.json.tmp").touch()
    lived(tmp_path, (began("run-2", serial=1),))
    assert [name for name in contents(tmp_path) if name.endswith(".tmp")] == [".other.json.tmp"]


def test_backup_is_a_whole_state(tmp_path: Path) -> None:
    """Copying the backup over the state, as the hint says, gives the state before, ids included."""
    before = lived(tmp_path, run())
    lived(tmp_path, (began("run-2", serial=1), declared(1, 2), intended(5, 8)))
    (tmp_path / STATE).write_bytes((tmp_path / f"{STATE}.backup").read_bytes())
    _, store = opened(tmp_path)
    assert store.load() == before


def test_damaged_backup_does_not_stop_a_run(tmp_path: Path) -> None:
    """A backup that can't be read keeps nobody from publishing."""
    lived(tmp_path, run())
    for number, rubbish in enumerate((b"", b"[]", b"{", b'{"records": {}, "tasks": []}', b"\xff"), 1):
        (tmp_path / f"{STATE}.backup").write_bytes(rubbish)
        backend, store = opened(tmp_path)
        loaded = store.load()
        backend.keep_segments(frozenset(path.stem for path in (tmp_path / "mixpriv.state.d").iterdir()))
        store.publish(loaded.state, expected=loaded.version, now=NOW + timedelta(days=number))
        assert loaded.state == store.load().state


def test_private_to_its_owner(tmp_path: Path) -> None:
    """State, backup, segments, journal and lock can be read by their owner only, whatever the umask."""
    backend, _ = opened(tmp_path)
    lock = backend.lock({"lock_id": "1", "who": "", "host": "", "pid": "1", "since": "", "command": ""}, timeout_seconds=0)
    lived(tmp_path, run())
    lived(tmp_path, (began("run-2", serial=1),))
    write_journal(backend, (began("run-3", serial=1),))
    lock.release()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {name for name, mode in modes.items() if mode == 0o700} == {"mixpriv.state.d"}
    assert {modes[name] for name in modes.keys() - {"mixpriv.state.d"}} == {0o600}
    assert {STATE, f"{STATE}.backup", "mixpriv.state.lock", "journal"} < modes.keys()


def test_wider_modes_are_tightened(tmp_path: Path) -> None:
    """A state that others could read is narrowed to its owner, and told which files that were."""
    lived(tmp_path, run())
    (tmp_path / STATE).chmod(0o644)
    (tmp_path / "mixpriv.state.d").chmod(0o755)
    backend, _ = opened(tmp_path)
    assert backend.tightened == (STATE, "mixpriv.state.d")
    assert backend.tightened == ()
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in (STATE, "mixpriv.state.d")] == [0o600, 0o700]


def test_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    """A state of a later format is named as such, left as it is, and not called damaged."""
    lived(tmp_path, run())
    edited(tmp_path, lambda document: document.update(format_version=2, serial="a form that isn't known yet"))
    before = contents(tmp_path)
    _, store = opened(tmp_path)
    with pytest.raises(StateTooNew, match="format version 2; this version of mixpriv reads 1"):
        store.load()
    assert contents(tmp_path) == before


def test_unknown_feature_is_refused_by_name(tmp_path: Path) -> None:
    """A state that uses what this version doesn't know is refused, with the feature's name."""
    lived(tmp_path, run())
    edited(tmp_path, lambda document: document.update(features=["holds"]))
    _, store = opened(tmp_path)
    with pytest.raises(StateTooNew, match="holds"):
        store.load()


def test_newer_journal_is_refused_by_name(tmp_path: Path) -> None:
    """A journal that a later version left behind is not read as damage, and stays."""
    backend, store = opened(tmp_path)
    write_journal(backend, run())
    journal = tmp_path / "mixpriv.state.d" / "journal"
    journal.write_bytes(journal.read_bytes()[:8] + (2).to_bytes(4, "little") + journal.read_bytes()[12:])
    with pytest.raises(StateTooNew, match="journal has format version 2"):
        store.load()
    assert journal.exists()


def test_changed_by_somebody_else(tmp_path: Path) -> None:
    """A run whose state was changed under its hands publishes nothing, and keeps its journal for the next one."""
    lived(tmp_path, run())
    backend, store = opened(tmp_path)
    loaded = store.load()
    entries = (began("run-2", serial=1), declared(1), intended(5, 8), acknowledged(5, 1))
    write_journal(backend, entries)
    edited(tmp_path, lambda document: document.update(tool_version="another"))
    before = (tmp_path / STATE).read_bytes()
    with pytest.raises(StateError, match="changed by somebody else"):
        store.publish(fold(loaded.state, entries), expected=loaded.version, now=NOW)
    assert (tmp_path / STATE).read_bytes() == before
    assert store.load().recovered == entries


def test_lost_lock_writes_nothing(tmp_path: Path) -> None:
    """A run whose lock was taken away appends nothing to the journal."""
    backend, _ = opened(tmp_path)
    lock = backend.lock({"lock_id": "1", "who": "", "host": "", "pid": "1", "since": "", "command": ""}, timeout_seconds=0)
    journal = JournalWriter(backend)
    journal.append(began())
    before = contents(tmp_path / "mixpriv.state.d")
    backend.unlock("1")
    with pytest.raises(LockLost):
        journal.append(declared(1))
    lock.release()
    assert contents(tmp_path / "mixpriv.state.d") == before


@pytest.mark.parametrize("how", ["removed", "replaced", "folder gone"])
def test_journal_that_vanishes(tmp_path: Path, how: str) -> None:
    """An entry that was written to a journal which is no longer there isn't durable: the run is told, and goes no further."""
    backend, _ = opened(tmp_path)
    write_journal(backend, [began()])
    folder = tmp_path / "mixpriv.state.d"
    match how:
        case "removed":
            (folder / "journal").unlink()
        case "replaced":
            (folder / "journal").unlink()
            (folder / "journal").write_bytes(b"")
        case _:
            shutil.rmtree(folder)
    with pytest.raises(StateError, match="removed or moved while this run wrote it"):
        backend.append_journal(encoded(declared(1), 1))


def test_journal_that_another_run_carried_on(tmp_path: Path) -> None:
    """A run whose lock and journal another one took over is told that its lock is gone, and not that its journal is."""
    backend, _ = opened(tmp_path)
    backend.lock({"lock_id": "1", "who": "", "host": "", "pid": "1", "since": "", "command": ""}, timeout_seconds=0)
    JournalWriter(backend).append(began())
    backend.unlock("1")
    following, _ = opened(tmp_path)
    following.lock({"lock_id": "2", "who": "", "host": "", "pid": "2", "since": "", "command": ""}, timeout_seconds=0)
    following.remove_journal()
    with pytest.raises(LockLost):
        backend.check_journal()


@pytest.mark.parametrize("content", [b"[[package]]\n", b"{}", b'{"lock_id": "1"}'])
def test_somebody_elses_file_is_no_lock(tmp_path: Path, content: bytes) -> None:
    """A file that happens to have the lock's name is never overwritten."""
    backend, _ = opened(tmp_path)
    (tmp_path / "mixpriv.state.lock").write_bytes(content)
    with pytest.raises(StateError, match="no lock of mixpriv"):
        backend.lock({"lock_id": "1", "command": ""}, timeout_seconds=0)
    assert (tmp_path / "mixpriv.state.lock").read_bytes() == content


@pytest.mark.parametrize("content", [b"", bytes(80), b'{"comm', b'{"command": "mixpriv apply", "ho', b'{"command": "x"}' + bytes(9)])
def test_what_a_killed_holder_left_is_taken_over(tmp_path: Path, content: bytes) -> None:
    """A lock that was cut short when its holder died doesn't keep anybody out."""
    backend, _ = opened(tmp_path)
    (tmp_path / "mixpriv.state.lock").write_bytes(content)
    backend.lock({"lock_id": "1", "command": ""}, timeout_seconds=0).release()


class PublishedMeanwhile(LocalBackend):
    """A place where another run publishes twice, while we are reading."""

    def read_segment(self, sha256: str) -> memoryview:
        if (folder := self.path.parent / "meanwhile").exists():
            folder.rmdir()
            lived(self.path.parent, (began("run-2", serial=1), Forgot(ADDRESS), declared(9), intended(1, 9)))
            lived(self.path.parent, (began("run-3", serial=2), declared(9)))
        return super().read_segment(sha256)


def test_reader_is_not_troubled_by_a_writer(tmp_path: Path) -> None:
    """A plan made while an apply publishes sees the state after it, not damage."""
    lived(tmp_path, run())
    (tmp_path / "meanwhile").mkdir()
    loaded = Store(PublishedMeanwhile(tmp_path / STATE)).load()
    assert (loaded.state.serial, loaded.state.last_journal) == (3, "run-3")


class PublishedBetween(LocalBackend):
    """A place where a run publishes its journal, and another one follows, between our looks at the journal and at the document."""

    def read_journal(self) -> memoryview | None:
        journal = super().read_journal()
        if (folder := self.path.parent / "meanwhile").exists():
            folder.rmdir()
            _, store = opened(self.path.parent)
            left = store.load()
            store.publish(left.state, expected=left.version, now=NOW)
            lived(self.path.parent, (began("run-3", serial=2), declared(9)))
        return journal


def test_reader_of_a_journal_is_not_troubled_by_writers(tmp_path: Path) -> None:
    """Whoever looks while one run publishes and the next one does, too, sees the state after both: nothing there was ever replaced."""
    lived(tmp_path, run())
    write_journal(opened(tmp_path)[0], (began("run-2", serial=1), declared(1)))
    (tmp_path / "meanwhile").mkdir()
    loaded = Store(PublishedBetween(tmp_path / STATE)).load()
    assert (3, "run-3", ()) == (loaded.state.serial, loaded.state.last_journal, loaded.recovered)
