"""Where a state can be kept: one file of this folder for each, by the name that manifests use."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.ports import StateBackend

__all__ = ["Surroundings", "open_backend"]

BACKENDS: Final = ("local", "s3", "gcs", "azure", "http")
"""Each is a module of this package with an `opened(location, surroundings)`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a backend may use of the machine it runs on. *secret* resolves a reference; its second argument names it in errors."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    lease: Lease
    secret: Callable[[SecretRef, str], Secret]

    @property
    def cache(self) -> Path:
        """A private folder for copies of segments, which never change; safe to delete."""
        return self.root / ".mixpriv" / "segments"


def open_backend(location: StateLocation, surroundings: Surroundings) -> StateBackend:
    """The door to the state at *location*; nothing is read or written yet."""
    assert location.backend in BACKENDS
    module = importlib.import_module(f"mixpriv_reconcile.state.{location.backend}")
    backend: StateBackend = module.opened(location, surroundings)
    return backend
