"""The manifest's JSON Schema (2020-12), put together from the kinds' fragments.

`python -m mixpriv_reconcile.manifest.schema DIR` writes it to DIR, where it is published for editors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mixpriv_reconcile.kinds import KINDS, NOT_BUILT_KINDS
from mixpriv_reconcile.model.workspace import MAX_IDS_PER_DELETION

__all__ = ["manifest_schema"]

NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]*$"

Schema = dict[str, Any]


def manifest_schema() -> Schema:
    """The schema as a plain document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "manifest.v1.schema.json",
        "title": "mixpriv manifest",
        "description": "Privacy operations for Mixpanel. All manifests below a workspace's folder are merged.",
        "type": "object",
        "required": ["version"],
        "anyOf": [{"required": ["workspace"]}, {"required": ["projects"]}],
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1, "title": "Version", "description": "Of this format."},
            "workspace": _workspace(),
            "projects": {
                "type": "object",
                "title": "Projects",
                "description": "Projects of Mixpanel by a name of your choice.",
                "propertyNames": {"pattern": NAME_PATTERN},
                "additionalProperties": {"$ref": "#/$defs/project"},
            },
        },
        "$defs": {
            "project": _project(),
            "secretRef": _secret_ref(),
            "date": {
                "type": "string",
                "format": "date",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "A day, YYYY-MM-DD.",
                "examples": ["2026-11-03"],
            },
            "distinctIds": {
                "type": "array",
                "title": "Distinct ids",
                "description": "Taken as written: 007, 1e5 and no stay themselves.",
                "items": {"type": ["string", "number", "boolean", "null"]},
                "examples": [["user-17", "user-18"]],
            },
            "from": {
                "type": "array",
                "title": "Id files",
                "description": "Files of ids, relative to this manifest; globs are allowed, and .gz of each.",
                "items": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "minLength": 1, "title": "Path or glob", "examples": ["requests/2026-11.csv"]},
                        "column": {"type": "string", "minLength": 1, "title": "Column", "description": "Of a .csv file, by name."},
                        "field": {"type": "string", "minLength": 1, "title": "Field", "description": "Of each object of a .ndjson file."},
                    },
                },
            },
        },
    }


def _project() -> Schema:
    properties: Schema = {
        "id": {
            "type": "integer",
            "minimum": 1,
            "title": "Project id",
            "description": "The number in Project Settings › Overview.",
            "examples": [1978118],
        },
        "token": {
            "$ref": "#/$defs/secretRef",
            "title": "Project token",
            "description": "Where the project token lies; never the token itself.",
        },
        "data_groups": {
            "type": "integer",
            "minimum": 0,
            "default": 0,
            "title": "Data groups",
            "description": f"Group Analytics lowers the ids per deletion to floor({MAX_IDS_PER_DELETION} / (groups + 1)).",
        },
    }
    for kind in KINDS:
        properties[kind.name] = _named(dict(kind.schema)) if kind.per_name else dict(kind.schema)
    for key in NOT_BUILT_KINDS:
        properties[key] = {"description": "Not built in this version: using it is an error."}
    return {
        "type": "object",
        "title": "Project",
        "required": ["id", "token", "residency"],
        "additionalProperties": False,
        "properties": properties,
    }


def _named(schema: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": NAME_PATTERN}, "additionalProperties": schema}


def _secret_ref() -> Schema:
    return {
        "type": "object",
        "title": "Reference to a secret",
        "description": "Where the secret lies: {env: NAME} or {file: PATH}.",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "title": "Environment variable"},
            "file": {"type": "string", "minLength": 1, "title": "File"},
        },
        "examples": [{"env": "MIXPANEL_GDPR_TOKEN"}],
    }


def _workspace() -> Schema:
    return _object(
        "Workspace",
        "Settings of the whole workspace; one block in all manifests together.",
        {
            "organization": _object(
                "Organization", "", {"id": {"type": "integer", "minimum": 1, "description": "The organization id in the SSO postback URL."}}, ["id"]
            ),
            "timezone": {"type": "string", "default": "UTC", "description": "Which day it is, for deadlines.", "examples": ["Europe/Berlin"]},
            "state": _object(
                "State",
                "Where the state is kept.",
                {
                    "backend": {"type": "string", "enum": ["local", "s3", "gcs", "azure", "http"], "default": "local"},
                    "path": {"type": "string", "minLength": 1, "default": "mixpriv.state.json"},
                },
            ),
            "credentials": _object(
                "Credentials",
                "Where secrets lie; never the secrets.",
                {
                    "gdpr_token": _gdpr_token(),
                    "service_account": {"description": "Not built in this version: using it is an error."},
                },
            ),
            "policy": _object(
                "Policy",
                "What one plan may do.",
                {
                    "max_deletions": {
                        "type": "integer",
                        "minimum": 0,
                        "default": 10000,
                        "description": "Distinct ids that one plan may erase.",
                    },
                    "max_withdrawals": {
                        "type": "integer",
                        "minimum": 0,
                        "default": 1000,
                        "description": "Distinct ids that one plan may withdraw.",
                    },
                    "opt_out": {
                        "type": "string",
                        "enum": ["off", "warn", "require"],
                        "default": "warn",
                        "description": "Must every id to erase also be opted out?",
                    },
                    "due_soon": {
                        "type": "string",
                        "pattern": "^[0-9]{1,4}d$",
                        "default": "7d",
                        "description": "Flag requests this close to their deadline.",
                    },
                    "allow_placeholder_ids": {
                        "type": "array",
                        "items": {"type": "string"},
                        "default": [],
                        "description": "Placeholder ids that are real ids here.",
                    },
                },
            ),
            "limits": _object(
                "Limits",
                "May be set lower than Mixpanel's, never higher.",
                {
                    "distinct_ids_per_request": {"type": "integer", "minimum": 1, "maximum": MAX_IDS_PER_DELETION, "default": 2000},
                    "requests_per_second": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 1},
                },
            ),
        },
    )


def _gdpr_token() -> Schema:
    reference = _secret_ref()
    reference["properties"]["issued"] = {"$ref": "#/$defs/date", "description": "The day the token was made; it is valid for one year."}
    reference["maxProperties"] = 2
    reference["oneOf"] = [{"required": ["env"]}, {"required": ["file"]}]
    reference["title"] = "GDPR OAuth token"
    reference["examples"] = [{"env": "MIXPANEL_GDPR_TOKEN", "issued": "2026-03-01"}]
    return reference


def _object(title: str, description: str, properties: Schema, required: list[str] | None = None) -> Schema:
    schema: Schema = {"type": "object", "title": title, "additionalProperties": False, "properties": properties}
    if description:
        schema["description"] = description
    if required:
        schema["required"] = required
    return schema


def main(folder: str) -> None:
    """Write the schema to *folder*."""
    text = json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"
    Path(folder, "manifest.v1.schema.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
