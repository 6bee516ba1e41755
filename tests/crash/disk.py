"""What a power cut leaves: only what reached the disk, which is what was synced, and by chance some of the rest.

A file's bytes are durable when the file was synced, a name (new, renamed, removed) when its folder was. The worst disk keeps nothing else;
a real one keeps any part of it.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .tracing import Operation

__all__ = ["Disk"]

SECTOR_BYTES = 512


@dataclass(slots=True)
class _File:
    """One file, whatever its names are: its bytes as they were last synced, None where they never were."""

    durable: bytes | None = None


@dataclass(slots=True)
class Disk:
    """The durable contents below *root*: hand it each operation, in order, then `cut` it."""

    root: Path
    _files: dict[int, _File] = field(default_factory=dict)  # by inode, as long as it has a name
    _names: dict[str, dict[str, _File | None]] = field(default_factory=dict)  # by folder; None is a folder

    def __post_init__(self) -> None:
        """All that is there at first is durable."""
        for folder, _, names in os.walk(self.root):
            for name in names:
                self._file_at(Path(folder, name)).durable = Path(folder, name).read_bytes()
        for folder, _, _ in os.walk(self.root):
            self._sync_folder(Path(folder))

    def after(self, operation: Operation) -> None:
        """Take in an operation that succeeded."""
        if not operation.path.is_relative_to(self.root):
            return
        live = operation.live
        match operation.name:
            case "create" if operation.is_new and live is not None:
                self._files[live.stat().st_ino] = _File()  # an inode may be used again
            case "fsync" if live is not None and stat.S_ISDIR(live.stat().st_mode):
                self._sync_folder(operation.path)
            case "fsync" if live is not None:
                self._files.setdefault(live.stat().st_ino, _File()).durable = live.read_bytes()

    def _file_at(self, path: Path) -> _File:
        return self._files.setdefault(path.stat().st_ino, _File())

    def _sync_folder(self, folder: Path) -> None:
        self._names[self._key(folder)] = self._listed(folder)

    def _listed(self, folder: Path) -> dict[str, _File | None]:
        try:
            return {entry.name: None if entry.is_dir() else self._file_at(Path(entry.path)) for entry in os.scandir(folder)}
        except FileNotFoundError:
            return {}

    def _key(self, folder: Path) -> str:
        return str(folder.relative_to(self.root))

    def cut(self, chance: random.Random | None = None) -> None:
        """Make the folder what the power cut leaves of it; with *chance*, some of what wasn't synced reached the disk all the same."""
        bytes_now = {id(file): path.read_bytes() for path in self.root.rglob("*") if path.is_file() for file in [self._file_at(path)]}
        kept = self._kept(self.root, chance)
        for entry in os.scandir(self.root):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        for name, file in kept.items():
            path = self.root / name
            if file is None:
                path.mkdir(mode=0o700)
                continue
            path.touch(mode=0o600)
            path.write_bytes(_left(file.durable or b"", bytes_now.get(id(file)), chance))

    def _kept(self, folder: Path, chance: random.Random | None) -> dict[str, _File | None]:
        """Path below the root → file, folders before what is in them."""
        durable, now = self._names.get(self._key(folder), {}), self._listed(folder)
        kept: dict[str, _File | None] = {}
        for name in sorted(durable.keys() | now.keys()):
            source = durable if chance is None or chance.random() < 0.5 else now
            if name in source:
                path = folder / name
                kept[self._key(path)] = source[name]
                if source[name] is None:
                    kept |= self._kept(path, chance)
        return kept


def _left(durable: bytes, now: bytes | None, chance: random.Random | None) -> bytes:
    """Which bytes of a file are left of those that were synced and those that were written since."""
    if chance is None or now is None or not now.startswith(durable):
        return durable
    end = len(durable) + chance.randrange(len(now) - len(durable) + 1)
    sectors = max(len(durable), end // SECTOR_BYTES * SECTOR_BYTES)  # a disk keeps whole ones
    return chance.choice([durable, now, now[:end], now[:sectors] + bytes(len(now) - sectors)])
