"""What every state backend promises, whatever it stores its bytes in.

A backend's test file derives from `StateBackendContract` and says how its backend is opened, here and in another process.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.ports import StateBackend

from .altered_segments import AlteredSegmentsContract, name_of
from .later_formats import LaterFormatsContract
from .locks import FACTS, Holding, LocksContract
from .writers import WritersContract

__all__ = ["FACTS", "Holding", "StateBackendContract"]


class StateBackendContract(AlteredSegmentsContract, LaterFormatsContract, LocksContract, WritersContract):
    """The suite. A subclass overrides `backend` and `spelled`; one whose lock is a lease says how long it outlives its holder."""

    @pytest.fixture
    def backend(self) -> StateBackend:
        """A backend over a place where nothing was stored yet."""
        raise NotImplementedError

    @pytest.fixture
    def spelled(self) -> tuple[str, str]:
        """Imports, and the expression that opens the same place in another process."""
        raise NotImplementedError

    # The document

    def test_nothing_there(self, backend: StateBackend) -> None:
        """A place where nothing was stored has no document, no backup, no journal and no holder."""
        assert (backend.read(), backend.backup_content(), backend.read_journal(), backend.holder()) == (None, None, None, None)

    def test_reads_what_was_published(self, backend: StateBackend) -> None:
        """What was published is what is read, under the version that publishing told."""
        version = backend.replace(b'{"serial": 1}', expected=None)
        stored = backend.read()
        assert stored is not None
        assert (b'{"serial": 1}', version) == (stored.content, stored.version)

    def test_backup_is_the_state_before(self, backend: StateBackend) -> None:
        """After each publication the backup is the state before it."""
        first = backend.replace(b"one", expected=None)
        assert backend.backup_content() is None
        second = backend.replace(b"two", expected=first)
        assert backend.backup_content() == b"one"
        backend.replace(b"three", expected=second)
        assert backend.backup_content() == b"two"

    @pytest.mark.parametrize("expected", [None, "another version"])
    def test_checks_what_it_replaces(self, backend: StateBackend, expected: str | None) -> None:
        """A state that somebody else changed meanwhile is left as it is."""
        backend.replace(b"theirs", expected=None)
        with pytest.raises(StateError, match="changed by somebody else"):
            backend.replace(b"ours", expected=expected)
        stored = backend.read()
        assert stored is not None
        assert stored.content == b"theirs"
        assert backend.backup_content() is None

    def test_expected_but_gone(self, backend: StateBackend) -> None:
        """A state that vanished meanwhile isn't made anew."""
        with pytest.raises(StateError, match="changed by somebody else"):
            backend.replace(b"ours", expected=hashlib.sha256(b"gone").hexdigest())
        assert backend.read() is None

    def test_same_content_again(self, backend: StateBackend) -> None:
        """Publishing the same content twice is no conflict."""
        version = backend.replace(b"same", expected=None)
        assert backend.replace(b"same", expected=version) == version

    # Segments

    def test_segment_is_read_as_written(self, backend: StateBackend) -> None:
        """A segment's bytes come back as they were handed over, in however many parts."""
        backend.write_segment(name_of(b"abcdef"), [b"abc", memoryview(b"def")])
        assert bytes(backend.read_segment(name_of(b"abcdef"))) == b"abcdef"

    def test_segment_is_immutable(self, backend: StateBackend) -> None:
        """A segment that is there is never written again, not even while somebody reads it."""
        backend.write_segment(name_of(b"abc"), [b"abc"])
        reading = backend.read_segment(name_of(b"abc"))
        backend.write_segment(name_of(b"abc"), [b"other bytes under the same name"])
        assert (bytes(reading), bytes(backend.read_segment(name_of(b"abc")))) == (b"abc", b"abc")

    def test_missing_segment_is_damage(self, backend: StateBackend) -> None:
        """A segment that is gone is damage, and the error names it."""
        with pytest.raises(StateDamaged, match=name_of(b"gone")[:12]) as damage:
            backend.read_segment(name_of(b"gone"))
        assert damage.value.hint

    def test_fetched_segments(self, backend: StateBackend) -> None:
        """Segments that are fetched together are read as they were written; one that is gone is told when it is read, and not before."""
        for content in (b"one", b"two", b"three"):
            backend.write_segment(name_of(content), [content])
        backend.fetch_segments(frozenset(map(name_of, (b"one", b"two", b"three", b"gone"))))
        assert [bytes(backend.read_segment(name_of(content))) for content in (b"one", b"two", b"three")] == [b"one", b"two", b"three"]
        with pytest.raises(StateDamaged):
            backend.read_segment(name_of(b"gone"))

    def test_keeps_named_segments(self, backend: StateBackend) -> None:
        """Only the segments that are named stay; a name that isn't there is no error."""
        for content in (b"one", b"two", b"three"):
            backend.write_segment(name_of(content), [content])
        backend.keep_segments(frozenset({name_of(b"two"), name_of(b"never stored")}))
        assert bytes(backend.read_segment(name_of(b"two"))) == b"two"
        for content in (b"one", b"three"):
            with pytest.raises(StateDamaged):
                backend.read_segment(name_of(content))

    def test_keeping_nothing_of_nothing(self, backend: StateBackend) -> None:
        """Tidying a place that never had a segment is no error."""
        backend.keep_segments(frozenset())
        assert backend.read() is None

    # The journal

    def test_journal_grows(self, backend: StateBackend) -> None:
        """The journal is all that was appended, in order, at once."""
        for record, whole in ((b"one", b"one"), (b"two", b"onetwo"), (b"", b"onetwo")):
            backend.append_journal(record)
            journal = backend.read_journal()
            assert journal is not None
            assert bytes(journal) == whole

    def test_journal_outlives_a_kill(self, backend: StateBackend, spelled: tuple[str, str]) -> None:
        """What a process appended before it was killed is there for the next one."""
        imports, expression = spelled
        code = f"import os, signal\nfrom pathlib import Path\n{imports}\n{expression}.append_journal(b'receipt')\n"
        subprocess.run([sys.executable, "-c", code + "os.kill(os.getpid(), signal.SIGKILL)"], check=False)
        journal = backend.read_journal()
        assert journal is not None
        assert bytes(journal) == b"receipt"

    def test_journal_is_removed(self, backend: StateBackend) -> None:
        """A removed journal is gone, may be removed again, and a new one begins empty."""
        backend.append_journal(b"old")
        backend.remove_journal()
        backend.remove_journal()
        assert backend.read_journal() is None
        backend.append_journal(b"new")
        journal = backend.read_journal()
        assert journal is not None
        assert bytes(journal) == b"new"
