"""The key that makes digests: derived from the user's with a memory-hard function, so that a short one isn't guessed cheaply."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from mixpriv_reconcile.errors import KeyProblem
from mixpriv_reconcile.model.secrets import MASK

__all__ = ["SCHEME", "DigestKey", "check_length", "derive", "random_key"]

SCHEME = "aes-256-cmac/scrypt-32768-8-1/v1"

# scrypt of RFC 7914: 32 MiB and about a tenth of a second, once a run. A change of any of these is a new scheme.
_COST, _BLOCK, _PARALLEL = 32768, 8, 1
_SALT = b"mixpriv/digest-key/v1"
_MEMORY = 64 * 2**20  # OpenSSL's own ceiling of 32 MiB is just too low for this cost

SHORTEST = 16
"""Characters of the shortest key that is accepted."""


class DigestKey:
    """Independent sub-keys of one root. Printing it prints a mask; only `check` may be stored."""

    __slots__ = ("_root",)

    def __init__(self, root: bytes) -> None:
        self._root = root

    @property
    def scheme(self) -> str:
        return SCHEME

    @property
    def check(self) -> str:
        """32 hex digits that tell this key from another and reveal neither."""
        return hmac.digest(self._sub_key(b"check"), b"mixpriv/check/v1", "sha256")[:16].hex()

    @property
    def aes(self) -> bytes:
        """The AES-256 key of the digests of distinct ids."""
        return self._sub_key(b"distinct-id")

    @property
    def source(self) -> bytes:
        """The key of hashes over whole source files."""
        return self._sub_key(b"source")

    @property
    def plan(self) -> bytes:
        """The key of what a saved plan is sealed with."""
        return self._sub_key(b"plan")

    def _sub_key(self, label: bytes) -> bytes:
        return hmac.digest(self._root, label, "sha256")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DigestKey) and hmac.compare_digest(other._root, self._root)

    def __hash__(self) -> int:
        return hash(self.check)

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a DigestKey is not pickled")


def check_length(user_key: str) -> None:
    """Raise `KeyProblem` where what the user wrote is shorter than 16 characters."""
    if len(user_key) < SHORTEST:
        raise KeyProblem(
            "MP0507",
            f"the digest key has {len(user_key)} characters; it needs at least {SHORTEST}",
            "make one with `openssl rand -hex 32`",
        )


def derive(user_key: str) -> DigestKey:
    """The key behind what the user wrote; `KeyProblem` when that is shorter than 16 characters, `MemoryError` below 32 MiB of room."""
    check_length(user_key)
    # surrogateescape: bytes of an environment variable that aren't UTF-8 still make a key
    password = user_key.encode("utf-8", "surrogateescape")
    try:
        return DigestKey(hashlib.scrypt(password, salt=_SALT, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY, dklen=32))
    except ValueError:  # all of its parameters are ours, so that its memory is what is missing
        raise MemoryError from None


def random_key() -> DigestKey:
    """A key for one run that remembers nothing, such as `validate`."""
    return DigestKey(secrets.token_bytes(32))
