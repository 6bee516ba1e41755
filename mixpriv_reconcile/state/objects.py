"""The state in an object store: a document, its backup, segments, a log of journals and a lock, each an object below one prefix.

What has to hold between machines is held by the storage itself, by conditional writes: the document is replaced only where it is the one
that was read, and carries the *epoch* of the lock that wrote it; a journal is added to only where nothing was added meanwhile. A holder
who was put out, and doesn't know, can change neither.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mixpriv_reconcile.errors import LockLost, StateDamaged, StateError
from mixpriv_reconcile.ports import Holder, Stored
from mixpriv_reconcile.state import object_journal
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.elsewhere import changed_elsewhere, journal_gone
from mixpriv_reconcile.state.holders import lost_lock
from mixpriv_reconcile.state.leased import LeaseLock
from mixpriv_reconcile.state.object_document import Document, document_of, fenced
from mixpriv_reconcile.state.object_lock import HeldLock, Signs, break_lock, holder_of, take
from mixpriv_reconcile.state.object_segments import Segments
from mixpriv_reconcile.state.object_store import Found, Objects, Options, Version
from mixpriv_reconcile.state.object_trouble import failures, unusable
from mixpriv_reconcile.state.store import is_whole

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["DOCUMENT", "ObjectBackend"]

DOCUMENT: Final = "state.json"
BACKUP: Final = "state.json.backup"

SECONDS: Final = 30.0
"""Longest that one try of a call may take, but for those to the lock: fencing doesn't depend on it."""

SEGMENT_SECONDS: Final = 900.0
"""The same for a segment: 240 MB for ten million ids, at 300 kB a second."""


