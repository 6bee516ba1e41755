"""From a reference to a secret: an environment variable, or a small regular file."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.secrets import Secret, SecretRef

__all__ = ["resolve"]

NO_TOKEN = frozenset(" :;,\"'`{}()[]<>|\\")
"""What stands in search paths, URLs, JSON and headers, and in no token (RFC 6750 §2.1 allows far less): a reference that leads to
another secret of the machine, by mistake or on purpose, mostly ends here."""


def resolve(ref: SecretRef, what: str, environment: Mapping[str, str], bounds: Bounds) -> Secret:
    """The secret behind *ref*; raises `CredentialMissing`, naming *what* it is for, where there is none or it can't be a token."""
    if ref.env is not None:
        text = environment.get(ref.env, "")
        if not text:
            raise CredentialMissing("MP0711", f"{what}: the environment variable {ref.env} is not set", f"export {ref.env}=…")
    else:
        text = _file(ref.file or "", what, bounds).removesuffix("\n").removesuffix("\r")
    if not text or not text.isascii() or not text.isprintable() or not NO_TOKEN.isdisjoint(text):
        hint = "a token is one line of letters, digits and - . _ ~ + / =, without spaces"
        raise CredentialMissing("MP0712", f"{what}: what stands in {ref} can't be a token", hint)
    return Secret(text)


def _file(path: str, what: str, bounds: Bounds) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise CredentialMissing("MP0713", f"{what}: {path} is not a regular file", "point to a file that holds the token")
            content = file.read(bounds.secret_bytes + 1)
            if max(facts.st_size, len(content)) > bounds.secret_bytes:
                raise CredentialMissing(
                    "MP0713", f"{what}: {path} is larger than {bounds.secret_bytes} bytes", "point to a file that holds the token alone"
                )
            return content.decode("ascii", "replace")
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "no such path can be"
        hint = "correct the path in the manifest, or the file's rights"
        raise CredentialMissing("MP0711", f"{what}: can't read {path}: {reason}", hint) from None
