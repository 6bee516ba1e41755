"""The JSON Schemas of what mixpriv writes, made from its types; `python -m mixpriv_reconcile.render.schemas DIR` writes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import get_args

from mixpriv_reconcile.codec import FORMAT_VERSION, PORTABLE_VERSION
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.events import ApplyErrored, BatchSent, DiagnosticRaised, Event, PlannedChange
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.opt_out_list import GENERATOR
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Download, ManualStep, Plan, SubmitBatch, Summary, WriteList
from mixpriv_reconcile.model.state import OptOutRecord, RequestRecord, ResidencyRecord, SsoRecord, State, TaskRecord
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.render.event_words import BATCH_OUTCOMES
from mixpriv_reconcile.render.events_json import EVENT_TYPES, LEVELS
from mixpriv_reconcile.render.result_schemas import ShownDefinitions, results
from mixpriv_reconcile.render.schema_types import Definitions, Schema, nullable, strict
from mixpriv_reconcile.sdks import Sheets

__all__ = ["SCHEMAS", "schema_text"]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
VERSION: Schema = {"const": FORMAT_VERSION}
PLAN = "What one apply would do, and the digest that approves exactly this."
SUBJECTS: Schema = {"title": "Subjects", "description": "Distinct ids by what became of the call that they were in."}
BATCHES: Schema = {"title": "Batches", "description": "Every call that was answered, in their order."}
UNFINISHED: Schema = {"title": "Left", "description": "Every address that isn't finished, and its batches; manual steps aside."}


def plan_schema() -> Schema:
    """`plan --format json` and the saved plan."""
    defs = Definitions()
    return _document("plan", "Plan", PLAN, strict(_plan(defs)), defs)


def _plan(defs: Definitions) -> dict[str, Schema]:
    known = defs.properties(Plan, "changes", "diagnostics", "refusals", "erases", "withdraws", "cancels", "resubmits")
    return {
        "format_version": VERSION,
        **{name: known[name] for name in ("tool_version", "lineage", "serial", "digest")},
        "resource_changes": {"type": "array", "items": _change(defs)},
        "summary": known["summary"],
        "cost": known["cost"],
        "totals": strict(dict.fromkeys(("erases", "withdraws", "cancels", "resubmits"), COUNT)),
        "next_deadline": known["next_deadline"],
        "partial": {"type": "boolean"},
        **{name: known[name] for name in ("options", "manifests", "declared", "known_since", "today")},
        "refusals": {"type": "array", "items": _diagnostic(defs)},
        "diagnostics": {"type": "array", "items": _diagnostic(defs)},
    }


def apply_schema() -> Schema:
    """`apply --report json=FILE`."""
    defs = Definitions()
    sent = defs.properties(BatchSent, "address")
    done = {"address": TEXT, "complete": {"type": "boolean"}}
    batches = {"type": "array", "items": strict({**sent, "at": defs.schema(datetime)})}
    body = _run(defs, "apply")
    defs.schemas["plan"] = {"title": "Plan", "description": PLAN, **strict(_plan(defs))}
    properties = {
        **body,
        "plan": nullable({"$ref": "#/$defs/plan"}),
        "summary": defs.define(Summary),
        "subjects": {**SUBJECTS, **strict({name: {**COUNT, "title": name, "description": _meaning(name)} for name in BATCH_OUTCOMES})},
        "done": {"type": "array", "items": strict({**done, "batches": {**BATCHES, **batches}})},
        "left": {**UNFINISHED, "type": "array", "items": defs.define(ApplyErrored)},
        "diagnostics": {"type": "array", "items": _diagnostic(defs)},
    }
    description = "What one apply did and when, and what it left: proof, without any distinct id."
    return _document("apply", "Apply", description, strict(properties), defs)


def _meaning(outcome: str) -> str:
    return f"Of such calls: {BATCH_OUTCOMES[outcome].format(ids='distinct ids')}."


def refresh_schema() -> Schema:
    """`refresh --format json`."""
    defs = Definitions()
    task = defs.define(Polled, "seen_task", "foreign")
    found = {"type": "array", "items": _diagnostic(defs)}
    properties = {**_run(defs, "refresh"), "tasks": {"type": "array", "items": task}, "diagnostics": found}
    return _document("refresh", "Refresh", "What Mixpanel said of every task that was looked at.", strict(properties), defs)


def _run(defs: Definitions, command: str) -> dict[str, Schema]:
    """What is said of every run that is over."""
    return {
        "format_version": VERSION,
        "tool_version": TEXT,
        "command": _const(command),
        "sandbox": {"title": "Sandbox", "description": "Whether it was against the pretended Mixpanel.", "type": "boolean"},
        "at": {"title": "At", "description": "When the run ended, UTC.", **defs.schema(datetime)},
        "exit_code": COUNT,
        "why": TEXT,
    }


def event_schema() -> Schema:
    """One line of `apply --format json`."""
    defs = Definitions()
    lines = []
    for cls in get_args(Event):
        head: dict[str, Schema] = {
            "@timestamp": defs.schema(datetime),
            "@level": {"type": "string", "enum": list(LEVELS)},
            "@message": TEXT,
            "type": {"const": EVENT_TYPES[cls]},
        }
        if cls is PlannedChange:
            lines.append(defs.define(cls, EVENT_TYPES[cls], "change", **head, change=_change(defs)))
        elif cls is DiagnosticRaised:
            lines.append(defs.define(cls, EVENT_TYPES[cls], "diagnostic", **head, diagnostic=_diagnostic(defs)))
        else:
            lines.append(defs.define(cls, EVENT_TYPES[cls], **head))
    return _document("event", "Event", "One line of an apply: `version` comes first, `outcome` last.", {"oneOf": lines}, defs)


def state_schema() -> Schema:
    """`mixpriv.state.json`."""
    defs = Definitions()
    description = "What is remembered between runs. Distinct ids are in it only as keyed digests."
    return _document("state", "State", description, strict(_state(defs)), defs)


def portable_schema() -> Schema:
    """What `state pull` prints: the state with its segments inside."""
    defs = Definitions()
    segments = {
        "type": "object",
        "propertyNames": {"pattern": "^[0-9a-f]{64}$"},
        "additionalProperties": {**TEXT, "contentEncoding": "base64"},
    }
    carried = strict(
        {
            "format_version": {"const": PORTABLE_VERSION},
            "sandbox": {"title": "Sandbox", "description": "Whether it was pulled with `--sandbox`.", "type": "boolean"},
            "segments": {"title": "Segments", "description": "The segments that the state names: SHA-256 → content.", **segments},
        }
    )
    description = "The whole memory as one document: the state, and under `portable` the segments that it names."
    return _document("portable", "Portable state", description, strict({**_state(defs), "portable": carried}), defs)


def _state(defs: Definitions) -> dict[str, Schema]:
    known = defs.properties(State)
    records = [
        defs.define(ResidencyRecord, kind=_const("residency")),
        defs.define(SsoRecord, kind=_const("sso")),
        defs.define(OptOutRecord, kind=_const("opt_outs")),
        defs.define(RequestRecord, kind={"type": "string", "enum": ["deletions", "retrievals"]}),
    ]
    return {
        "format_version": VERSION,
        "written_at": defs.schema(datetime),
        **known,
        "records": {
            "type": "object",
            "propertyNames": {"pattern": r"^[^.]+\.[^.]+(\.[^.]+)?$"},
            "additionalProperties": {"oneOf": records},
        },
        "tasks": {"type": "array", "items": defs.define(TaskRecord)},
        "checksum": TEXT,
    }


def status_schema() -> Schema:
    """`status --format json`."""
    defs = Definitions()
    known = defs.properties(StatusReport, "due_soon_days")
    properties = {"format_version": VERSION, **{name: known[name] for name in ("today", "serial", "apply_running", "requests")}}
    return _document("status", "Status", "How every declared or remembered request stands.", strict(properties), defs)


def sdk_schema() -> Schema:
    """`sdk --format json`."""
    defs = Definitions()
    properties = {"format_version": VERSION, **defs.properties(Sheets)}
    return _document("sdk", "SDKs", "How each SDK is set to a region, what leaks, and how people are opted out.", strict(properties), defs)


def opt_outs_schema() -> Schema:
    """The opt-out list that `opt_outs: {write_to: …}` writes."""
    defs = Definitions()
    known = defs.properties(OptOutRecord)
    properties = {
        "format_version": VERSION,
        "generator": {"title": "Generator", "description": "Whose list it is.", "const": GENERATOR},
        **{name: known[name] for name in ("project", "project_id", "digest", "count")},
        "checksum": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "distinct_ids": {
            "title": "Distinct ids",
            "description": "Who is not to be tracked, each once, ascending by code point: ids as they are, or the SHA-256 of each in hex.",
            "type": "array",
            "items": TEXT,
        },
    }
    hashes = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    hashed = {
        "if": {"properties": {"digest": {"const": "sha256"}}},
        "then": {"properties": {"distinct_ids": {"items": hashes}}},
    }
    description = "People who are not to be tracked any more; servers and applications look here before they send."
    return _document("opt-outs", "Opt-out list", description, {**strict(properties), **hashed}, defs)


def diagnostics_schema() -> Schema:
    """`validate --format json`, and every other command that fails before it has anything else to print."""
    defs = Definitions()
    properties = {"diagnostics": {"type": "array", "items": _diagnostic(defs)}}
    return _document("diagnostics", "Diagnostics", "Every finding of one run.", strict(properties), defs)


def results_schema() -> Schema:
    """`--format json` of the commands that have no document of their own."""
    defs = ShownDefinitions()
    body = results(defs, _diagnostic(defs))
    return _document("results", "Results", "What one of the smaller commands came to; `$defs` has one of each command's name.", body, defs)


def _document(name: str, title: str, description: str, body: Schema, defs: Definitions) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mixpriv:schema:{name}.v{FORMAT_VERSION}",
        "title": f"mixpriv {title.lower()}",
        "description": description,
        **body,
        "$defs": defs.schemas,
    }


def _change(defs: Definitions) -> Schema:
    """One entry of `resource_changes`: Terraform's nesting around our own facts (see `codec.change_document`)."""
    known = defs.properties(
        Change,
        *("address", "actions", "source", "before", "after", "notes", "steps"),
        *("submits", "withdraws", "withdrawn_unsent", "waits", "held", "held_started", "beyond_recall", "refused", "failed"),
    )
    ids = defs.define(IdSet, "ids")
    withdrawn = defs.define(IdSet, "withdrawn_ids", unsent=COUNT, beyond_recall=COUNT)
    held = defs.define(IdSet, "held_ids", started=COUNT)
    free = nullable({"type": "object"})
    actions = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": [action.value for action in Action]}}
    properties = {
        "address": TEXT,
        **{name: known[name] for name in ("kind", "project", "project_id")},
        "change": strict({"actions": actions, "before": free, "after": free}),
        "reason": {"type": ["string", "null"]},
        "reasons": known["reasons"],
        "irreversible": known["irreversible"],
        "subjects": COUNT,
        "requests": COUNT,
        "deadline": known["deadline"],
        "source": nullable(strict({"file": TEXT, "line": COUNT, "column": COUNT})),
        "submits": ids,
        "withdraws": withdrawn,
        "waits": ids,
        "held": held,
        "stuck": strict({"refused": COUNT, "failed": COUNT}),
        "steps": {"type": "array", "items": {"oneOf": _steps(defs)}},
    }
    defs.schemas.setdefault(
        "resource_change", {"title": "Change", "description": "Everything planned for one address.", **strict(properties)}
    )
    return {"$ref": "#/$defs/resource_change"}


