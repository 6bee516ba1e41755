"""The document and its lock on a server of Terraform's protocol: read, changed in one write each, taken and given back."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets as randomness
import threading
import time
from collections.abc import Callable, Mapping

from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.state.elsewhere import changed_elsewhere
from mixpriv_reconcile.state.holders import check_whose, lost_lock
from mixpriv_reconcile.state.http_calls import DOCUMENT_BYTES, Answer, Calls, refused
from mixpriv_reconcile.state.http_document import LAST_SERIAL, NO_DOCUMENT, Document, LeaseRecord, encoded, parsed
from mixpriv_reconcile.state.http_rivals import QUIET_SHARE, Rival, Watch, lasts_seconds, lock_facts, look_name, name_of, rival_in
from mixpriv_reconcile.state.leased import LeaseLock, seconds_now

__all__ = ["Held", "Remote"]

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 3.0

LOOK_SECONDS = 2.0
"""How long a lock is tried for beyond the timeout that somebody only looks at: he gives it back at once."""

TAKEOVERS = 5
"""Most times that one asks a server to take the lock from the dead: one that says yes and doesn't do it won't the next time."""

CLEAR = frozenset({401, 403, 404, 413})
"""Answers to a write that say that nothing was done. Of others GitLab says 500 to who hasn't the lock, and a proxy 502 to what was done."""


class Held:
    """The lock as its holder has it, with the document as he wrote it last: nobody else can have changed it since.

    *attempts* are the writes that he began: one that he took for failed may have arrived all the same, and is no stranger's.
    *seen* is `seconds_now` of before the server said last that the lock is his.
    """

    def __init__(self, remote: Remote, holder: Holder, document: Document, asked: float) -> None:
        self.holder = holder
        self.document = document
        self.written = self.seen = asked
        self.attempts: set[str] = set()
        self.lock: LeaseLock | None = None
        self._remote = remote

    @property
    def name(self) -> str:
        return name_of(self.holder.lock_id)

    def beat(self) -> None:
        self._remote.beat(self)

    def free(self) -> None:
        self._remote.free(self)


