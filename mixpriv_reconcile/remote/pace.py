"""The pace: seconds between the starts of two GDPR calls for one project, kept among all processes of this host.

A small locked file per project, a *note*, holds when the last call started. The lock is held from the wait until the request's
first bytes leave, so that two processes can't both believe it is their turn. Notes are named by a keyed hash, under a random salt
that lies beside them: a plain hash of a token would tell whoever finds it which token was used here.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.ports import Clock

__all__ = ["CONNECT_SECONDS", "SPACING_SECONDS", "PaceKept", "Paces", "runtime_folder"]

SPACING_SECONDS = 1.02
"""Least seconds between the starts of two calls at 1 request/s (contract §7.4); the 0.02 is for clocks and networks."""

COMMON_WINDOW_SECONDS = 5.0
"""A rate 429 on two projects of one token within this time makes the pace common to the token (contract §7.4)."""

RETRY_LOCK_SECONDS = 0.03

CONNECT_SECONDS = 15.0
"""Longest that a connection may take to be made, and again to be encrypted; the lock is held meanwhile."""

SALT_FILE = "salt"
SALT_BYTES = 32

NOTE_BYTES = 32
"""A moment as text. A new note is filled with blanks at once, so that a full disk shows before a call starts, not as it starts."""


class PaceKept(Exception):
    """Another process holds the note at *path* and shows no life, or the run ended before its turn came. Nothing was sent."""

    def __init__(self, path: Path) -> None:
        super().__init__("another process keeps the pace")
        self.path = path


class Paces:
    """The paces of one run: one for each project, and for a token one of its own where the server shows that it counts so.

    Raises `StateError` where *folder* can't be used: it is full, may not be written, or its file system has no locks. *is_over* says
    that the run has no more time to wait for other processes.
    """

    def __init__(
        self, clock: Clock, folder: Path, *, requests_per_second: float = 1.0, is_over: Callable[[], bool] = lambda: False
    ) -> None:
        self._clock = clock
        self._is_over = is_over
        self._folder = folder
        self._spacing = SPACING_SECONDS / requests_per_second
        self._limited: dict[str, dict[int, float]] = {}  # token → project id → when it was last told 429
        self._common: dict[str, float] = {}  # token → a moment after which its next call keeps its distance
        self._salt = _salt(folder)

    @contextlib.asynccontextmanager
    async def turn(self, access: Access, origin: str) -> AsyncIterator[Callable[[], None]]:
        """Wait for this project's turn; the block calls what it is given at the moment the request starts.

        Raises `PaceKept` where another process has its turn and never comes to an end of it, or this run ends meanwhile.
        """
        token = access.bearer.reveal()
        async with contextlib.AsyncExitStack() as stack:
            starts = [await stack.enter_async_context(self._one_turn(f"{origin} project {access.project_id}"))]
            if token in self._common:  # looked at only now, for it may have become so during the wait
                starts.append(await stack.enter_async_context(self._one_turn(f"token {token}", token)))

            def started() -> None:
                for start in starts:
                    start()
                if token in self._common:
                    self._common[token] = self._clock.monotonic()

            yield started

    @contextlib.asynccontextmanager
    async def _one_turn(self, name: str, token: str = "") -> AsyncIterator[Callable[[], None]]:
        path = self._folder / hashlib.blake2b(name.encode(), key=self._salt, digest_size=16).hexdigest()
        with _trouble(self._folder):
            descriptor = _opened(path)
        is_open = True

        def started() -> None:
            nonlocal is_open
            if is_open:
                is_open = False
                try:
                    with _trouble(self._folder):
                        _write_start(descriptor, self._clock.monotonic())
                finally:
                    os.close(descriptor)  # which lets go of the lock

        try:
            await self._lock(descriptor, path)
            with _trouble(self._folder):
                if os.fstat(descriptor).st_size < NOTE_BYTES:
                    os.pwrite(descriptor, b" " * NOTE_BYTES, 0)
            while (wait := max(self._wait_seconds(descriptor), self._common_wait_seconds(token))) > 0:
                await self._clock.sleep(wait)
            yield started
        finally:
            if is_open:
                is_open = False
                os.close(descriptor)

    async def _lock(self, descriptor: int, path: Path) -> None:
        """Wait for the lock. Its holders write in the note one after the other, however many there are; a stopped one never does."""
        patience = 2 * CONNECT_SECONDS + 2 * self._spacing
        content, since = self._content(descriptor), self._clock.monotonic()
        while not self._locked(descriptor):
            if (now := self._content(descriptor)) != content:
                content, since = now, self._clock.monotonic()
            if self._is_over() or self._clock.monotonic() - since >= patience:
                raise PaceKept(path)
            await self._clock.sleep(RETRY_LOCK_SECONDS)

    def _content(self, descriptor: int) -> bytes:
        with _trouble(self._folder):
            return os.pread(descriptor, 64, 0)

    def _wait_seconds(self, descriptor: int) -> float:
        """Seconds until the next call may start; a time from before the last boot doesn't count."""
        try:
            last = float(self._content(descriptor))
        except ValueError:
            return 0.0
        wait = last + self._spacing - self._clock.monotonic()
        # Twice, not once: what was written is rounded, so that *last* may lie a hair after now.
        return wait if wait < 2 * self._spacing else 0.0

    def _common_wait_seconds(self, token: str) -> float:
        """The same by this run's own memory: calls that started before the pace became common left no note of the token."""
        return self._common[token] + self._spacing - self._clock.monotonic() if token in self._common else 0.0

    def _locked(self, descriptor: int) -> bool:
        try:
            with _trouble(self._folder):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def was_limited(self, access: Access) -> None:
        """Note a rate 429; two projects of one token within five seconds make the pace common to the token for this run."""
        token = access.bearer.reveal()
        now = self._clock.monotonic()
        seen = self._limited.setdefault(token, {})
        seen[access.project_id] = now
        if sum(now - at <= COMMON_WINDOW_SECONDS for at in seen.values()) > 1:
            self._common.setdefault(token, now)

    def is_common(self, access: Access) -> bool:
        """Whether the pace is common to all projects of this token by now."""
        return access.bearer.reveal() in self._common


