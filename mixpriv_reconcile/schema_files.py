"""The published JSON Schemas, as they lie in the installed package."""

from __future__ import annotations

from importlib import resources

__all__ = ["SCHEMAS", "schema_text"]

SCHEMAS = ("manifest", "plan", "state", "event", "status", "diagnostics")


def schema_text(name: str) -> str:
    """The text of the schema *name*, one of `SCHEMAS`."""
    return resources.files("mixpriv_reconcile").joinpath("schemas", f"{name}.v1.schema.json").read_text("utf-8")
