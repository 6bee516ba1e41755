"""Our types ↔ JSON, the only place. Reading is strict: a wrong type raises `ValueError`, which the caller names as damage."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints

import msgspec

from mixpriv_reconcile.model import journal as entries
from mixpriv_reconcile.model import sound
from mixpriv_reconcile.model.address import ADDRESS, Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import DIGEST_BYTES, IdSet
from mixpriv_reconcile.model.plain import NOT_IN_JSON, plain
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Cost, ManualStep, Plan, PlanOptions, Step, SubmitBatch, Summary
from mixpriv_reconcile.model.state import (
    LINEAGE,
    MOST_NEXT_BATCH,
    MOST_SERIAL,
    Record,
    RequestRecord,
    ResidencyRecord,
    SsoRecord,
    State,
    TaskRecord,
)

__all__ = [
    "FORMAT_VERSION",
    "PORTABLE_VERSION",
    "as_filed",
    "canonical",
    "change_document",
    "diagnostic_document",
    "entry_document",
    "entry_of",
    "is_readable",
    "plain",
    "plan_document",
    "plan_of",
    "state_document",
    "state_of",
]

FORMAT_VERSION = 1
"""Of state and plan documents, and of the journal: final; a later one is refused by name."""

PORTABLE_VERSION = 1
"""Of the part that a portable state has beyond the state."""

T = TypeVar("T")

RECORDS: Mapping[str, type[Record]] = {
    "residency": ResidencyRecord,
    "sso": SsoRecord,
    "deletions": RequestRecord,
    "retrievals": RequestRecord,
}

ENTRIES: Mapping[str, type[entries.Entry]] = {
    "began": entries.Began,
    "put": entries.Put,
    "put_request": entries.PutRequestEntry,
    "intended": entries.Intended,
    "acknowledged": entries.Acknowledged,
    "unsettled": entries.Unsettled,
    "polled": entries.Polled,
    "cancel_accepted": entries.CancelAccepted,
    "learned_cap": entries.LearnedCap,
    "forgot": entries.Forgot,
}
ENTRY_NAMES = {cls: name for name, cls in ENTRIES.items()}


def canonical(document: Any) -> bytes:
    """The one spelling of a document that hashes are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def as_filed(document: Any) -> bytes:
    """A document as a file holds it: indented by one space, UTF-8, a newline at its end. Raises `ValueError` for NaN and the infinities.

    The library's own indenting is written in Python and takes twenty times as long.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return msgspec.json.format(text.encode(), indent=1) + b"\n"


def _typed(document: Any, cls: type[T]) -> T:
    try:
        value = msgspec.convert(document, type=cls, strict=True)
        sound.check(value)
        return value
    except (msgspec.ValidationError, RecursionError, OverflowError):
        # The library's text may quote a value of the document, so only the kind of document is passed on.
        raise ValueError(f"not a {getattr(cls, '__name__', cls)}") from None


# State


def state_document(state: State, *, written_at: datetime) -> dict[str, Any]:
    """The JSON of `mixpriv.state.json`; see `docs/reference/formats.md`."""
    document = plain(state)
    document["tasks"] = [plain(task) for _, task in sorted(state.tasks.items())]
    return {"format_version": FORMAT_VERSION, "written_at": plain(written_at), **document}


def state_of(document: Mapping[str, Any]) -> State:
    """The state that a document of `FORMAT_VERSION` holds; its segments are yet to be opened."""
    hints = get_type_hints(State)
    simple = [field.name for field in dataclasses.fields(State) if field.name not in NOT_IN_JSON | {"records", "tasks"}]
    records = document.get("records")
    tasks = document.get("tasks")
    if not isinstance(records, dict) or not isinstance(tasks, list):
        raise ValueError("not a State")
    if not {"lineage", "serial", "tool_version"} <= document.keys():
        raise ValueError("not a State")
    typed_tasks = [_typed(task, TaskRecord) for task in tasks]
    facts = {name: _typed(document[name], hints[name]) for name in simple if name in document}
    if LINEAGE.fullmatch(facts["lineage"]) is None or facts["serial"] > MOST_SERIAL:
        raise ValueError("not a State")
    return State(
        **facts,
        records={address: _recorded(address, record) for address, record in records.items()},
        tasks={task.key: task for task in typed_tasks},
    )


def _address(text: str) -> str:
    if not isinstance(text, str) or ADDRESS.fullmatch(text) is None:
        raise ValueError("not an address")
    return text


def _recorded(address: str, document: Any) -> Record:
    """The record at *address*, which says its kind."""
    record = _record(document)
    _check_kind(address, record)
    return record


def _check_kind(address: str, record: Record) -> None:
    if Address.parse(_address(address)).kind != record.kind:
        raise ValueError("not the record of this address")


def _record(document: Any) -> Record:
    kind = document.get("kind") if isinstance(document, dict) else None
    cls = RECORDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError("not a Record")
    record = _typed(document, cls)
    if isinstance(record, RequestRecord) and record.next_batch > MOST_NEXT_BATCH:
        raise ValueError("not a number that a batch can have")
    return record


# Journal


def is_readable(entry: entries.Entry) -> bool:
    """Whether *entry*, and the state that comes of it, can be read again: only then may it be written, and what it announces be done."""
    match entry:
        case entries.Began():
            return entry.serial < MOST_SERIAL and LINEAGE.fullmatch(entry.lineage) is not None
        case entries.Intended():
            return entry.batch < MOST_NEXT_BATCH
        case entries.PutRequestEntry():
            return entry.record.next_batch <= MOST_NEXT_BATCH
        case _:
            return True


def entry_document(entry: entries.Entry) -> dict[str, Any]:
    """One journal entry as JSON, its digests aside (they travel beside it as bytes)."""
    return {"entry": ENTRY_NAMES[type(entry)], **plain(entry)}


def entry_of(document: Any, digests: memoryview) -> entries.Entry:
    """The entry that *document* spells, with the *digests* that came beside it."""
    name = document.get("entry") if isinstance(document, dict) else None
    cls = ENTRIES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ValueError("not a journal entry")
    facts = {key: value for key, value in document.items() if key != "entry"}
    if cls is entries.Put:
        if not isinstance(facts.get("address"), str):
            raise ValueError("not a Put")
        return entries.Put(facts["address"], _recorded(facts["address"], facts.get("record")))
    if cls is entries.Intended:
        known = _typed({**facts, "digests": None}, _IntendedFacts)
        _address(known.address)
        intent = entries.Intended(known.address, known.batch, known.attempt, known.count, known.sha256, known.at, digests)
        if not is_readable(intent) or len(digests) % DIGEST_BYTES:
            raise ValueError("not an Intended")
        return intent
    entry = _typed(facts, cls)
    if isinstance(entry, entries.PutRequestEntry):
        _check_kind(entry.address, entry.record)
    if not is_readable(entry):
        raise ValueError(f"not a {cls.__name__}")
    return entry


@dataclasses.dataclass(frozen=True, slots=True)
class _IntendedFacts:
    address: str
    batch: int
    attempt: int
    count: int
    sha256: str
    at: datetime
    digests: None = None


# Plan


def diagnostic_document(found: Diagnostic) -> dict[str, Any]:
    """One diagnostic as contract §1 spells it."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "hint": found.hint,
        "file": found.span.file if found.span else None,
        "line": found.span.line if found.span else None,
        "column": found.span.column if found.span else None,
        "address": found.address or None,
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """`plan --format json`, contract §5. Holds no id, no offset, no secret."""
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": plan.tool_version,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "digest": plan.digest,
        "resource_changes": [change_document(change) for change in plan.changes],
        "summary": plain(plan.summary),
        "cost": plain(plan.cost),
        "totals": {"erases": plan.erases, "withdraws": plan.withdraws, "cancels": plan.cancels, "resubmits": plan.resubmits},
        "next_deadline": plain(plan.next_deadline),
        "partial": plan.options.is_partial,
        "options": plain(plan.options),
        "manifests": plan.manifests,
        "declared": plain(plan.declared),
        "known_since": plain(plan.known_since),
        "refusals": [diagnostic_document(found) for found in plan.refusals],
        "diagnostics": [diagnostic_document(found) for found in plan.diagnostics],
    }


