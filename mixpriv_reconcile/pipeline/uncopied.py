"""A shared state as others see it: without the copies of its segments that this machine has."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline.opening import backend_at
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import StateBackend

__all__ = ["is_stored", "uncopied"]


@contextlib.contextmanager
def uncopied(setting: Setting, location: StateLocation) -> Iterator[StateBackend]:
    """A door of its own to what is really stored at *location*: the copies of segments on this disk would prove nothing."""
    if not location.is_shared:
        yield backend_at(setting, location)
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="mixpriv-", ignore_cleanup_errors=True)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise StateError("MP0520", f"can't create a temporary folder: {reason}", "make room, or set TMPDIR, then run it again") from None
    with folder as path:
        yield backend_at(setting, location, cache_root=Path(path))


def is_stored(backend: StateBackend, sha256: str) -> bool:
    """Whether the segment lies there with the bytes of its name, as far as *backend* can tell."""
    try:
        return hashlib.sha256(backend.read_segment(sha256)).hexdigest() == sha256
    except StateError:
        return False
