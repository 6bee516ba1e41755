"""A small store of objects over obstore: conditional writes whose outcome is known when they return."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.state.object_trouble import AGAIN, failures, is_missing, is_taken, trouble

if TYPE_CHECKING:
    from obstore import ObjectMeta, UpdateVersion
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

__all__ = ["Found", "Objects", "Options", "Version", "check_endpoint", "chosen", "clients"]

T = TypeVar("T")

MOST_BYTES = 2**30
"""Largest object that is read: a segment of fifty million ids, the most that one request may have, in 20 bytes each."""

PARALLEL = 16
"""Reads and removals at once: enough to hide a storage's latency, few enough to be no burst for it."""

SOON_SECONDS = 0.5
"""How long a conditional write that failed, and wasn't done, is tried again."""

AGAIN_SECONDS = 0.05

REMOVED_AT_ONCE = 250
"""Objects in one call that removes many. Source: 1000 for S3's DeleteObjects, 256 for Azure's Blob Batch."""


@dataclass(frozen=True, slots=True)
class Version:
    """Exactly one version of an object: what a conditional write names. Google has generations beside ETags."""

    e_tag: str | None
    generation: str | None = None

    @classmethod
    def of(cls, told: Any) -> Version:
        """The version in what obstore tells of an object."""
        return cls(told["e_tag"], told["version"])

    @property
    def mode(self) -> UpdateVersion:
        mode: UpdateVersion = {}
        if self.e_tag is not None:
            mode["e_tag"] = self.e_tag
        if self.generation is not None:
            mode["version"] = self.generation
        return mode


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was read; *modified* is by the storage's own clock, in whole seconds."""

    content: memoryview = field(repr=False)
    version: Version
    modified: datetime

    def bytes_are(self, content: bytes) -> bool:
        return self.content == memoryview(content)


@dataclass(frozen=True, slots=True)
class Options:
    """How patient a client is. *seconds* is the longest that one try of a call may take."""

    seconds: float
    allows_http: bool = False

    @property
    def client(self) -> ClientConfig:
        return {
            "timeout": timedelta(seconds=self.seconds),
            "connect_timeout": timedelta(seconds=min(10.0, self.seconds)),
            "allow_http": self.allows_http,
        }

    @property
    def retry(self) -> RetryConfig:
        """Few tries, soon: who can wait longer does so knowing what is at stake."""
        backoff = timedelta(milliseconds=50)
        return {
            "max_retries": 2,
            "retry_timeout": timedelta(seconds=self.seconds),
            "backoff": {"init_backoff": backoff, "max_backoff": 8 * backoff, "base": 2},
        }


