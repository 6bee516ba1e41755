"""What the schema calls a default is what the program takes where a manifest is silent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mixpriv_reconcile.manifest.schema import manifest_schema
from mixpriv_reconcile.model.workspace import StateLocation

from .workspace import read

PLACES = frozenset({"span", "spans", "lines", "columns"})
"""Fields that say where something stands in its file."""


def test_the_defaults_are_those_of_the_program(tmp_path: Path) -> None:
    """A manifest that writes every default out means the same as one that leaves them out."""
    shared = manifest_schema()["properties"]["workspace"]["properties"]
    written = {key: defaults for key, schema in shared.items() if (defaults := defaults_of(schema)) is not None}
    del written["state"]["lock_method"], written["state"]["unlock_method"]  # of another backend than the default
    project = {"id": 1, "token": {"env": "T"}, "residency": "eu", "opt_outs": {"distinct_ids": ["a"], "write_to": "o.json"}}
    full = project | {"data_groups": 0, "opt_outs": {**project["opt_outs"], "digest": "sha256"}}  # type: ignore[dict-item]
    offered = manifest_schema()["$defs"]["project"]["properties"]

    assert {"timezone", "state", "policy", "limits"} == written.keys()
    assert [0, "sha256"] == [offered["data_groups"]["default"], offered["opt_outs"]["properties"]["digest"]["default"]]
    short = meant(tmp_path / "short", {"version": 1, "workspace": {}, "projects": {"a": project}})
    assert short == meant(tmp_path / "full", {"version": 1, "workspace": written, "projects": {"a": full}})


def test_the_methods_of_a_server_of_states_have_the_programs_defaults() -> None:
    """`lock_method` and `unlock_method` are what is sent where they are left out."""
    offered = manifest_schema()["properties"]["workspace"]["properties"]["state"]["properties"]

    assert {name: getattr(StateLocation(), name) for name in ("lock_method", "unlock_method")} == {
        name: offered[name]["default"] for name in ("lock_method", "unlock_method")
    }


def defaults_of(schema: Any) -> Any:
    """What *schema* says its value is where it is left out; None where it says nothing."""
    if "default" in schema:
        return schema["default"]
    found = {key: value for key, below in schema.get("properties", {}).items() if (value := defaults_of(below)) is not None}
    return found or None


def meant(root: Path, document: Any) -> Any:
    """What the program makes of a manifest, but for places in the file."""
    root.mkdir()
    desired = read(root, yaml.safe_dump(document)).desired
    assert desired is not None
    return spanless([desired.workspace, desired.projects, desired.resources])


def spanless(value: Any) -> Any:
    """*value* and all in it as plain data, without the places where it stands in files."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: spanless(getattr(value, field.name)) for field in dataclasses.fields(value) if field.name not in PLACES}
    if isinstance(value, Mapping):
        return {str(key): spanless(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [spanless(inner) for inner in value]
    return value
