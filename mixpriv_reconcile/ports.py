"""Every door to the outside world on one page. What isn't here, the stages can't reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Entry
from mixpriv_reconcile.model.opt_out_list import OptOutList
from mixpriv_reconcile.model.remote import Access, Fetched, Lost, NotFetched, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import RawIds, Secret

__all__ = [
    "Append",
    "Clock",
    "EventSink",
    "ExportFile",
    "ExportFolder",
    "Holder",
    "Lane",
    "ListWriter",
    "Lock",
    "Patience",
    "RawIdSource",
    "ReadingProgress",
    "StateBackend",
    "Stored",
]


class Clock(Protocol):
    """Time. Tests simulate it; nothing else in the stages may ask what time it is."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump back, the same for every process of this host."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        ...


class ReadingProgress(Protocol):
    """Who is told how far the reading of ids is."""

    def advance(self, count: int) -> None:
        """So many more ids were read."""
        ...

    def end(self) -> None:
        """The reading is over, or interrupted; the next one starts from nothing."""
        ...


class Lane(Protocol):
    """The way to one project: paced, retrying what is safe, never outside the project's region."""

    @property
    def access(self) -> Access: ...

    async def send(self, request: Request) -> Response | NotSent | Lost:
        """The answer, or how the call failed. Never raises for what the network or the server does."""
        ...

    async def download(self, link: Secret, file: ExportFile) -> Fetched | NotFetched:
        """Write what *link* leads to into *file*, from its beginning at each try; raises `StateError` where it can't be written.

        Only hosts where the project's exports may lie are asked, and never with a token.
        """
        ...

    async def aclose(self) -> None: ...


class ExportFile(Protocol):
    """A file on its way: nobody sees it before it is whole."""

    def restart(self) -> None:
        """Forget what was written so far."""
        ...

    def write(self, block: bytes) -> None: ...

    def keep(self) -> Fetched:
        """Make it durable and visible, in place of what had its name."""
        ...

    def drop(self) -> None:
        """Leave nothing of it. May be called after `keep`, and then does nothing."""
        ...


class ExportFolder(Protocol):
    """Where finished exports go."""

    def begin(self, path: str) -> ExportFile:
        """A new file at *path*, relative to the workspace; raises `StateError` where that would leave it."""
        ...


class Patience(Protocol):
    """How long a run may wait, and whether it may go on."""

    @property
    def is_over(self) -> bool:
        """Whether no further call may start."""
        ...

    async def wait(self, project: str, why: str, attempt: int, waited_seconds: float, asked_seconds: float | None = None) -> float | None:
        """Back off before the next try; the seconds waited, or None where there is no time for it."""
        ...

    async def pause(self, seconds: float) -> bool:
        """Let *seconds* pass; False where the run is over."""
        ...


class EventSink(Protocol):
    """Where events go: a renderer, a report, a test."""

    def emit(self, event: Event) -> None: ...


class RawIdSource(Protocol):
    """The raw ids behind digests, read again from where the user keeps them."""

    def raw_ids(self, address: str, ids: IdSet) -> RawIds:
        """The ids of one batch, in the order of their digests; raises `SourceMoved` where a source changed."""
        ...

    def place(self, address: str, ids: IdSet) -> SourceSpan | None:
        """Where the first of *ids* stands, for a person who looks for it; None where its source can't be read again."""
        ...

    def digests(self, ids: RawIds) -> IdSet:
        """*ids* by digest."""
        ...

    def withdrawn(self, address: str, ids: RawIds) -> IdSet:
        """Those of *ids* that the request at *address* doesn't declare, by digest."""
        ...

    def held(self, project: str, ids: RawIds) -> IdSet:
        """Those of *ids* that *project* has under a legal hold, by digest."""
        ...

    def undeclared(self, project: str, ids: RawIds) -> int:
        """How many of *ids* no request of *project* declares."""
        ...