def runtime_folder(environment: Mapping[str, str]) -> Path:
    """A folder (0700) of this user on this host, shared by its processes, gone after a reboot at the latest.

    Raises `StateError` where somebody else owns what stands at its place.
    """
    # cron and sudo don't set the variable; the folder is the same one as in the same user's terminal where it is there.
    base = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    folder = Path(base) / "mixpriv" if os.path.isdir(base) else Path(tempfile.gettempdir()) / f"mixpriv-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
            raise PermissionError(errno.EPERM, "it is not a folder of this user")
        if facts.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise _unusable(folder, error) from None
    return folder


def _salt(folder: Path) -> bytes:
    """The folder's random salt, made once, whichever process comes first."""
    with _trouble(folder):
        descriptor = _opened(folder / SALT_FILE)
        try:
            salt = os.pread(descriptor, SALT_BYTES, 0)
            if len(salt) == SALT_BYTES:
                return salt  # without the lock: a process that was stopped while it held it keeps nobody up
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            salt = os.pread(descriptor, SALT_BYTES, 0)
            if len(salt) < SALT_BYTES:
                salt = secrets.token_bytes(SALT_BYTES)
                if os.pwrite(descriptor, salt, 0) < SALT_BYTES:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return salt
        finally:
            os.close(descriptor)


def _opened(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "no regular file")
    return descriptor


def _write_start(descriptor: int, seconds: float) -> None:
    """Write down when a call starts; a disk may take a part only, and old and new digits together would be another time."""
    text, done = f"{seconds:0{NOTE_BYTES}.9f}".encode(), 0
    while done < len(text):
        done += os.pwrite(descriptor, text[done:], done)


@contextlib.contextmanager
def _trouble(folder: Path) -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        raise _unusable(folder, error) from None


def _unusable(folder: Path, error: OSError) -> StateError:
    why = f" ({error.strerror})" if error.strerror else ""
    message = f"can't use {folder} to keep the pace between processes{why}"
    return StateError("MP0725", message, "set XDG_RUNTIME_DIR to a folder of your own")