class ObjectBackend:
    """A state backend over one prefix of a bucket. *built* makes a client; *copied* is the command that copies one object over another."""

    def __init__(
        self, built: Callable[[Options], ObjectStore], place: str, surroundings: Surroundings, *, allows_http: bool, copied: str
    ) -> None:
        def objects(seconds: float) -> Objects:
            try:
                return Objects(built(Options(seconds, allows_http)), place)
            except failures() as error:
                raise unusable(error, place) from None

        self._place = place
        self._lease = surroundings.lease
        self._copied = copied
        self._objects = objects(SECONDS)
        # Well below the lease, so that several signs of life can fail before it runs out; a second is what a busy storage may take.
        self._lock_objects = objects(max(1.0, min(10.0, surroundings.lease.seconds / 6)))
        self._segments = Segments(objects(SEGMENT_SECONDS), surroundings.cache, place, self._verify)
        self._known: Document | None = None
        self._held: HeldLock | None = None
        self._lock: LeaseLock | None = None
        self._records: list[bytes] = []
        self._attempted: bytes | None = None  # the first record of a journal in this epoch, stored or not

    is_shared = True
    most_ids: int | None = None
    tightened: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return self._place

    def check_not_lost(self) -> None:
        """Raise `StateDamaged` where there is no document, and there was one: it has a backup, or segments that no journal accounts for."""
        if self._look().content is not None:
            return
        remains = self._objects.get(BACKUP) is not None or (self._segments.are_there and self.read_journal() is None)
        if not remains or self._look().content is not None:  # looked at last: it may be published in this very moment
            return
        raise StateDamaged(
            "MP0510",
            f"{DOCUMENT} is missing from {self._place}, and what belongs to it is still there: that is damage, not a new state",
            f"{self.recovery()}; to begin anew, give the state another prefix",
        )

    def recovery(self) -> str:
        """What can be done about a damaged document; the backup is named where it can be used."""
        older = f"restore an older version of {self._place}/{DOCUMENT}, where the storage keeps them"
        with contextlib.suppress(StateError):
            if is_whole(self.backup_content() or b""):
                command = self._copied.format(source=BACKUP, target=DOCUMENT)
                return f"{older}, or the state before: {command}; tasks made since then are found again by the 409 that Mixpanel answers"
        return f"{older}; without one see `mixpriv explain MP0510`"

    def read(self) -> Stored | None:
        document = self._look()
        if document.content is None or document.sha256 is None:
            return None
        return Stored(document.content, document.sha256)

    def _look(self) -> Document:
        """The document as it is now."""
        self._known = self._document(self._objects.get(DOCUMENT))
        return self._known

    def _document(self, found: Found | None) -> Document:
        if found is not None and not len(found.content):
            raise StateDamaged("MP0510", f"{DOCUMENT} in {self._place} is empty: that is damage, not a new state", self.recovery())
        return document_of(found)

    def replace(self, content: bytes, *, expected: str | None) -> str:
        self._verify()
        known = self._known if self._known is not None and self._known.sha256 == expected else self._look()
        if self._held is not None and known.epoch > self._held.epoch:
            raise self._lost()
        if known.sha256 != expected:
            if known.content == content:
                return hashlib.sha256(content).hexdigest()  # ours, of a try whose answer was lost
            raise self._changed()
        if known.content is not None:
            self._back_up(known.content, known.version)
            self._verify()
        epoch = known.epoch if self._held is None else self._held.epoch
        self._known = None
        there = self._put(content, epoch, known.version)
        if not isinstance(there, Version):
            if self._held is not None and there.epoch > self._held.epoch:
                raise self._lost()
            raise self._changed()
        self._known = Document(content, epoch, there)
        return hashlib.sha256(content).hexdigest()

    def _back_up(self, content: bytes, version: Version | None) -> None:
        """Store *content*, which is the document of *version*, as the state before.

        The backup is looked at before the document is, and replaced only where it is the one that was seen: whoever publishes in between
        writes both, and who was put out changes neither.
        """
        backup, document = self._objects.version(BACKUP), self._objects.version(DOCUMENT)
        # By ETags: a bucket whose versioning was suspended tells a version's id to who reads, and none to who wrote.
        if document is not None and version is not None and document.e_tag == version.e_tag:
            there = self._objects.create(BACKUP, content) if backup is None else self._objects.update(BACKUP, content, backup)
            if isinstance(there, Version):
                return
        self._ask()
        raise self._changed()

    def _put(self, content: bytes, epoch: int, version: Version | None) -> Version | Document:
        """The new version of the document, in place of *version*; or what is there instead."""
        whole = fenced(content, epoch)
        outcome = self._objects.create(DOCUMENT, whole) if version is None else self._objects.update(DOCUMENT, whole, version)
        return outcome if isinstance(outcome, Version) else self._document(outcome)

    def _changed(self) -> StateError:
        return changed_elsewhere(f"{DOCUMENT} in {self._place}")

    def _lost(self) -> LockLost:
        """What to raise where the storage has a higher epoch than ours: the lock was taken from us."""
        assert self._held is not None
        lost = lost_lock(self._held.lock_id)
        return lost if self._lock is None else self._lock.lose(lost)

    def _verify(self) -> None:
        """Raise `LockLost` where the lock that was taken here is no longer ours. Who took none isn't held to one."""
        if self._lock is not None:
            self._lock.verify()

    def backup_content(self) -> bytes | None:
        found = self._objects.get(BACKUP)
        return None if found is None else bytes(found.content)

    def fetch_segments(self, named: frozenset[str]) -> None:
        self._segments.fetch(named)

    def read_segment(self, sha256: str) -> memoryview:
        return self._segments.read(sha256)

    def write_segment(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        self._segments.write(sha256, parts)

    def keep_segments(self, named: frozenset[str]) -> None:
        self._segments.keep(named)

    def read_journal(self) -> memoryview | None:
        if self._records:
            self.check_journal()
            return memoryview(b"".join(self._records))
        content = object_journal.whole(self._objects, self._place)
        return None if content is None else memoryview(content)

    def append_journal(self, record: bytes) -> None:
        self._verify()
        if not self._records and not self._begin_journal():
            self._attempted = record
        try:
            with contextlib.nullcontext() if self._held is None else self._held.writing():
                object_journal.append(self._objects, self._epoch, len(self._records), record, self._place)
        except object_journal.Sealed:
            raise self._lost() from None
        self._records.append(record)

    def _begin_journal(self) -> bool:
        """Make room for a journal, in an epoch of its own: what was written in one is never written there again.

        Whether what lies there is our own first record, which seemed not to arrive.
        """
        lying = object_journal.whole(self._objects, self._place)
        if lying is not None and lying == self._attempted:
            return True
        if lying is not None:
            self._ask()
            raise StateError(
                "MP0514",
                f"another journal lies in {self._place}, and is carried on before a new one begins; it was left as it is",
                "run the same command again",
            )
        if self._held is not None and self._attempted is not None:
            self._ask(self._held.next_epoch)
            object_journal.seal(self._objects, self._held.doubted)
        return False

    @property
    def _epoch(self) -> int:
        """The epoch of what we write: 0 for who took no lock."""
        return 0 if self._held is None else self._held.epoch

    def _ask(self, change: Callable[[], object] | None = None) -> None:
        """Look whether the lock is ours, now and not just lately, by changing it."""
        if self._held is not None:
            try:
                (change or self._held.beat)()
            except LockLost:
                raise self._lost() from None

    def check_journal(self) -> None:
        """Return if the journal this run writes, if it does, is still all there; else raises `StateError` naming its tasks.

        Raises `LockLost` where another run has the lock by now: it carried the journal on, and removed it.
        """
        if not self._records:
            return
        there = object_journal.logged(self._objects).get(self._epoch, object_journal.NOTHING)
        if there.records[: len(self._records)] == tuple(range(len(self._records))):
            return
        self._ask()
        raise journal_gone(
            f"the journal in {self._place}",
            b"".join(self._records),
            "put its objects back, from older versions where the storage keeps them, and run `mixpriv apply` again: tasks that aren't "
            "remembered are found again by the 409 that Mixpanel answers",
        )

    def remove_journal(self) -> None:
        self._verify()
        self._records = []
        object_journal.remove(self._objects, self._epoch)

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> LeaseLock:
        taken = take(self._lock_objects, self._place, who, self._lease, self._last_epoch, timeout_seconds=timeout_seconds)
        self._forget()
        self._held = taken.held
        self._lock = LeaseLock(Signs(taken.held, self._forget), self._lease, taken.began, taken.taken_over_from)
        try:
            self._put_out(taken.held)
        except BaseException:
            self._lock.release()
            raise
        return self._lock

    def _last_epoch(self) -> int:
        return max(self._look().epoch, *object_journal.logged(self._objects), 0)

    def _forget(self) -> None:
        """Begin as who took no lock. A lock that was lost is kept in mind: its holder writes nothing more."""
        self._held, self._lock, self._known, self._records, self._attempted = None, None, None, [], None

    def _put_out(self, held: HeldLock) -> None:
        """See to it that who lost the lock to *held*, and may be alive, can neither add to a journal nor publish."""
        if held.open_from is None:
            return
        object_journal.seal(self._objects, range(held.open_from, held.epoch))
        while True:
            document = self._look()
            if document.epoch >= held.epoch or isinstance(self._put(document.content or b"", held.epoch, document.version), Version):
                break
        self._known = None
        held.sealed()

    def holder(self) -> Holder | None:
        return holder_of(self._lock_objects, self._place)

    def unlock(self, lock_id: str) -> Holder:
        """Take the lock away from a holder that can't let go; the former holder."""
        holder, held = break_lock(self._lock_objects, self._place, lock_id)
        with contextlib.suppress(LockLost):  # somebody took it meanwhile, and does the same
            self._put_out(held)
        return holder
