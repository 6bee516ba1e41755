"""Dialects: the three ways in which Mixpanel's answers are described. Source: API §1.3 and §1.8.

*oas* is the OpenAPI file (rows A), *prose* the prose reference (rows B), *live* what was observed (row C).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from mixpriv_reconcile.sandbox.answers import Answer, json_answer
from mixpriv_reconcile.sandbox.options import Dialect
from mixpriv_reconcile.sandbox.tasks import Task

__all__ = ["TaskView", "cancelled", "created", "found", "missing"]

REQUESTING_USER = "dpo@example.test"


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with what its answers tell: `link` is "" until an export is there.

    `project_id` is None where the sandbox has no registered project; the answers leave it out then.
    """

    task: Task
    status: str
    distinct_ids: tuple[str, ...] = field(repr=False)
    project_id: int | None
    link: str


def created(dialect: Dialect, view: TaskView) -> Answer:
    """The answer to a successful POST: 201, but 200 in prose, which doesn't say."""
    match dialect:
        case "oas":
            return _ok(201, {"task_id": view.task.tracking_id})
        case "prose":
            return _ok(200, [_prose_record(view)])
        case "live":
            return _ok(201, _live_record(view) | {"distinct_ids": view.distinct_ids})


def found(dialect: Dialect, view: TaskView, *, echoes_ids: bool) -> Answer:
    """The answer to GET. Without the echo, the number of ids stands in its place."""
    ids = {"distinct_ids": view.distinct_ids} if echoes_ids else {"distinct_id_count": view.task.id_count}
    is_deletion = view.task.kind == "deletion"
    match dialect:
        case "oas" if is_deletion:
            return _ok(200, _oas_record(view) | ids)
        case "oas":
            return _ok(200, {"status": view.status, "results": view.link} | ids)
        case "prose":
            return _ok(200, {"status": view.status, "result": view.link} | ids)
        case "live":
            link = {} if is_deletion else {"result": view.link}
            return _ok(200, _live_record(view) | link | ids)


def cancelled(dialect: Dialect, view: TaskView) -> Answer:
    """The answer to a successful DELETE: 204, but 200 with a body in prose."""
    if dialect == "prose":
        return _ok(200, {"task_id": view.task.tracking_id})
    return Answer(204)


def missing(dialect: Dialect, tracking_id: str) -> Answer:
    """NOT_FOUND as a value in a 200 body. Source: API §1.4."""
    named = {} if dialect == "prose" else {"tracking_id": tracking_id}
    return _ok(200, {"status": "NOT_FOUND"} | named)


def _ok(status: int, results: object) -> Answer:
    return json_answer(status, {"status": "ok", "results": results})


def _oas_record(view: TaskView) -> dict[str, object]:
    return {
        "tracking_id": view.task.tracking_id,
        "status": view.status,
        "requesting_user": REQUESTING_USER,
        "compliance_type": view.task.compliance,
        **_project(view),
        "date_requested": _date(view.task.created_at).isoformat(timespec="seconds"),
    }


def _prose_record(view: TaskView) -> dict[str, object]:
    return {
        "status": view.status,
        "disclosure_type": view.task.disclosure,
        "date_requested": _date(view.task.created_at).isoformat(timespec="microseconds"),
        "tracking_id": view.task.tracking_id,
        **_project(view),
        "compliance_type": view.task.compliance.lower(),
        "destination_url": None,
        "requesting_user": REQUESTING_USER,
        "distinct_id_count": view.task.id_count,
    }


def _live_record(view: TaskView) -> dict[str, object]:
    disclosure = {} if view.task.kind == "deletion" else {"disclosure_type": view.task.disclosure}
    return {
        "id": view.task.number,
        "tracking_id": view.task.tracking_id,
        "status": view.status,
        **_project(view),
        "requesting_user": REQUESTING_USER,
        "compliance_type": view.task.compliance.lower(),
        **disclosure,
        "date_requested": _date(view.task.created_at).isoformat(timespec="microseconds"),
    }


def _project(view: TaskView) -> dict[str, object]:
    return {} if view.project_id is None else {"project_id": view.project_id}


def _date(seconds: float) -> datetime.datetime:
    """UTC without a zone, as both references print it. Source: API §1.8, row 17."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(tzinfo=None)