def _steps(defs: Definitions) -> list[Schema]:
    """Calls and manual steps; what is only remembered is not part of the document."""
    ids = {"count": COUNT, "sha256": TEXT}
    return [
        defs.define(SubmitBatch, "submit_batch", "ids", step=_const("submit_batch"), **ids),
        defs.define(CancelTask, "cancel_task", step=_const("cancel_task")),
        defs.define(Download, "download", step=_const("download")),
        defs.define(ManualStep, "manual_step", step=_const("manual_step")),
        defs.define(WriteList, "write_list", "ids", step=_const("write_list"), **ids),
    ]


def _diagnostic(defs: Definitions) -> Schema:
    properties: dict[str, Schema] = {
        "code": {"type": "string", "pattern": r"^MP\d{4}$"},
        "severity": {"type": "string", "enum": [severity.value for severity in Severity]},
        "message": TEXT,
        "hint": TEXT,
        "file": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"], "minimum": 1},
        "column": {"type": ["integer", "null"], "minimum": 1},
        "address": {"type": ["string", "null"]},
    }
    described = {"title": "Diagnostic", "description": "One finding: what is wrong, where, and what to write instead."}
    defs.schemas.setdefault("Diagnostic", {**described, **strict(properties)})
    return {"$ref": "#/$defs/Diagnostic"}


def _const(word: str) -> Schema:
    return {"const": word}


SCHEMAS: Mapping[str, Schema] = {
    "plan": plan_schema(),
    "event": event_schema(),
    "state": state_schema(),
    "portable": portable_schema(),
    "apply": apply_schema(),
    "refresh": refresh_schema(),
    "status": status_schema(),
    "sdk": sdk_schema(),
    "opt-outs": opt_outs_schema(),
    "diagnostics": diagnostics_schema(),
    "results": results_schema(),
}
"""Every schema of this module by its document's name."""


def schema_text(name: str) -> str:
    """The schema's file, as published."""
    return json.dumps(SCHEMAS[name], indent=2, ensure_ascii=False) + "\n"


def main(folder: str) -> None:
    """Write every schema to *folder* as `NAME.v1.schema.json`."""
    for name in SCHEMAS:
        Path(folder, f"{name}.v{FORMAT_VERSION}.schema.json").write_text(schema_text(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