class Remote:
    """The one document behind *calls*. *place* and *recovery* are words for errors."""

    def __init__(self, calls: Calls, place: str, recovery: str, lease: Lease) -> None:
        self._calls = calls
        self._place = place
        self._recovery = recovery
        self._lease = lease
        self._turn = threading.RLock()
        self._serial = 0
        self.held: Held | None = None

    @property
    def date(self) -> float | None:
        """The server's clock when it answered last."""
        return self._calls.date

    def get(self) -> Document | None:
        """The document as it is now; None where there is none. Raises `StateDamaged`, and MP0566 for somebody else's."""
        try:
            answer = self._calls.get()
        except StateError as error:
            if error.code != "MP0560":
                raise
            answer = self._calls.get()  # it changes nothing to ask again
        if answer.status in (204, 404):
            return None
        if answer.status != 200:
            raise refused(answer, self._place, "GET")
        document = parsed(answer.body, self._place, self._recovery)
        self._serial = max(self._serial, document.serial)
        return document

    def current(self) -> Document | None:
        """The document: one's own copy for who holds the lock, else as it is now."""
        return self.held.document if self.held is not None else self.get()

    def is_ours(self, document: Document) -> bool:
        """Whether nobody but the lock's holder, if there is one, wrote after *document*."""
        if self.held is None:
            return True
        there = (self.get() or NO_DOCUMENT).write
        return there == document.write or there in self.held.attempts

    def change(self, changed: Callable[[Document], Document | None]) -> Document:
        """Write what *changed* makes of the document, in one step, if it makes something; the document then.

        Raises `LockLost` where the lock was taken here and is no longer ours, and `StateLocked` where none was taken and somebody has it.
        """
        held = self.held
        if held is not None and held.lock is not None:
            held.lock.verify()
        with self._turn:
            before = held.document if held is not None else (self.get() or NO_DOCUMENT)
            after = changed(before)
            return before if after is None else self._put(held, before, after)

    def _put(self, held: Held | None, before: Document, after: Document) -> Document:
        """Write *after* in the place of *before*: all of it is there when this returns, and nothing was changed when it raises.

        Where the answer is missing, or may be about something else, the server is asked whose the lock is, and what lies there now.
        """
        is_last, attempts = False, set[str]() if held is None else held.attempts
        while True:
            self._check_not_asleep(held, before)
            began = seconds_now()
            written = self._stamped(held, after)
            attempts.add(written.write)
            content = encoded(written)
            if len(content) > DOCUMENT_BYTES or written.serial > LAST_SERIAL:
                raise StateError(
                    "MP0569",
                    f"the document at {self._place} would have {len(content):,} bytes and serial {written.serial:,}, "
                    f"and may have {DOCUMENT_BYTES:,} and {LAST_SERIAL:,}",
                    "see `mixpriv explain MP0569`; nothing was changed",
                )
            trouble = self._posted(content, None if held is None else held.name)
            if trouble is not None:
                if self._is_clear(trouble):
                    raise trouble[1]
                self._check_holder(held)
                there = self.get() or NO_DOCUMENT
                if there.write != written.write:
                    if there.write != before.write and there.write not in attempts:
                        raise changed_elsewhere(f"the document at {self._place}")
                    if is_last:
                        raise trouble[1]
                    is_last = True
                    continue
            if held is not None:
                held.document, held.written, held.seen = written, began, began
                if held.lock is not None:
                    held.lock.told(began)
            return written

    def _posted(self, content: bytes, name: str | None) -> tuple[int, StateError] | None:
        """None where the server took *content*, else its status (0: no whole answer) and what that means."""
        try:
            answer = self._calls.post(content, name)
        except StateError as error:
            return (0, error)
        return None if answer.is_done else (answer.status, refused(answer, self._place, "POST"))

    @staticmethod
    def _is_clear(trouble: tuple[int, StateError]) -> bool:
        return trouble[0] in CLEAR or 300 <= trouble[0] < 400

    def _stamped(self, held: Held | None, document: Document) -> Document:
        """*document* as the next to be written: under a number that was never used, with the holder's sign of life in it."""
        self._serial += 1
        lease = document.lease
        if lease is not None and held is not None:
            lease = dataclasses.replace(lease, at=self._calls.server_now)
        return dataclasses.replace(document, serial=self._serial, write=randomness.token_hex(8), lease=lease)

    def _check_not_asleep(self, held: Held | None, before: Document) -> None:
        """Raise `LockLost` where *held* gave no sign of life for long, and somebody else has the lock by now, or wrote after *before*.

        Not every server compares the lock that a write names with the one that it keeps: one who was stopped, and is woken, would put
        his old document over his successor's.
        """
        if held is None or seconds_now() - held.seen <= self._lease.fresh_seconds:
            return
        self._check_holder(held)
        there = (self.get() or NO_DOCUMENT).write
        if there != before.write and there not in held.attempts:
            raise self._lost(held)

    @staticmethod
    def _lost(held: Held) -> LockLost:
        lost = lost_lock(held.holder.lock_id)
        return lost if held.lock is None else held.lock.lose(lost)

    def _check_holder(self, held: Held | None) -> None:
        """Raise `LockLost` where *held* is no longer the server's opinion; `StateLocked` where none is held here, and one is elsewhere."""
        began, rival = seconds_now(), self.look()
        if held is not None:
            if rival is None or rival.name != held.name:
                raise self._lost(held)
            held.seen = began
        elif rival is not None and not rival.is_look:
            raise rival.locked(self.get() or NO_DOCUMENT)

    def look(self) -> Rival | None:
        """Whose the lock is, None where it is nobody's. The protocol has no question for that: the lock is asked for, and given back."""
        name = look_name()
        rival = self._try(name, {})
        if rival is None:
            self._give_back(name)
        return rival

    def _try(self, name: str, who: Mapping[str, str]) -> Rival | None:
        """Ask for the lock under *name*: None where it was given, else whose it is."""
        facts = lock_facts(name, who, self._calls.server_now)
        try:
            answer, is_second = self._calls.lock(facts), False
        except StateError as error:
            if error.code != "MP0560":
                raise
            answer, is_second = self._calls.lock(facts), True
        if answer.status == 200:
            return None
        if answer.status not in (409, 423):
            raise refused(answer, self._place, "the call for the lock")
        rival = rival_in(answer.body)
        return None if is_second and rival.name == name else rival

    def _give_back(self, name: str) -> Answer:
        facts = lock_facts(name, {}, self._calls.server_now)
        try:
            return self._calls.unlock(facts)
        except StateError:
            return self._calls.unlock(facts)

    def beat(self, held: Held) -> None:
        """Tell that *held* is; others see that by a write, which is due every sixth of a lease. In between the server is asked."""
        with self._turn:
            began = seconds_now()
            if began - held.written >= self._lease.seconds * QUIET_SHARE:
                self._put(held, held.document, held.document)
            else:
                self._check_holder(held)
        if seconds_now() - began > self._lease.fresh_seconds:
            raise StateError("MP0560", f"the server of the state at {self._place} took {seconds_now() - began:.0f} s to answer", "")

    def free(self, held: Held) -> None:
        """Give the lock back, and say so in the document; what is read and written afterwards is as by one who never had it.

        One that is lost isn't given back: a server that doesn't compare would take it from whose it is.
        """
        with self._turn:
            is_lost = False
            try:
                self._put(held, held.document, dataclasses.replace(held.document, lease=None))
            except LockLost:
                is_lost = True
                raise
            finally:
                self.held = None if self.held is held else self.held
                if not is_lost:
                    self._give_back(held.name)

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> LeaseLock:
        """Take the lock; of a mixpriv that died without a sign of life for its lease, it is taken away. Raises `StateLocked`."""
        name = name_of(who["lock_id"])
        deadline, wait = seconds_now() + timeout_seconds, FIRST_WAIT_SECONDS
        watch, before, takeovers, asked = Watch(self._lease), None, 0, seconds_now()
        while (rival := self._try(name, who)) is not None:
            before = None
            document = self.get() or NO_DOCUMENT
            if takeovers < TAKEOVERS and watch.is_dead(rival, document, self.date):
                takeovers += 1
                if self._give_back(rival.name).is_done:
                    before, asked = rival.holder(document), seconds_now()
                    continue
            remaining = deadline - seconds_now()
            if remaining <= 0:
                if not rival.is_look or remaining < -LOOK_SECONDS:
                    raise rival.locked(document)
                remaining = FIRST_WAIT_SECONDS
            time.sleep(min(wait, remaining))
            wait, asked = min(wait * 2, LONGEST_WAIT_SECONDS), seconds_now()
        return self._entered(who, before, asked)

    def _entered(self, who: Mapping[str, str], before: Holder | None, asked: float) -> LeaseLock:
        """The lock, which the server has given, *asked* for then, with its holder named in the document."""
        holder = Holder(who["lock_id"], who["who"], who["host"], int(who["pid"]), who["since"], who["command"])
        try:
            document = self.get() or NO_DOCUMENT
            held = Held(self, holder, document, asked)
            lease = LeaseRecord(holder, lasts_seconds(self._lease), None)
            with self._turn:
                self._put(held, document, dataclasses.replace(document, lease=lease))
        except LockLost:
            raise
        except StateError:
            with contextlib.suppress(StateError):
                self._give_back(name_of(holder.lock_id))
            raise
        held.lock = LeaseLock(held, self._lease, held.written, before)
        self.held = held
        return held.lock

    def unlock(self, lock_id: str) -> Holder:
        """Take the lock *lock_id* away from a mixpriv; the former holder."""
        rival = self.look()
        document = self.get() or NO_DOCUMENT
        if rival is not None and not rival.is_ours:
            raise rival.locked(document)
        holder = check_whose(None if rival is None else rival.holder(document), lock_id)
        answer = self._give_back(name_of(lock_id))
        if not answer.is_done:
            raise refused(answer, self._place, "the giving back of the lock")
        with contextlib.suppress(StateError):  # only so that nobody is shown the former holder
            self._forget(holder)
        return holder

    def _forget(self, holder: Holder) -> None:
        """Strike *holder* from the document, under a lock of one's own, for he may be about to write."""
        name = look_name()
        if self._try(name, {}) is not None:
            return
        try:
            document = self.get() or NO_DOCUMENT
            if document.lease is not None and document.lease.holder == holder:
                after = dataclasses.replace(document, lease=None, serial=document.serial + 1, write=randomness.token_hex(8))
                self._calls.post(encoded(after), name)
        finally:
            self._give_back(name)
