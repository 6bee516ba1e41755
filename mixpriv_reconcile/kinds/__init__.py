"""WHAT can be managed: one file a kind, each with a `KIND` value; the folder listing is the registry."""

from __future__ import annotations

import importlib
import pkgutil

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle

__all__ = ["KINDS", "Kind", "Lifecycle", "kind_named"]

SHARED = frozenset({"account", "exports", "gathered", "kind", "law", "requests", "standing", "wire", "withdrawing"})
"""Modules here that hold no kind but what several of them share; they are loaded by whoever needs them, some are slow to load."""


def _listed() -> tuple[Kind, ...]:
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__) if entry.name not in SHARED)
    return tuple(sorted((module.KIND for module in modules), key=lambda kind: kind.order))


KINDS: tuple[Kind, ...] = _listed()
"""Every kind of this version, in the order of work within a project."""


def kind_named(name: str) -> Kind:
    """The kind whose name in addresses is *name*; raises `KeyError` for one that isn't built."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise KeyError(name)