def change_document(change: Change) -> dict[str, Any]:
    """One entry of `resource_changes`."""
    return {
        "address": str(change.address),
        "kind": change.kind,
        "project": change.project,
        "project_id": change.project_id,
        "change": {"actions": plain(change.actions), "before": plain(change.before), "after": plain(change.after)},
        "reason": change.reasons[0] if change.reasons else None,
        "reasons": list(change.reasons),
        "irreversible": change.irreversible,
        "subjects": change.subjects,
        "requests": change.requests,
        "deadline": plain(change.deadline),
        "source": {"file": change.source.file, "line": change.source.line, "column": change.source.column} if change.source else None,
        "submits": _ids_document(change.submits),
        "withdraws": {**_ids_document(change.withdraws), "unsent": change.withdrawn_unsent},
        "waits": _ids_document(change.waits),
        "steps": [document for step in change.steps if (document := _step_document(step)) is not None],
    }


def _ids_document(ids: IdSet) -> dict[str, Any]:
    return {"count": ids.count, "sha256": ids.sha256}


def _step_document(step: Step) -> dict[str, Any] | None:
    match step:
        case SubmitBatch(ids, attempt, origin, after):
            return {"step": "submit_batch", **_ids_document(ids), "attempt": attempt, "origin": origin, "after": after}
        case CancelTask():
            return {"step": "cancel_task", **plain(step)}
        case ManualStep():
            return {"step": "manual_step", **plain(step)}
        case _:
            return None


