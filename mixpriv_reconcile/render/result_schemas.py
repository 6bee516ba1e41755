"""The schemas of the short documents: what commands with no document of their own print with `--format json`, a definition each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixpriv_reconcile.codec import FORMAT_VERSION
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.state import OptOutRecord, RequestRecord, ResidencyRecord, SsoRecord, State, TaskRecord
from mixpriv_reconcile.render.schema_types import Definitions, Schema, nullable, strict
from mixpriv_reconcile.render.state_json import DIGESTS

__all__ = ["DOCUMENTS", "REPORTED", "ShownDefinitions", "results"]

DOCUMENTS: Mapping[str, str] = {
    "init": "results#init",
    "validate": "diagnostics",
    "plan": "plan",
    "show": "results#show",
    "show FILE": "plan",
    "status": "status",
    "refresh": "refresh",
    "confirm": "results#confirm",
    "import": "results#import",
    "state list": "results#state_list",
    "state show": "results#state_show",
    "state mv": "results#state_mv",
    "state rm": "results#state_rm",
    "state pull": "portable",
    "state push": "results#state_push",
    "state migrate": "results#state_migrate",
    "state rekey": "results#state_rekey",
    "unlock": "results#unlock",
    "endpoints": "results#endpoints",
    "sdk": "sdk",
    "sdk check": "diagnostics",
    "explain": "results#explain_all",
    "explain CODE": "results#explain",
    "sandbox": "results#sandbox",
    "completion": "results#completion",
    "version": "results#version",
}
"""Command → the schema of what it prints with `--format json`, and after `#` the definition in it.

Any failure is `diagnostics`; `apply` prints events.
"""

REPORTED: Mapping[str, str] = {
    "plan": "plan",
    "apply": "apply",
    "show": "results#show",
    "show FILE": "plan",
    "status": "status",
    "refresh": "refresh",
}
"""Command → the schema of its `--report json=FILE`, as in `DOCUMENTS`; of any other command it is `diagnostics`, what was found.

Any failure is `diagnostics`, too; but an apply's and a refresh's are always their own.
"""

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}


class ShownDefinitions(Definitions):
    """Definitions of records as they are shown: without what is made from ids."""

    def properties(self, cls: type[Any], *left_out: str) -> dict[str, Schema]:
        return super().properties(cls, *left_out, *DIGESTS)


def results(defs: ShownDefinitions, diagnostic: Schema) -> Schema:
    """Any of the documents; *defs* gets a definition for each, by the command's name with `_` for a space."""
    for name, (title, properties) in _documents(defs, {"type": "array", "items": diagnostic}).items():
        defs.schemas[name] = {"title": name.replace("_", " ").capitalize(), "description": title, **strict(properties)}
    return {"oneOf": [{"$ref": f"#/$defs/{name.partition('#')[2]}"} for name in DOCUMENTS.values() if "#" in name]}


