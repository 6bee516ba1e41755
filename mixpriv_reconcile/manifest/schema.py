"""The manifest's JSON Schema (2020-12), put together from the kinds' fragments.

`python -m mixpriv_reconcile.manifest.schema DIR` writes it to DIR, where it is published for editors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mixpriv_reconcile.kinds import KINDS, Kind
from mixpriv_reconcile.manifest.state_schema import state_schema
from mixpriv_reconcile.model.address import NAME
from mixpriv_reconcile.model.workspace import MAX_IDS_PER_DELETION, MAX_REQUESTS_PER_SECOND

__all__ = ["manifest_schema"]

NAME_PATTERN = f"^{NAME}$"

SCALAR = ["string", "number", "boolean", "null"]

Schema = dict[str, Any]


def manifest_schema() -> Schema:
    """The schema as a plain document. `x-shown-as` says which form of a text may be shown in a diagnostic; other text is masked."""
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
            "version": {"const": 1, "title": "Version", "description": "Of this format.", "examples": [1]},
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
                "title": "Day",
                "description": "A day, YYYY-MM-DD.",
                "examples": ["2026-11-03"],
            },
            "distinctIds": {
                "type": "array",
                "title": "Distinct ids",
                "description": "Taken as written: 007, 1e5 and no stay themselves.",
                "items": {"type": SCALAR},
                "examples": [["user-17", "user-18"]],
            },
            "from": _from(),
            **{kind.name: dict(kind.schema) for kind in KINDS if kind.names},
        },
    }


def _from() -> Schema:
    entry = _object(
        "Id file",
        "A file of ids, or several by a glob.",
        {
            "file": {
                "type": "string",
                "minLength": 1,
                "x-shown-as": "path",
                "title": "Path or glob",
                "description": "Relative to this manifest; it stays inside the workspace.",
                "examples": ["requests/2026-11.csv"],
            },
            "column": {
                "type": "string",
                "minLength": 1,
                "title": "Column",
                "description": "Of a .csv file, by name.",
                "examples": ["distinct_id"],
            },
            "field": {
                "type": "string",
                "minLength": 1,
                "title": "Field",
                "description": "Of each object of a .ndjson file.",
                "examples": ["distinct_id"],
            },
        },
        ["file"],
    )
    entry["examples"] = [{"file": "requests/2026-11.csv", "column": "distinct_id"}]
    return {
        "type": "array",
        "title": "Id files",
        "description": "Files of ids, relative to this manifest; globs are allowed, and .gz of each.",
        "items": entry,
        "examples": [[{"file": "requests/2026-11.csv", "column": "distinct_id"}]],
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
        properties[kind.name] = _listed(kind) if kind.names else _named(dict(kind.schema)) if kind.per_name else dict(kind.schema)
    return _object("Project", "One project of Mixpanel, and what is to be done in it.", properties, ["id", "token", "residency"])


def _named(schema: Schema) -> Schema:
    return {
        "type": "object",
        "title": f"{schema['title']}s",
        "description": "By a name of your choice.",
        "propertyNames": {"pattern": NAME_PATTERN},
        "additionalProperties": schema,
    }


def _listed(kind: Kind) -> Schema:
    """A kind whose names are given."""
    title = kind.schema["title"]
    return _object(f"{title}s", f"By name; there are {len(kind.names)}.", {name: {"$ref": f"#/$defs/{kind.name}"} for name in kind.names})


def _secret_ref() -> Schema:
    properties: Schema = {
        "env": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "not": {"pattern": "^[0-9A-Fa-f]{32,}$"},
            "x-shown-as": "variable",
            "title": "Environment variable",
            "description": "The variable's name; the secret is its value.",
            "examples": ["MIXPANEL_GDPR_TOKEN"],
        },
        "file": {
            "type": "string",
            "minLength": 1,
            "title": "File",
            "description": "The path of a file that holds the secret and nothing else; it may lie outside the workspace.",
            "examples": ["/run/secrets/mixpanel-token"],
        },
    }
    schema = _object("Reference to a secret", "Where the secret lies: {env: NAME} or {file: PATH}.", properties)
    schema["oneOf"] = [{"required": ["env"]}, {"required": ["file"]}]
    schema["examples"] = [{"env": "MIXPANEL_WEB_EU_TOKEN"}]
    return schema


def _workspace() -> Schema:
    return _object(
        "Workspace",
        "Settings of the whole workspace; one block in all manifests together.",
        {
            "organization": _organization(),
            "timezone": {
                "type": "string",
                "x-shown-as": "timezone",
                "default": "UTC",
                "title": "Time zone",
                "description": "Which day it is, for deadlines.",
                "examples": ["Europe/Berlin"],
            },
            "state": state_schema(),
            "credentials": _credentials(),
            "policy": _policy(),
            "limits": _limits(),
        },
    )


def _organization() -> Schema:
    number = {
        "type": "integer",
        "minimum": 1,
        "title": "Organization id",
        "description": "The organization id in the SSO postback URL.",
        "examples": [42],
    }
    return _object("Organization", "The organization at Mixpanel that the projects belong to.", {"id": number}, ["id"])


def _credentials() -> Schema:
    token = _secret_ref()
    token["properties"]["issued"] = {
        "$ref": "#/$defs/date",
        "title": "Issued",
        "description": "The day the token was made; it is valid for one year.",
    }
    token["title"] = "GDPR OAuth token"
    token["examples"] = [{"env": "MIXPANEL_GDPR_TOKEN", "issued": "2026-03-01"}]
    account = _object(
        "Service account",
        "Optional: with it, plan and apply look up in which region each project really lives.",
        {
            "username": {
                "$ref": "#/$defs/secretRef",
                "title": "Username",
                "description": "Where the service account's username lies; never the name itself.",
            },
            "secret": {
                "$ref": "#/$defs/secretRef",
                "title": "Secret",
                "description": "Where the service account's secret lies; never the secret itself.",
            },
        },
        ["username", "secret"],
    )
    account["examples"] = [{"username": {"env": "MIXPANEL_SA_USER"}, "secret": {"file": "/run/secrets/mixpanel-sa"}}]
    return _object("Credentials", "Where secrets lie; never the secrets.", {"gdpr_token": token, "service_account": account})


def _policy() -> Schema:
    return _object(
        "Policy",
        "What one plan may do.",
        {
            "max_deletions": {
                "type": "integer",
                "minimum": 0,
                "default": 10000,
                "title": "Most deletions",
                "description": "Distinct ids that one plan may erase.",
            },
            "max_withdrawals": {
                "type": "integer",
                "minimum": 0,
                "default": 1000,
                "title": "Most withdrawals",
                "description": "Distinct ids that one plan may withdraw.",
            },
            "opt_out": {
                "type": "string",
                "enum": ["off", "warn", "require"],
                "default": "warn",
                "title": "Opt-out",
                "description": "Must every id to erase also be opted out?",
            },
            "due_soon": {
                "type": "string",
                "pattern": "^[0-9]{1,4}d$",
                "x-shown-as": "duration",
                "default": "7d",
                "title": "Due soon",
                "description": "Flag requests this close to their deadline.",
            },
            "allow_placeholder_ids": {
                "type": "array",
                "items": {"type": SCALAR},
                "default": [],
                "title": "Placeholder ids",
                "description": "Placeholder ids that are real ids here, taken as written.",
                "examples": [["0", "unknown"]],
            },
        },
    )


def _limits() -> Schema:
    return _object(
        "Limits",
        "May be set lower than Mixpanel's, never higher.",
        {
            "distinct_ids_per_request": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_IDS_PER_DELETION,
                "default": MAX_IDS_PER_DELETION,
                "title": "Ids per request",
                "description": "Distinct ids in one deletion.",
            },
            "requests_per_second": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": int(MAX_REQUESTS_PER_SECOND),
                "default": int(MAX_REQUESTS_PER_SECOND),
                "title": "Requests per second",
                "description": "Calls for one project id, polls included.",
            },
        },
    )


def _object(title: str, description: str, properties: Schema, required: list[str] | None = None) -> Schema:
    schema: Schema = {"type": "object", "title": title, "description": description, "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = required
    return schema


def main(folder: str) -> None:
    """Write the schema to *folder*."""
    text = json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"
    Path(folder, "manifest.v1.schema.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
