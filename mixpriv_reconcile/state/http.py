"""The state on a server that speaks Terraform's HTTP state protocol, GitLab's among them: one document, and the server's own lock."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence

import httpx

from mixpriv_reconcile.errors import StateDamaged
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.ports import Holder, Lock, Stored
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.elsewhere import changed_elsewhere, journal_gone
from mixpriv_reconcile.state.http_calls import Calls, Ways
from mixpriv_reconcile.state.http_document import MOST_IDS, NO_DOCUMENT, Document, check_ids, check_remembered
from mixpriv_reconcile.state.http_remote import Remote
from mixpriv_reconcile.state.http_rivals import is_over

__all__ = ["HttpBackend", "opened"]

RECOVERY = (
    "get an older version of it back and POST it with a higher `serial` (GitLab keeps each: GET ADDRESS/versions/SERIAL), or restore it "
    "from your own backup; tasks made since then are found again by the 409 that Mixpanel answers"
)


def opened(location: StateLocation, surroundings: Surroundings) -> HttpBackend:
    """The state at *location*'s address, which the manifest's rules allow, as they do those of its lock.

    The user and password are what it refers to, else those that Terraform's variables hold.
    """
    address, lock_address, unlock_address = map(httpx.URL, (location.address, location.lock_address, location.unlock_address))
    environment = surroundings.environment
    username, password = environment.get("TF_HTTP_USERNAME"), None
    if location.username is not None:
        username = surroundings.secret(location.username, "state.username").reveal()
    if location.password is not None:
        password = surroundings.secret(location.password, "state.password")
    elif "TF_HTTP_PASSWORD" in environment:
        password = Secret(environment["TF_HTTP_PASSWORD"])
    ways = Ways(address, lock_address, unlock_address, location.lock_method, location.unlock_method)
    calls = Calls(ways, location.shown, surroundings.lease, username or None, password)
    return HttpBackend(location.shown, Remote(calls, location.shown, RECOVERY, surroundings.lease))


class HttpBackend:
    """A state backend over one document. Each change is one write of all of it."""

    is_shared = True
    most_ids: int | None = MOST_IDS
    tightened: tuple[str, ...] = ()

    def __init__(self, place: str, remote: Remote) -> None:
        self._place = place
        self._remote = remote
        self._seen: Document | None = None
        self._unpublished: dict[str, bytes] = {}

    @property
    def place(self) -> str:
        return self._place

    def check_not_lost(self) -> None:
        """Raise `StateDamaged` where the document has lost the state in it. One that is gone as a whole leaves no trace here."""
        document = self._remote.get()
        if document is not None and document.state is None and document.backup is not None:
            raise StateDamaged(
                "MP0510", f"the state in the document at {self._place} is missing, and its backup is there: that is damage", self.recovery()
            )

    def recovery(self) -> str:
        return RECOVERY

    def read(self) -> Stored | None:
        self._seen = self._remote.get()
        if self._seen is None or self._seen.state is None:
            return None
        if not self._seen.state:
            raise StateDamaged("MP0510", f"the state at {self._place} is empty: that is damage, not a new state", self.recovery())
        return Stored(self._seen.state, _version(self._seen.state))

    def replace(self, content: bytes, *, expected: str | None) -> str:
        def replaced(document: Document) -> Document:
            if not self._remote.is_ours(document) or (None if document.state is None else _version(document.state)) != expected:
                raise changed_elsewhere(f"the document at {self._place}")
            after = dataclasses.replace(document, state=content, backup=document.state)
            check_remembered(after)
            return after

        self._changed(replaced)
        self._unpublished = {}
        return _version(content)

    def backup_content(self) -> bytes | None:
        return self._current().backup

    def fetch_segments(self, named: frozenset[str]) -> None:
        """They come with the document."""

    def read_segment(self, sha256: str) -> memoryview:
        """A segment's bytes, from the document that was read last where it is in there: what has a name never changes."""
        seen = self._remote.held.document if self._remote.held is not None else self._seen
        content = None if seen is None else seen.segments.get(sha256)
        if content is None:
            content = self._current().segments.get(sha256)
        if content is None:
            raise StateDamaged("MP0511", f"the segment {sha256[:12]} is missing from the document at {self._place}", self.recovery())
        return memoryview(content)

    def write_segment(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        def added(document: Document) -> Document | None:
            there = document.segments.get(sha256)
            if there is not None and hashlib.sha256(there).hexdigest() == sha256:
                return None
            return dataclasses.replace(document, segments={**document.segments, sha256: content})

        # The state that will name these may take the place of one that names as many: `replace` counts what it names in the end.
        content = b"".join(parts)
        unpublished = {**self._unpublished, sha256: content}
        check_ids(tuple(unpublished.values()))
        self._changed(added)
        self._unpublished = unpublished

    def keep_segments(self, named: frozenset[str]) -> None:
        def kept(document: Document) -> Document | None:
            segments = {sha256: content for sha256, content in document.segments.items() if sha256 in named}
            return None if len(segments) == len(document.segments) else dataclasses.replace(document, segments=segments)

        self._changed(kept)

    def read_journal(self) -> memoryview | None:
        journal = self._current().journal
        return None if journal is None else memoryview(journal)

    def append_journal(self, record: bytes) -> None:
        def appended(document: Document) -> Document:
            after = dataclasses.replace(document, journal=(document.journal or b"") + record)
            check_remembered(after)
            return after

        self._changed(appended)

    def check_journal(self) -> None:
        held = self._remote.held
        if held is None or held.lock is None or held.document.journal is None:
            return
        held.lock.verify()
        there = self._remote.get()
        if there is not None and there.journal is not None and there.journal.startswith(held.document.journal):
            return
        raise journal_gone(
            f"the journal in the document at {self._place}",
            held.document.journal,
            "get back the version of the document that has it, or run `mixpriv apply` again: tasks that aren't remembered are found again "
            "by the 409 that Mixpanel answers",
        )

    def remove_journal(self) -> None:
        self._changed(lambda document: None if document.journal is None else dataclasses.replace(document, journal=None))

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> Lock:
        return self._remote.lock(who, timeout_seconds=timeout_seconds)

    def holder(self) -> Holder | None:
        """Who holds the lock at this moment, as the document has it; a lock of Terraform's own is seen by who wants it."""
        lease = (self._remote.get() or NO_DOCUMENT).lease
        return None if lease is None or is_over(lease.at, lease.seconds, self._remote.date) else lease.holder

    def unlock(self, lock_id: str) -> Holder:
        return self._remote.unlock(lock_id)

    def _current(self) -> Document:
        self._seen = self._remote.current()
        return self._seen or NO_DOCUMENT

    def _changed(self, change: Callable[[Document], Document | None]) -> None:
        self._seen = self._remote.change(change)


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
