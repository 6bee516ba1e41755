"""What a backend over an object store promises about holders who were put out, and about objects that are missing or altered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixpriv_reconcile.errors import LockLost, StateDamaged, StateError
from mixpriv_reconcile.state.object_lock import LOCK

from .altered_segments import name_of
from .engines import Engine, Place
from .object_cuts import THEIRS, appended, long_dead, version
from .state_backend import FACTS

Act = Callable[[Any], object]


def unseeing(backend: Any) -> Any:
    """*backend*, which believes that it holds its lock, whatever anybody tells it: as a process does that was stopped after it looked."""
    backend._verify = backend._segments._verify = lambda: None
    return backend


def taken_over(place: Place) -> tuple[Any, Any]:
    """A holder who was stopped with a document and a journal of his, and the one who took the lock over from him."""
    stale = place.opened()
    long_dead(stale)
    successor = place.opened()
    assert successor.lock(FACTS, timeout_seconds=0).taken_over_from.lock_id == "theirs"
    return unseeing(stale), successor


def unlocked(place: Place) -> tuple[Any, Any]:
    """The same, where a person took the lock away, and another holder has it now."""
    stale = place.opened()
    stale.lock(THEIRS, timeout_seconds=0)
    stale.replace(b"theirs\n", expected=None)
    stale.append_journal(b"theirs")
    place.opened().unlock("theirs")
    successor = place.opened()
    successor.lock(FACTS, timeout_seconds=0)
    return unseeing(stale), successor


def only_unlocked(place: Place) -> tuple[Any, Any]:
    """The same, where nobody has taken the lock since."""
    stale, _ = unlocked(place)
    return stale, place.opened()


STALE_WRITES: dict[str, Act] = {
    "add to the journal": appended(b"more"),
    "publish over what was read": lambda backend: backend.replace(b"late\n", expected=version(b"theirs\n")),
    "publish over what is read now": lambda backend: (backend.read(), backend.replace(b"late\n", expected=version(b"theirs\n"))),
    "begin another journal": lambda backend: (backend.remove_journal(), backend.append_journal(b"late")),
}


class FencingContract:
    """Its part of the suite, for a class with a fixture `engine`."""

    @pytest.fixture
    def place(self, engine: Engine, tmp_path: Path) -> Place:
        return engine.place(tmp_path, 180.0)

    @pytest.mark.parametrize("put_out", [taken_over, unlocked, only_unlocked])
    @pytest.mark.parametrize("write", STALE_WRITES.values(), ids=STALE_WRITES.keys())
    def test_storage_refuses_who_was_put_out(self, place: Place, write: Act, put_out: Callable[[Place], tuple[Any, Any]]) -> None:
        """Who lost the lock changes nothing, even where he never looks: the storage itself refuses him."""
        stale, successor = put_out(place)
        with pytest.raises(LockLost):
            write(stale)
        assert successor.read().content == b"theirs\n"
        if write is not STALE_WRITES["begin another journal"]:
            assert bytes(successor.read_journal()) == b"theirs"

    @pytest.mark.parametrize("is_stopped_within", [False, True])
    def test_backup_is_fenced(self, place: Place, is_stopped_within: bool) -> None:
        """Who was put out, and was about to publish, doesn't overwrite the backup that the next holder made: neither later nor at that moment."""
        stale: Any = place.opened()
        long_dead(stale)
        stale.replace(b"theirs, the second\n", expected=version(b"theirs\n"))

        def others_publish() -> None:
            successor: Any = place.opened()
            successor.lock(FACTS, timeout_seconds=0)
            successor.replace(b"one\n", expected=version(b"theirs, the second\n"))
            successor.replace(b"two\n", expected=version(b"one\n"))

        if is_stopped_within:
            looked_at = unseeing(stale)._objects.version
            stale._objects.version = lambda name: (looked_at(name), others_publish() if name == "state.json" else None)[0]
        else:
            others_publish()
        with pytest.raises(LockLost):
            unseeing(stale).replace(b"late\n", expected=version(b"theirs, the second\n"))
        assert place.opened().backup_content() == b"one\n"
        assert place.opened().read().content == b"two\n"  # type: ignore[union-attr]

    def test_first_document_is_fenced(self, place: Place) -> None:
        """Where nothing was published yet, who was put out doesn't publish the first state either; the next holder does."""
        stale = place.opened()
        stale.lock(THEIRS, timeout_seconds=0)
        place.opened().unlock("theirs")
        successor = place.opened()
        successor.lock(FACTS, timeout_seconds=0)
        assert successor.read() is None
        successor.check_not_lost()
        with pytest.raises(LockLost):
            unseeing(stale).replace(b"late\n", expected=None)
        successor.replace(b"ours\n", expected=None)
        assert place.opened().read().content == b"ours\n"

    def test_journal_goes_on_elsewhere(self, place: Place) -> None:
        """The journal that a dead holder left is read and removed by the next one, who then begins his own; he that was dead leaves it alone."""
        stale, successor = taken_over(place)
        assert bytes(successor.read_journal()) == b"theirs"
        successor.replace(b"ours\n", expected=version(b"theirs\n"))
        successor.remove_journal()
        assert place.opened().read_journal() is None
        successor.append_journal(b"one")
        successor.append_journal(b"two")
        stale.remove_journal()
        assert bytes(place.opened().read_journal()) == b"onetwo"
        with pytest.raises(LockLost):
            stale.append_journal(b"late")

    def test_another_journal_is_not_written_over(self, place: Place) -> None:
        """A journal that wasn't carried on yet is never mixed with a new one."""
        _, successor = taken_over(place)
        with pytest.raises(StateError, match="another journal") as failure:
            successor.append_journal(b"ours")
        assert failure.value.code == "MP0514"
        assert bytes(place.opened().read_journal()) == b"theirs"

    def test_several_takeovers(self, place: Place) -> None:
        """However often the lock changes hands by force, only the last holder writes."""
        holders = []
        for number in range(4):
            backend: Any = place.opened()
            backend.lock(FACTS | {"lock_id": f"holder{number}"}, timeout_seconds=0)
            holders.append(unseeing(backend))
            if number < 3:
                place.opened().unlock(f"holder{number}")
        for stale in holders[:-1]:
            with pytest.raises(LockLost):
                stale.replace(b"late\n", expected=None)
            with pytest.raises(LockLost):
                stale.append_journal(b"late")
        holders[-1].append_journal(b"ours")
        holders[-1].replace(b"ours\n", expected=None)
        assert bytes(place.opened().read_journal()) == b"ours"

    # Damage

    def test_gap_in_the_journal(self, place: Place) -> None:
        """A journal with a record missing in its middle is damage, and the error names the object."""
        backend: Any = place.opened()
        backend.lock(FACTS, timeout_seconds=0)
        appended(b"\0", b"\0", b"\0")(backend)
        backend._objects.remove(["journal/000000000001/00000001"])
        with pytest.raises(StateDamaged, match="journal/000000000001/00000001 is missing") as damage:
            place.opened().read_journal()
        assert damage.value.code == "MP0513"
        with pytest.raises(StateError, match="no task was recorded") as gone:
            backend.check_journal()
        assert gone.value.code == "MP0529"

    def test_rest_of_a_removed_journal(self, place: Place) -> None:
        """A journal whose removal was cut short is no journal for anybody, and the next removal takes what is left of it."""
        backend: Any = place.opened()
        backend.lock(FACTS, timeout_seconds=0)
        appended(b"one", b"two", b"three")(backend)
        backend._objects.remove(["journal/000000000001/00000000"])
        assert place.opened().read_journal() is None
        backend.remove_journal()
        assert backend._objects.names("journal") == ()

    def test_seals_stay(self, place: Place) -> None:
        """What keeps a dead holder out is never removed."""
        _, successor = taken_over(place)
        successor.remove_journal()
        assert successor._objects.names("journal") == ("journal/000000000001/00000001",)

    def test_missing_document(self, place: Place) -> None:
        """A document that is gone while its backup is there is damage, never a new state; the hint has the command that puts it back."""
        backend: Any = place.opened()
        backend.replace(b"one\n", expected=None)
        backend.replace(b"two\n", expected=version(b"one\n"))
        backend.check_not_lost()
        backend._objects.remove(["state.json"])
        with pytest.raises(StateDamaged, match=r"state\.json is missing") as damage:
            place.opened().check_not_lost()
        assert damage.value.code == "MP0510"

    def test_segments_without_a_document(self, place: Place) -> None:
        """Segments that no document and no journal accounts for say that there was a state."""
        backend: Any = place.opened()
        backend.write_segment(name_of(b"abc"), [b"abc"])
        with pytest.raises(StateDamaged):
            backend.check_not_lost()
        backend.append_journal(b"a first run that died while it published")
        place.opened().check_not_lost()

    def test_empty_document(self, place: Place) -> None:
        """An empty document is damage, never a new state."""
        backend: Any = place.opened()
        backend._objects.put("state.json", b"")
        with pytest.raises(StateDamaged, match="is empty"):
            backend.read()

    def test_missing_segment(self, place: Place) -> None:
        """A segment that is gone from the storage is damage, and the error names it."""
        backend: Any = place.opened()
        backend.write_segment(name_of(b"abc"), [b"abc"])
        backend._objects.remove([f"segments/{name_of(b'abc')}.seg"])
        with pytest.raises(StateDamaged, match=name_of(b"abc")):
            place.opened().read_segment(name_of(b"abc"))

    def test_copies_of_segments(self, place: Place) -> None:
        """A segment is fetched once; a copy that was altered is fetched anew, private as the first; tidying removes it."""
        backend: Any = place.opened()
        backend.write_segment(name_of(b"abc"), [b"abc"])
        assert bytes(backend.read_segment(name_of(b"abc"))) == b"abc"
        copy = backend._segments._cache / f"{name_of(b'abc')}.seg"
        assert (copy.read_bytes(), copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (b"abc", 0o600, 0o700)
        copy.write_bytes(b"abx")
        assert bytes(backend.read_segment(name_of(b"abc"))) == b"abc"
        assert copy.read_bytes() == b"abc"
        backend.keep_segments(frozenset())
        assert not copy.exists()

    @pytest.mark.parametrize("linked", [".mixpriv", ".mixpriv/segments"])
    def test_planted_link(self, place: Place, tmp_path: Path, linked: str) -> None:
        """A link in the place of the folder for copies, which a repository may bring, has no file elsewhere removed, written or believed."""
        backend: Any = place.opened()
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "segments").mkdir(parents=True)
        precious = [elsewhere / "ids.csv", elsewhere / "segments" / "ids.csv", elsewhere / "segments" / f"{name_of(b'x')}.seg"]
        for path in precious:
            path.write_bytes(b"precious")
        link = backend._segments._cache.parents[1] / linked
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(elsewhere if linked == ".mixpriv" else elsewhere / "segments")
        backend.write_segment(name_of(b"abc"), [b"abc"])
        assert bytes(backend.read_segment(name_of(b"abc"))) == b"abc"
        backend.keep_segments(frozenset())
        assert sorted(path for path in elsewhere.rglob("*") if path.is_file()) == sorted(precious)

    def test_workspaces_in_each_other(self, place: Place) -> None:
        """A workspace whose prefix begins with another's, even in its folder of segments, keeps its segments when the other tidies up."""
        outer: Any = place.opened()
        inner: Any = place.opened(prefix=f"{place.location.prefix}/segments/inner")
        inner.write_segment(name_of(b"abc"), [b"abc"])
        outer.check_not_lost()
        outer.keep_segments(frozenset())
        assert bytes(place.opened(prefix=f"{place.location.prefix}/segments/inner").read_segment(name_of(b"abc"))) == b"abc"

    @pytest.mark.parametrize("change", [{"epoch": 10**12}, {"epoch": -7}, {"lease_seconds": 1e308}, {"lease_seconds": float("nan")}, {"open_from": 0}])
    def test_impossible_lock(self, place: Place, change: dict[str, float]) -> None:
        """A lock with numbers that no run writes is refused before anything is sent, and left as it is."""
        backend: Any = place.opened()
        backend.lock(THEIRS, timeout_seconds=0).release()
        mark = json.loads(bytes(backend._objects.get(LOCK).content)) | change
        backend._objects.put(LOCK, json.dumps(mark).encode())
        with pytest.raises(StateError, match="damaged one"):
            place.opened().lock(FACTS, timeout_seconds=0)

    def test_lock_of_somebody_else(self, place: Place) -> None:
        """An object in the lock's place that is no lock of ours is left as it is."""
        backend: Any = place.opened()
        backend._objects.put("lock", b"{}")
        with pytest.raises(StateError, match="no lock of mixpriv"):
            backend.lock(FACTS, timeout_seconds=0)
        assert bytes(backend._objects.get("lock").content) == b"{}"

    def test_lost_lock_object(self, place: Place) -> None:
        """Where the lock's object is gone, restored without it or removed by hand, the next run goes on as ever, and the former holder is put out."""
        stale = place.opened()
        for _ in range(3):
            stale.lock(THEIRS, timeout_seconds=0).release()
        held = stale.lock(THEIRS, timeout_seconds=0)
        stale.append_journal(b"theirs")
        stale.replace(b"theirs\n", expected=None)
        stale._lock_objects.remove([LOCK])
        successor = place.opened()
        lock = successor.lock(FACTS, timeout_seconds=0)
        successor.remove_journal()
        successor.append_journal(b"ours")
        successor.replace(b"ours\n", expected=version(b"theirs\n"))
        with pytest.raises(LockLost):
            unseeing(stale).append_journal(b"more")
        with pytest.raises(StateError):
            stale.replace(b"late\n", expected=version(b"theirs\n"))
        stored = successor.read()
        assert stored.content == b"ours\n"
        lock.release()
        held.release()