def plan_of(document: Any) -> Plan:
    """The plan that a document spells; its id sets hold counts and hashes only."""
    try:
        return Plan(
            tool_version=_text(document["tool_version"]),
            lineage=_typed(document["lineage"], str | None),  # type: ignore[arg-type]
            serial=_typed(document["serial"], int),
            digest=_text(document["digest"]),
            changes=tuple(_change_of(change) for change in _listed(document["resource_changes"])),
            diagnostics=tuple(_diagnostic_of(found) for found in _listed(document["diagnostics"])),
            refusals=tuple(_diagnostic_of(found) for found in _listed(document["refusals"])),
            summary=_typed(document["summary"], Summary),
            cost=_typed(document["cost"], Cost),
            **_typed(document["totals"], dict[str, int]),
            next_deadline=_typed(document["next_deadline"], date | None),  # type: ignore[arg-type]
            options=_typed(document["options"], PlanOptions),
            manifests=_text(document["manifests"]),
            declared=_typed(document["declared"], dict[str, str]),
            known_since=_typed(document["known_since"], datetime | None),  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a plan") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _change_of(document: Any) -> Change:
    source, withdraws = document["source"], document["withdraws"]
    actions = tuple(_typed(action, Action) for action in _listed(document["change"]["actions"]))
    if not actions:
        raise ValueError("not a change")
    return Change(
        address=Address.parse(_address(_text(document["address"]))),
        kind=_text(document["kind"]),
        project=_text(document["project"]),
        project_id=_typed(document["project_id"], int),
        actions=actions,
        reasons=_typed(document["reasons"], tuple[str, ...]),
        before=_typed(document["change"]["before"], dict[str, Any] | None),  # type: ignore[arg-type]
        after=_typed(document["change"]["after"], dict[str, Any] | None),  # type: ignore[arg-type]
        steps=tuple(_step_of(step) for step in _listed(document["steps"])),
        irreversible=_typed(document["irreversible"], bool),
        submits=_ids_of(document["submits"]),
        withdraws=_ids_of(withdraws),
        waits=_ids_of(document["waits"]),
        withdrawn_unsent=_typed(withdraws["unsent"], int),
        deadline=_typed(document["deadline"], date | None),  # type: ignore[arg-type]
        source=None if source is None else SourceSpan(_text(source["file"]), _typed(source["line"], int), _typed(source["column"], int)),
    )


def _ids_of(document: Any) -> IdSet:
    return IdSet(_typed(document["count"], int), _text(document["sha256"]), memoryview(b""))


def _step_of(document: Any) -> Step:
    facts = {key: value for key, value in document.items() if key != "step"}
    match document["step"]:
        case "submit_batch":
            after = _typed(facts["after"], str | None)  # type: ignore[arg-type]
            return SubmitBatch(_ids_of(facts), _typed(facts["attempt"], int), _text(facts["origin"]), after)
        case "cancel_task":
            return _typed(facts, CancelTask)
        case "manual_step":
            return _typed(facts, ManualStep)
        case _:
            raise ValueError("not a step")


def _diagnostic_of(document: Any) -> Diagnostic:
    span = None
    if document["file"] is not None:
        span = SourceSpan(_text(document["file"]), _typed(document["line"], int), _typed(document["column"], int))
    return Diagnostic(
        _text(document["code"]),
        _typed(document["severity"], Severity),
        _text(document["message"]),
        _text(document["hint"]),
        span,
        _typed(document["address"], str | None) or "",  # type: ignore[arg-type]
    )