class ListWriter(Protocol):
    """Where opt-out lists are written for servers and applications to read."""

    def write(self, path: str, content: OptOutList, *, replaces: str | None) -> FileSeen:
        """Write *content* to *path* (relative to the workspace), durably and in one step; the file as it stands now.

        Only in place of the file whose bytes have the SHA-256 *replaces* (None: of no file). Raises `ListNotWritten`, and leaves what is
        there; `LockLost` where the state's lock is no longer ours.
        """
        ...


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the state's lock."""

    lock_id: str
    who: str
    host: str
    pid: int
    since: str
    command: str


class Lock(Protocol):
    """The right to write, held by one process at a time."""

    @property
    def taken_over_from(self) -> Holder | None:
        """The holder that didn't let go, dead or (of a lease) silent for too long, if the lock was taken over from one."""
        ...

    def verify(self) -> None:
        """Return if the lock is still ours; raises `LockLost` if not. Called before every POST, DELETE and write."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """The state's bytes as read, and a token of exactly this version for `replace`."""

    content: bytes = field(repr=False)
    version: str


class StateBackend(Protocol):
    """A place for bytes: one small document, immutable segments beside it, a journal, and a lock.

    Once a lock was taken through it, each write looks at the last moment whether it is still ours, and raises `LockLost` if not.
    What the storage itself fails with is a `StateError`, never an exception of a library, and holds no credential.
    """

    @property
    def place(self) -> str:
        """Where the state lies, for people: a file's name, `s3://bucket/prefix`, an address. Holds no credential."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether it lies where other machines reach it: each write is then a call over a network."""
        ...

    @property
    def most_ids(self) -> int | None:
        """How many distinct ids can be stored at most; None where the storage sets no limit. One more is an error of the write (MP0564)."""
        ...

    @property
    def tightened(self) -> tuple[str, ...]:
        """Files whose mode was wider than 0600 and was narrowed just now, by name."""
        ...

    def check_not_lost(self) -> None:
        """Raise `StateDamaged` where there is no document, and what else lies here says that there was one."""
        ...

    def recovery(self) -> str:
        """What can be done about a damaged document, as a hint."""
        ...

    def read(self) -> Stored | None:
        """The document, or None where there never was one. An empty document is damage: `StateDamaged`."""
        ...

    def replace(self, content: bytes, *, expected: str | None) -> str:
        """Publish *content* atomically and durably in place of the version *expected* (None: there is none); the new version.

        Raises `StateError` where something else is there, and leaves it untouched.
        """
        ...

    def fetch_segments(self, named: frozenset[str]) -> None:
        """Bring these segments near, side by side where each is a call over a network; what is wrong with one is said when it is read."""
        ...

    def read_segment(self, sha256: str) -> memoryview:
        """A segment's bytes, unverified; raises `StateDamaged` where it is missing."""
        ...

    def write_segment(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        """Store a segment durably under its content's name; one that is there is left, unless its bytes aren't those of the name."""
        ...

    def keep_segments(self, named: frozenset[str]) -> None:
        """Remove every segment that *named* doesn't hold."""
        ...

    def backup_content(self) -> bytes | None:
        """The document before the last replacement, if there is one."""
        ...

    def read_journal(self) -> memoryview | None:
        """The journal's bytes, or None where there is none."""
        ...

    def append_journal(self, record: bytes) -> None:
        """Add *record* to the journal, creating it; durable when this returns. Where it raises on a shared state, it may be durable too."""
        ...

    def check_journal(self) -> None:
        """Return if the journal that was appended to here is still where others read it; raises `StateError` naming its tasks if not."""
        ...

    def remove_journal(self) -> None: ...

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> Lock:
        """Take the lock, waiting up to *timeout_seconds*; raises `StateLocked` naming the holder."""
        ...

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment, None if nobody does."""
        ...

    def unlock(self, lock_id: str) -> Holder:
        """Take the lock *lock_id* from its holder; the former holder.

        He begins no call and no write after his next look at it, which for a lease comes about a second later; a call to Mixpanel that is
        under way then ends by itself. On a shared state the storage refuses his document and his journal even where he doesn't look.

        Raises `StateError` where nobody holds it, or somebody else.
        """
        ...


class Append(Protocol):
    """The way to the run's own log, the journal: entries are durable when it returns; where it raises, all of them or none are."""

    def __call__(self, *entries: Entry) -> None: ...