def _documents(defs: ShownDefinitions, diagnostics: Schema) -> Mapping[str, tuple[str, dict[str, Schema]]]:
    findings = {"diagnostics": _key("diagnostics", diagnostics, "What was found.")}
    return {
        "init": (
            "What `init` wrote.",
            {
                "workspace": _key("workspace", TEXT, "The folder, as it was typed."),
                "written": _key("written", TEXTS, "Files that were made."),
                "kept": _key("kept", TEXTS, "Files that were there, and were left alone."),
                "key": _key("key", TEXT, "What became of the digest key; `environment` where MIXPRIV_DIGEST_KEY holds it."),
                **findings,
            },
        ),
        "show": ("What is remembered, without what is made from distinct ids.", _shown_state(defs)),
        "confirm": (
            "What was recorded.",
            {"confirmed": _key("confirmed", TEXT, "The address."), "by": _key("by", TEXT, "Who did it.")},
        ),
        "import": (
            "What came of an import.",
            {
                "address": _key("address", TEXT, "The request."),
                "status": _key("status", nullable(TEXT), "Mixpanel's word on the task; null where it could not be looked at."),
                "adopted": _key("adopted", COUNT, "Distinct ids that were recorded with the task."),
                **findings,
            },
        ),
        "state_list": (
            "What is remembered, by address.",
            {"apply_running": _running(), "addresses": _key("addresses", TEXTS, "Every address, sorted.")},
        ),
        "state_show": (
            "What is remembered of one address.",
            {
                "apply_running": _running(),
                "address": _key("address", TEXT, "The address."),
                "record": _key("record", {"oneOf": _records(defs)}, "Its record, without what is made from distinct ids."),
                "tasks": _key("tasks", {"type": "array", "items": defs.define(TaskRecord)}, "The tasks of its batches."),
            },
        ),
        "state_mv": (
            "What is remembered under another name now.",
            {
                "moved": _key(
                    "moved",
                    {
                        "type": "array",
                        "items": strict({"from": _key("from", TEXT, "The former address."), "to": _key("to", TEXT, "The address now.")}),
                    },
                    "Every address that moved.",
                )
            },
        ),
        "state_rm": ("What was forgotten.", {"forgotten": _key("forgotten", TEXTS, "Every address that is remembered no more.")}),
        "state_push": (
            "The state after a push.",
            {
                **_state_facts(),
                "changed": _key("changed", FLAG, "Whether it was another one before."),
                **findings,
            },
        ),
        "state_migrate": (
            "What lies at the new place, read back and compared.",
            {
                "from": _key("from", TEXT, "Where the state was."),
                "to": _key("to", TEXT, "Where it is now."),
                **_state_facts(),
                "segments": _key("segments", COUNT, "Segments of digests."),
                "ids": _key("ids", COUNT, "Distinct ids that they stand for."),
                "bytes": _key("bytes", COUNT, "Document, segments and journal together."),
                "journal": _key("journal", FLAG, "Whether the journal of an unfinished run is among it."),
                "copied": _key("copied", FLAG, "Whether anything was copied; false where all of it was there."),
                "declared": _key("declared", FLAG, "Whether the manifests name the new place already."),
                "state": _key("state", {"type": "object"}, "What belongs into the manifest, under `workspace: {state: …}`."),
                **findings,
            },
        ),
        "state_rekey": (
            "What was made anew under the digest key at hand.",
            {
                "rekeyed": _key("rekeyed", FLAG, "Whether the state was changed."),
                "serial": _key("serial", COUNT, "The state's serial now."),
                "remembered": _key("remembered", COUNT, "Distinct ids that the state stood for."),
                "missing": _key("missing", COUNT, "Those of them that could not be found again, and count as unsent."),
                "not_rebuilt": _key("not_rebuilt", {"type": "array", "items": strict(_lost())}, "Where they are missing."),
                **findings,
            },
        ),
        "unlock": ("The lock that was taken from its holder.", {"unlocked": _key("unlocked", TEXT, "The lock's id.")}),
        "endpoints": (
            "Hosts of each API in each region.",
            {"endpoints": _key("endpoints", {"type": "array", "items": strict(_endpoint())}, "One entry for each API and region.")},
        ),
        "explain_all": (
            "Every diagnostic there is.",
            {"codes": _key("codes", {"type": "object", "additionalProperties": TEXT}, "Code → title.")},
        ),
        "explain": (
            "The page on one diagnostic.",
            {
                "code": _key("code", {**TEXT, "pattern": r"^MP\d{4}$"}, "The diagnostic."),
                "title": _key("title", TEXT, "What it says, in one line."),
                "page": _key("page", TEXT, "The page, in Markdown."),
            },
        ),
        "sandbox": (
            "The pretended Mixpanel that is served until a signal comes.",
            {"variables": _key("variables", {"type": "object", "additionalProperties": TEXT}, "What to set so that mixpriv uses it.")},
        ),
        "completion": (
            "The script for a shell.",
            {"shell": _key("shell", TEXT, "Which shell."), "script": _key("script", TEXT, "What the shell is to read.")},
        ),
        "version": ("The program.", {"version": _key("version", TEXT, "Its version.")}),
    }


def _key(name: str, schema: Schema, meaning: str) -> Schema:
    return {"title": name.replace("_", " ").capitalize(), "description": meaning, **schema}


def _running() -> Schema:
    holder = nullable({"type": "object", "additionalProperties": TEXT})
    return _key("apply_running", holder, "Who holds the state's lock at this moment; null where nobody does.")


def _records(defs: ShownDefinitions) -> list[Schema]:
    return [
        defs.define(ResidencyRecord, kind={"const": "residency"}),
        defs.define(SsoRecord, kind={"const": "sso"}),
        defs.define(OptOutRecord, kind={"const": "opt_outs"}),
        defs.define(RequestRecord, kind={"type": "string", "enum": ["deletions", "retrievals"]}),
    ]


def _shown_state(defs: ShownDefinitions) -> dict[str, Schema]:
    records = {"type": "object", "additionalProperties": {"oneOf": _records(defs)}}
    return {
        "format_version": _key("format_version", {"const": FORMAT_VERSION}, "The version of the state's format."),
        "apply_running": _running(),
        **defs.properties(State, "records", "tasks"),
        "records": _key("records", records, "Every record by its address."),
        "tasks": _key("tasks", {"type": "array", "items": defs.define(TaskRecord)}, "Every task at Mixpanel."),
    }


def _state_facts() -> dict[str, Schema]:
    return {
        "lineage": _key("lineage", TEXT, "The state's lineage."),
        "serial": _key("serial", COUNT, "The state's serial now."),
        "addresses": _key("addresses", COUNT, "How many addresses it remembers."),
    }


def _lost() -> dict[str, Schema]:
    return {
        "address": _key("address", TEXT, "The request."),
        "batches": _key("batches", {"type": "array", "items": COUNT}, "The numbers of its batches."),
        "count": _key("count", COUNT, "Distinct ids in these batches."),
        "missing": _key("missing", COUNT, "Those that could not be found again."),
        "tracking_id": _key("tracking_id", nullable(TEXT), "The task that had them; null where there is none."),
        "why": _key("why", TEXT, "Why they could not."),
        "declared": _key("declared", FLAG, "Whether a manifest has the request."),
    }


def _endpoint() -> dict[str, Schema]:
    return {
        "api": _key("api", TEXT, "The API's name."),
        "region": _key("region", {"type": "string", "enum": [region.value for region in Region]}, "The region."),
        "host_and_path": _key("host_and_path", nullable(TEXT), "Where it is; null where none is documented."),
        "on_privacy_page": _key("on_privacy_page", FLAG, "Whether Mixpanel's privacy page has it."),
        "note": _key("note", TEXT, "What else is to be said; empty where nothing is."),
    }
