"""Whether a YAML file is a manifest, or was meant to be one: other YAML may lie beside manifests and is left alone."""

from __future__ import annotations

from typing import Any

__all__ = ["KEYS", "is_manifest", "is_near_one", "is_old_one"]

KEYS = frozenset({"workspace", "projects"})
SURE_PROJECT_KEYS = frozenset({"residency", "deletions"})
PROJECT_KEYS = SURE_PROJECT_KEYS | {"id", "token", "sso"}
WORKSPACE_KEYS = frozenset({"credentials", "organization", "policy"})


def is_manifest(values: Any) -> bool:
    """Whether the top level says `version: 1` (the number, not a text) and has `workspace:` or `projects:`."""
    return isinstance(values, dict) and not KEYS.isdisjoint(values) and type(values.get("version")) is int and values["version"] == 1


def is_old_one(values: Any) -> bool:
    """Whether this is a manifest of another version, or of this one written wrongly."""
    return isinstance(values, dict) and not KEYS.isdisjoint(values) and "version" in values and is_near_one(values)


def is_near_one(values: Any) -> bool:
    """Whether something at the top holds what only a manifest has, whatever it is called there."""
    if not isinstance(values, dict):
        return False
    blocks = [block for block in values.values() if isinstance(block, dict)]
    if any(not WORKSPACE_KEYS.isdisjoint(block) for key, block in values.items() if key == "workspace" and isinstance(block, dict)):
        return True
    return any(_is_project(project) for block in blocks for project in block.values())


def _is_project(value: Any) -> bool:
    return isinstance(value, dict) and not SURE_PROJECT_KEYS.isdisjoint(value) and len(PROJECT_KEYS & value.keys()) > 1
