"""The published JSON Schemas, as they lie in the installed package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["SCHEMAS", "schema_text"]

SCHEMAS = ("manifest", "plan", "state", "portable", "event", "apply", "refresh", "status", "sdk", "opt-outs", "diagnostics", "results")


def schema_text(name: str) -> str:
    """The text of the schema *name*, one of `SCHEMAS`."""
    file = f"{name}.v1.schema.json"
    installed = resources.files("mixpriv_reconcile").joinpath("schemas", file)
    if installed.is_file():
        return installed.read_text("utf-8")
    # In a source tree they lie beside the package; the wheel is built with them inside.
    return (Path(__file__).parent.parent / "schemas" / file).read_text("utf-8")
