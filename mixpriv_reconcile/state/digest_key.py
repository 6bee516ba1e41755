"""Where the user's digest key comes from: `MIXPRIV_DIGEST_KEY`, else `mixpriv.key` (0600)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from mixpriv_reconcile.errors import KeyProblem
from mixpriv_reconcile.model.paths import KEY_FILE
from mixpriv_reconcile.state.files import create_whole, read_whole, tighten

__all__ = ["KEY_FILE", "KEY_VARIABLE", "KEY_WANTED", "find_key", "make_key"]

KEY_VARIABLE = "MIXPRIV_DIGEST_KEY"
KEY_FILE_BYTES = 64 * 2**10

KEY_WANTED = (
    "MP0571",
    "the state is shared, and there is no digest key: none is made by itself, for everybody who shares the state needs the same",
    f"export {KEY_VARIABLE}=… from your secret store, with the value that the others use; only where there is no state yet, make one: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
)
"""Code, message and hint where a shared state has no key at hand."""


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
        raise KeyProblem(
            "MP0508",
            f"{KEY_FILE} holds no key",
            f"restore it from your backup, or set {KEY_VARIABLE}; if nothing was ever applied here, remove it: a new one is made",
        )
    return text


def make_key(root: Path) -> str:
    """A new random key in `mixpriv.key` (0600), durable when this returns; raises `StateError` rather than overwrite one."""
    key = secrets.token_urlsafe(32)
    create_whole(root / KEY_FILE, key.encode() + b"\n")
    return key
