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
from mixpriv_reconcile.model.workspace import MAX_IDS_PER_DELETION, MAX_REQUESTS_PER_SECOND, Limits, Policy, Workspace

__all__ = ["manifest_schema"]

NAME_PATTERN = f"^{NAME}$"

SCALAR = ["string", "number", "boolean", "null"]

Schema = dict[str, Any]

POLICY, LIMITS = Policy(), Limits()
"""What holds where a manifest is silent; an editor shows it."""


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
            "version": {"const": 1, "title": "Version", "description": "The version of this format: always 1."},
            "workspace": _workspace(),
            "projects": {
                "type": "object",
                "title": "Projects",
                "description": "Projects of Mixpanel, each by a name of your choice: letters, digits, - and _. Plans call it so.",
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
                "description": "A day, written YYYY-MM-DD.",
                "examples": ["2026-11-03"],
            },
            "distinctIds": {
                "type": "array",
                "title": "Distinct ids",
                "description": "The ids themselves, each as Mixpanel has it: taken as written, so that 007, 1e5 and no stay themselves. "
                "An id has 1,024 bytes at most; empty ids are errors, and placeholder ids unless `allow_placeholder_ids` lists them.",
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
                "description": "A .csv, .txt (one id a line) or .ndjson file, or .gz of these, relative to this manifest; it stays inside "
                "the workspace. *, ? and [ ] stand for what varies, ** for any folders; what matches no file is an error.",
                "examples": ["requests/2026-11.csv", "requests/2026-*.txt"],
            },
            "column": {
                "type": "string",
                "minLength": 1,
                "title": "Column",
                "description": "Of a .csv file: the column that holds the ids, by its name in the first line.",
                "examples": ["distinct_id"],
            },
            "field": {
                "type": "string",
                "minLength": 1,
                "title": "Field",
                "description": "Of a .ndjson file: the field of each line's object that holds the id.",
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
            "description": "Mixpanel's number of the project: Project Settings › Overview › Project ID.",
            "examples": [1978118],
        },
        "token": {
            "$ref": "#/$defs/secretRef",
            "title": "Project token",
            "description": "Where the project token lies, {env: NAME} or {file: PATH}; never the token itself.",
            "examples": [{"env": "MIXPANEL_WEB_EU_TOKEN"}],
        },
        "data_groups": {
            "type": "integer",
            "minimum": 0,
            "default": 0,
            "title": "Data groups",
            "description": "How many groups the project has in Group Analytics. They lower the ids in one deletion to "
            f"floor({MAX_IDS_PER_DELETION} / (groups + 1)), after a formula of Mixpanel's engineers: "
            f"one group means {MAX_IDS_PER_DELETION // 2}.",
        },
    }
    for kind in KINDS:
        properties[kind.name] = _listed(kind) if kind.names else _named(dict(kind.schema)) if kind.per_name else dict(kind.schema)
    return _object("Project", "One project of Mixpanel, and what is to be done in it.", properties, ["id", "token", "residency"])


def _named(schema: Schema) -> Schema:
    return {
        "type": "object",
        "title": f"{schema['title']}s",
        "description": f"Each by a name of your choice. {schema['description']}",
        "propertyNames": {"pattern": NAME_PATTERN},
        "additionalProperties": schema,
    }


def _listed(kind: Kind) -> Schema:
    """A kind whose names are given."""
    title = kind.schema["title"]
    description = f"By name: {', '.join(kind.names)}. {kind.schema['description']}"
    return _object(f"{title}s", description, {name: {"$ref": f"#/$defs/{kind.name}"} for name in kind.names})


