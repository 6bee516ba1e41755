"""A state's location as its settings: to be remembered, compared, and written as a manifest has it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["KEYS", "SECRETS", "as_block", "is_same_place", "location_from", "public_settings", "settings"]

KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "local": {"path": "path"},
    "s3": {"bucket": "bucket", "prefix": "prefix", "region": "region", "endpoint": "endpoint"},
    "gcs": {"bucket": "bucket", "prefix": "prefix", "endpoint": "endpoint"},
    "azure": {"account": "account", "container": "bucket", "prefix": "prefix", "endpoint": "endpoint"},
    "http": {name: name for name in ("address", "lock_address", "unlock_address", "lock_method", "unlock_method")},
}
"""By backend, the keys of a manifest and the fields of a location that they fill, but for references to credentials."""

SECRETS: Final = ("username", "password")
"""Keys, and fields, of `http` that refer to credentials."""

IDENTITY: Final = ("backend", "path", "bucket", "prefix", "endpoint", "account", "address")
"""Fields that say which place it is; the others say how it is reached."""

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?:://?[A-Za-z0-9_./-]+)?(?::[0-9]{1,5}(?:/[A-Za-z0-9_./-]*)?)?")
"""Text that is itself in YAML without quotes, but for the words below."""

WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Text that some reader of YAML takes for something else."""


def is_same_place(one: StateLocation, other: StateLocation) -> bool:
    """Whether both mean the same state, however it is reached: by another region's name, or with other credentials."""
    return all(getattr(one, name) == getattr(other, name) for name in IDENTITY)


def public_settings(location: StateLocation) -> Mapping[str, str]:
    """The keys of a manifest that lead to *location*, without credentials and references to them; none with its default but the path."""
    default = StateLocation(lock_address=location.address, unlock_address=location.address, path="")
    found = {key: str(getattr(location, name)) for key, name in KEYS[location.backend].items()}
    missing = {key for key, name in KEYS[location.backend].items() if found[key] in ("", getattr(default, name))}
    return {"backend": location.backend, **{key: value for key, value in found.items() if key not in missing}}


def settings(location: StateLocation) -> Mapping[str, Any]:
    """The same, with the references to credentials."""
    references = {name: _reference(ref) for name in SECRETS if (ref := getattr(location, name)) is not None}
    return {**public_settings(location), **references}


def location_from(values: object) -> StateLocation | None:
    """The location that `public_settings` made *values* from; None where they are something else. Nothing in it is checked."""
    if not isinstance(values, dict) or not isinstance(backend := values.get("backend"), str) or backend not in KEYS:
        return None
    given = {key: value for key, value in values.items() if key != "backend"}
    if not given.keys() <= KEYS[backend].keys() or not all(isinstance(value, str) for value in given.values()):
        return None
    fields = {KEYS[backend][key]: value for key, value in given.items()}
    if backend == "http":
        address = fields.get("address", "")
        fields = {"lock_address": address, "unlock_address": address, **fields}
    return StateLocation(backend=backend, **fields)


def as_block(values: Mapping[str, Any]) -> str:
    """Settings as a manifest has them after `state:`, on one line."""
    written = ", ".join(f"{key}: {as_block(value) if isinstance(value, Mapping) else _scalar(value)}" for key, value in values.items())
    return f"{{{written}}}"


def _reference(ref: SecretRef) -> Mapping[str, str]:
    return {"env": ref.env} if ref.env is not None else {"file": ref.file or ""}


def _scalar(text: str) -> str:
    """*text* in YAML; in quotes as JSON has it where it isn't plain."""
    return text if PLAIN.fullmatch(text) and text.lower() not in WORDS else json.dumps(text)