class Objects:
    """Objects by name below one place. Every method raises `StateError` for what the storage fails with.

    A write whose answer was lost is looked up before it returns: it was done, or it wasn't.
    """

    def __init__(self, store: ObjectStore, place: str) -> None:
        self._store = store
        self._place = place

    def get(self, name: str) -> Found | None:
        """The object, None where there is none."""
        return self._unless_missing(lambda: self._read(name))

    def _read(self, name: str) -> Found:
        result = self._store.get(name)
        meta: ObjectMeta = result.meta
        if meta["size"] > MOST_BYTES:
            raise StateError("MP0560", f"{name} in {self._place} has more than {MOST_BYTES:,} bytes: it is none of ours", AGAIN)
        return Found(memoryview(result.bytes()), Version.of(meta), meta["last_modified"])

    def version(self, name: str) -> Version | None:
        """The version of the object that is there, None where there is none."""
        return self._unless_missing(lambda: Version.of(self._store.head(name)))

    def get_all(self, names: Sequence[str]) -> tuple[Found | None, ...]:
        """Many objects, read side by side, in the order of their names."""
        if not names:
            return ()
        with ThreadPoolExecutor(min(PARALLEL, len(names))) as pool:
            return tuple(pool.map(self.get, names))

    def create(self, name: str, content: bytes) -> Version | Found:
        """Store *content* where nothing is; the new version, or what is there instead."""
        outcome = self._written(name, content, "create", lambda found: found is None)
        if outcome is None:
            raise StateError("MP0560", f"{self._place} can't be used: an object came and went while it was written", AGAIN)
        return outcome

    def update(self, name: str, content: bytes, version: Version) -> Version | Found | None:
        """Store *content* in place of *version*; the new version, or what is there instead, None for nothing."""
        return self._written(name, content, version.mode, lambda found: found is not None and found.version == version)

    def put(self, name: str, content: bytes) -> None:
        """Store *content*, whatever is there. May be done twice."""
        with self._failing():
            self._store.put(name, content, use_multipart=False)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of all objects in *folder*, sorted."""
        return tuple(self.sizes(folder))

    def sizes(self, folder: str) -> Mapping[str, int]:
        """How many bytes each object in *folder* has, by name, sorted."""
        with self._failing():
            return dict(sorted((meta["path"], meta["size"]) for chunk in self._store.list(folder, chunk_size=1000) for meta in chunk))

    def remove(self, names: Iterable[str]) -> None:
        """Remove the objects that are there."""
        rest = list(names)
        while rest:
            now, rest = rest[:REMOVED_AT_ONCE], rest[REMOVED_AT_ONCE:]
            try:
                self._store.delete(now)
            except failures() as error:
                if not is_missing(error):
                    raise trouble(error, self._place) from None
                with ThreadPoolExecutor(PARALLEL) as pool:  # one was gone already: the others one by one
                    list(pool.map(self._remove, now))

    def _remove(self, name: str) -> None:
        self._unless_missing(lambda: self._store.delete(name))

    def _written(self, name: str, content: bytes, mode: Any, is_before: Callable[[Found | None], bool]) -> Version | Found | None:
        began = time.monotonic()
        while True:
            try:
                return Version.of(self._store.put(name, content, mode=mode, use_multipart=False))
            except failures() as error:
                # "Taken" may be our own write, tried twice; and what failed may have been done. Only a look tells.
                was_taken, failure = is_taken(error) or is_missing(error), trouble(error, self._place)
            if failure.code in ("MP0561", "MP0563"):
                raise failure
            found = self.get(name)
            if found is not None and found.bytes_are(content):
                return found.version
            if was_taken or not is_before(found):
                return found
            # Not done. A connection that was kept open and is closed by now fails at once, and obstore tries no conditional write again.
            if time.monotonic() - began > SOON_SECONDS:
                raise failure
            time.sleep(AGAIN_SECONDS)

    def _unless_missing(self, call: Callable[[], T]) -> T | None:
        """What *call* gives, None where it finds no such object."""
        try:
            return call()
        except failures() as error:
            if is_missing(error):
                return None
            raise trouble(error, self._place) from None

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except failures() as error:
            raise trouble(error, self._place) from None


def clients(store: Callable[..., ObjectStore], bucket: str, prefix: str, config: Mapping[str, str]) -> Callable[[Options], ObjectStore]:
    """What makes clients of a kind of *store*, each with the patience that it is asked for."""

    def built(options: Options) -> ObjectStore:
        return store(bucket, prefix=prefix or None, config=config, client_options=options.client, retry_config=options.retry)

    return built


def check_endpoint(endpoint: str, place: str) -> bool:
    """Raise `StateError` where *endpoint* would send the state openly over a network; whether it is http, on this very machine."""
    url = urlsplit(endpoint)
    if url.scheme != "http":
        return False
    if not is_loopback(url.hostname or ""):
        raise StateError(
            "MP0562",
            f"the endpoint of {place} begins with http://: the state and the lock would go over the network for all to read and alter",
            "write https:// in `endpoint`; http:// is for this machine alone",
        )
    return True


def chosen(environment: Mapping[str, str], prefix: str, known: Sequence[str]) -> dict[str, str]:
    """What *environment* sets of *known*, by name without *prefix*, in small letters.

    It is handed to the client by name, so that it goes before what the client finds by itself: obstore reads the environment of the
    process, all that begins with *prefix*, and nothing here keeps it from that.
    """
    return {name: value for name in known if (value := environment.get(prefix + name.upper()))}