def _secret_ref() -> Schema:
    properties: Schema = {
        "env": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "not": {"pattern": "^[0-9A-Fa-f]{32,}$"},
            "x-shown-as": "variable",
            "title": "Environment variable",
            "description": "The name of a variable of the environment; the secret is its value.",
            "examples": ["MIXPANEL_GDPR_TOKEN"],
        },
        "file": {
            "type": "string",
            "minLength": 1,
            "title": "File",
            "description": "The path of a file that holds the secret and nothing else, at most 64 KiB; absolute, or from where mixpriv "
            "is started, and it may lie outside the workspace.",
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
                "default": Workspace().timezone,
                "title": "Time zone",
                "description": "The zone, by its IANA name, that says which day it is: for deadlines, `not_before` and `received`.",
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
        "description": "The number of the organization: it ends the SSO postback URL (Organization Settings › Access Security).",
        "examples": [42],
    }
    return _object("Organization", "The organization at Mixpanel that the projects belong to.", {"id": number}, ["id"])


def _credentials() -> Schema:
    token = _secret_ref()
    token["properties"]["issued"] = {
        "$ref": "#/$defs/date",
        "title": "Issued",
        "description": "The day the token was made. It is valid for one year (Mixpanel's GDPR API); a plan warns before it ends.",
    }
    token["title"] = "GDPR OAuth token"
    token["description"] = (
        "Where the OAuth token of a project owner or admin lies (Profile & Preferences › Data & Privacy), {env: NAME} or {file: PATH}."
    )
    token["examples"] = [{"env": "MIXPANEL_GDPR_TOKEN", "issued": "2026-03-01"}]
    account = _object(
        "Service account",
        "Optional: with it, plan and apply look up in which region each project really lives.",
        {
            "username": {
                "$ref": "#/$defs/secretRef",
                "title": "Username",
                "description": "Where the service account's username lies; never the name itself.",
                "examples": [{"env": "MIXPANEL_SA_USER"}],
            },
            "secret": {
                "$ref": "#/$defs/secretRef",
                "title": "Secret",
                "description": "Where the service account's secret lies; never the secret itself.",
                "examples": [{"file": "/run/secrets/mixpanel-sa"}],
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
                "default": POLICY.max_deletions,
                "title": "Most deletions",
                "description": "Distinct ids that one plan may erase, in all projects together, those submitted again included; an id in "
                "two requests counts twice. Above it the plan is refused. MIXPRIV_MAX_DELETIONS in the environment lowers it.",
            },
            "max_withdrawals": {
                "type": "integer",
                "minimum": 0,
                "default": POLICY.max_withdrawals,
                "title": "Most withdrawals",
                "description": "Distinct ids that one plan may withdraw, in all projects together, those of a batch in doubt included; an "
                "id in two requests counts twice. Above it the plan is refused. MIXPRIV_MAX_WITHDRAWALS in the environment lowers it.",
            },
            "opt_out": {
                "type": "string",
                "enum": ["off", "warn", "require"],
                "default": POLICY.opt_out,
                "title": "Opt-out",
                "description": "Must every id to erase also be in the project's `opt_outs`? Erasing doesn't stop new tracking. Not asked "
                "(off), a warning (warn), or the plan is refused (require).",
            },
            "due_soon": {
                "type": "string",
                "pattern": "^[0-9]{1,4}d$",
                "x-shown-as": "duration",
                "default": f"{POLICY.due_soon_days}d",
                "title": "Due soon",
                "description": "Flag requests this close to their deadline, in days: 0d to 9999d.",
            },
            "allow_placeholder_ids": {
                "type": "array",
                "items": {"type": SCALAR},
                "default": list(POLICY.allow_placeholder_ids),
                "title": "Placeholder ids",
                "description": "Ids that read like a placeholder and are real ids here, taken as written. Any other placeholder is an "
                "error: events of many people may be behind it.",
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
                "default": LIMITS.distinct_ids_per_request,
                "title": "Ids per request",
                "description": f"Distinct ids in one deletion, 1 to {MAX_IDS_PER_DELETION}. Source: Mixpanel's guide to end users' data. "
                "A retrieval has the same.",
            },
            "requests_per_second": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": int(MAX_REQUESTS_PER_SECOND),
                "default": int(LIMITS.requests_per_second),
                "title": "Requests per second",
                "description": f"Calls a second for one project, polls included, above 0 to {MAX_REQUESTS_PER_SECOND:.0f}. "
                "Source: Mixpanel's GDPR API reference.",
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
