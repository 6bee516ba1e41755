"""Segments in an object store: created once under the name of their content, read through copies in a private folder.

A segment never changes, so a copy with the bytes of its name is as good as the segment.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.state.files import make_folders, write_atomically
from mixpriv_reconcile.state.object_store import PARALLEL, Objects, Version
from mixpriv_reconcile.state.object_trouble import AGAIN

__all__ = ["Segments"]

FOLDER: Final = "segments"
SUFFIX: Final = ".seg"

NAME: Final = re.compile(r"segments/[0-9a-f]{64}\.seg")
"""What is a segment of this place: below it another workspace's may lie, where one prefix begins with the other."""

COPY: Final = re.compile(r"[0-9a-f]{64}\.seg|\.[0-9a-f]{64}\.seg\..*\.tmp")
"""What is a copy, or was about to be one; anything else in the folder isn't ours."""


class Segments:
    """The segments in *objects*, with copies in the folder *cache*; *verify* is called before each write."""

    def __init__(self, objects: Objects, cache: Path, place: str, verify: Callable[[], None]) -> None:
        self._objects = objects
        self._cache = cache
        self._place = place
        self._verify = verify
        self._near: dict[str, memoryview] = {}  # fetched, and not read yet

    def fetch(self, named: frozenset[str]) -> None:
        """Bring these segments near, side by side; `read` says what is wrong with one that couldn't be fetched."""

        def one(sha256: str) -> memoryview | None:
            with contextlib.suppress(StateError):
                return self._copied(sha256) or self._stored(sha256)
            return None

        names = sorted(named)
        with ThreadPoolExecutor(PARALLEL) as pool:
            found = zip(names, pool.map(one, names), strict=True)
            self._near = {sha256: content for sha256, content in found if content is not None}

    def read(self, sha256: str) -> memoryview:
        """A segment's bytes; raises `StateDamaged` where it is missing."""
        return self._near.pop(sha256, None) or self._copied(sha256) or self._stored(sha256)

    def _stored(self, sha256: str) -> memoryview:
        """The bytes that lie in the storage; from now on there is a copy of them, if they are those of the name."""
        found = self._objects.get(_name(sha256))
        if found is None:
            raise StateDamaged(
                "MP0511",
                f"the segment {sha256}{SUFFIX} is missing from {self._place}",
                f"restore {_name(sha256)} there, from an older version if the storage keeps them, or from your backup",
            )
        if hashlib.sha256(found.content).hexdigest() != sha256 or not self._may_copy():
            return found.content  # of wrong bytes whoever reads them says that they are damaged; as a copy they would be of no use
        with contextlib.suppress(StateError):  # without copies it only takes longer
            make_folders(self._cache)
            write_atomically(self._cache / f"{sha256}{SUFFIX}", [found.content])
            return self._mapped(sha256) or found.content
        return found.content

    def _copied(self, sha256: str) -> memoryview | None:
        """The copy, mapped into memory; None where there is none with the bytes of its name."""
        content = self._mapped(sha256)
        return content if content is not None and hashlib.sha256(content).hexdigest() == sha256 else None

    def _mapped(self, sha256: str) -> memoryview | None:
        if not self._may_copy():
            return None
        try:
            descriptor = os.open(self._cache / f"{sha256}{SUFFIX}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            return None  # an empty file, or none that can be mapped
        finally:
            os.close(descriptor)

    def write(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        """Store a segment under its content's name; one that is there is left, unless its bytes aren't those of the name."""
        content = b"".join(parts)
        self._near.pop(sha256, None)
        self._verify()
        there = self._objects.create(_name(sha256), content)
        while not isinstance(there, Version):
            if hashlib.sha256(there.content).hexdigest() == sha256:
                return
            self._verify()
            healed = self._objects.update(_name(sha256), content, there.version)
            if healed is None:
                raise StateError("MP0560", f"{self._place} can't be used: a segment was removed while it was stored", AGAIN)
            there = healed

    def keep(self, named: frozenset[str]) -> None:
        """Remove every segment that *named* doesn't hold, and every such copy."""
        kept = set(map(_name, named))
        unnamed = [name for name in self._objects.names(FOLDER) if NAME.fullmatch(name) and name not in kept]
        if unnamed:
            self._verify()
            self._objects.remove(unnamed)
        for path in self._cache.glob("*") if self._may_copy() else ():
            if COPY.fullmatch(path.name) and path.name.removesuffix(SUFFIX) not in named:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _may_copy(self) -> bool:
        """Whether the folder for copies is ours: a link in its place, which a repository may bring, would have files elsewhere removed."""
        return not (self._cache.is_symlink() or self._cache.parent.is_symlink())

    @property
    def are_there(self) -> bool:
        return any(NAME.fullmatch(name) for name in self._objects.names(FOLDER))


def _name(sha256: str) -> str:
    return f"{FOLDER}/{sha256}{SUFFIX}"
