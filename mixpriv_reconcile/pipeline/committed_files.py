"""Which files are about to be committed, where their paths begin, and their bytes: as git has staged them, or as they lie there."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from mixpriv_reconcile.errors import MixprivError, WrongUsage

__all__ = ["Content", "content_of", "paths_below", "repository", "staged_content", "staged_files", "tracked_files"]

Content = Callable[[str], bytes]
"""The bytes of a file by its path below the root; raises `OSError`."""


def repository(here: Path) -> Path:
    """The top of the git repository that *here* lies in, whose manifests may name any file of it; *here* itself where there is none."""
    try:
        top = _git(here, "rev-parse", "--show-toplevel").removesuffix(b"\n")
    except MixprivError:
        return here
    return Path(os.fsdecode(top)) if top else here


def paths_below(root: Path, here: Path, files: Sequence[str]) -> tuple[str, ...]:
    """*files*, relative to *here* or absolute, as paths below *root*; those outside stay absolute. A link is named, not followed."""
    real_root, found = os.path.realpath(root), []
    for file in files:
        folder, name = os.path.split(os.path.normpath(os.path.join(here, file)))
        real = os.path.join(os.path.realpath(folder), name)
        found.append(os.path.relpath(real, real_root) if real.startswith(real_root.rstrip("/") + "/") else real)
    return tuple(found)


def content_of(path: Path) -> bytes:
    """The bytes of *path*; raises `OSError` for what is no regular file: a FIFO, or a link to a device, may have no end."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return file.read()


def staged_files(root: Path) -> tuple[str, ...]:
    """Paths, from *root*, of what git would commit and didn't have so before; raises `WrongUsage` where git tells none."""
    told = _git(root, "diff", "--cached", "--name-only", "--relative", "--no-renames", "--diff-filter=ACMT", "-z")
    return tuple(os.fsdecode(name) for name in told.split(b"\0") if name)


def tracked_files(root: Path) -> frozenset[str]:
    """Paths, from *root*, of all that git has already or has staged; none where it tells nothing."""
    try:
        return frozenset(os.fsdecode(name) for name in _git(root, "ls-files", "-z").split(b"\0") if name)
    except WrongUsage:
        return frozenset()


def staged_content(root: Path) -> Content:
    """The bytes of a file as git would commit them, whatever lies in the folder."""

    def content(name: str) -> bytes:
        try:
            return _git(root, "show", f":./{name}")
        except MixprivError as error:
            raise OSError(error.message) from None

    return content


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        hint = "run it in a git repository, or name the files"
        raise WrongUsage("MP0683", "git doesn't tell what is staged here", hint) from None
