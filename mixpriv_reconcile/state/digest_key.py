"""Where the user's digest key comes from: `MIXPRIV_DIGEST_KEY`, else `mixpriv.key` (0600)."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from mixpriv_reconcile.errors import KeyProblem
from mixpriv_reconcile.state.files import read_whole, sync_folder, tighten, trouble, write_all

__all__ = ["KEY_FILE", "KEY_VARIABLE", "find_key", "make_key"]

KEY_FILE = "mixpriv.key"
KEY_VARIABLE = "MIXPRIV_DIGEST_KEY"
KEY_FILE_BYTES = 64 * 2**10


def find_key(root: Path, environment: Mapping[str, str]) -> str | None:
    """The user's key, None where there is none; raises `KeyProblem` for a key file that can't be one."""
    if KEY_VARIABLE in environment:
        return environment[KEY_VARIABLE]
    path = root / KEY_FILE
    content = read_whole(path, instead=f"move it away, and restore it from your backup, or set {KEY_VARIABLE} to the same value as before")
    if content is None:
        return None
    tighten(path)
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text or not text.isprintable() or len(content) > KEY_FILE_BYTES:
        # Zero bytes are what a power cut may leave of a new file: they would make a key that anybody can guess.
        raise KeyProblem("MP0508", f"{KEY_FILE} holds no key", f"restore it from your backup, or set {KEY_VARIABLE}")
    return text


def make_key(root: Path) -> str:
    """A new random key in `mixpriv.key` (0600), durable when this returns; never overwrites one."""
    path = root / KEY_FILE
    key = secrets.token_urlsafe(32)
    with trouble("create", path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                write_all(descriptor, key.encode() + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(path)  # half a key would be taken for one
            raise
        sync_folder(root)
    return key
