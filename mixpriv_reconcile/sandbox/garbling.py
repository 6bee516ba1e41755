"""Garbling: answers with a success status that a client can't use, or mustn't believe."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from mixpriv_reconcile.sandbox.actions import Garbled, Reshaped
from mixpriv_reconcile.sandbox.answers import Answer

__all__ = ["garbled", "reshaped"]

OVERSIZE_BYTES: Final = 17 * 2**20
"""Somewhat more than 2,000 ids of 1,024 bytes, each byte of which is escaped."""

TASK_NAMES: Final = ("tracking_id", "task_id", "id")


def garbled(answer: Answer, action: Garbled) -> Answer:
    """*answer*, made useless. A refusal stays as it is: what has no task can't lose it."""
    if answer.status >= 400:
        return answer
    answer = _with_body(answer)
    match action.how:
        case "not-json":
            return replace(answer, body=b'{"status":"ok","results":')
        case "empty":
            return replace(answer, body=b"")
        case "no-task":
            return replace(answer, body=b'{"status":"ok","results":{}}')
        case "list-empty":
            return replace(answer, body=b'{"status":"ok","results":[]}')
        case "oversized":
            return replace(answer, body=b" " * OVERSIZE_BYTES + answer.body)
        case "other-project":
            return _changed(answer, lambda record: {**record, "project_id": 1})
        case "partial-echo":
            return _changed(answer, lambda record: {**record, "distinct_ids": list(record.get("distinct_ids", ["?"]))[:-1]})


def reshaped(answer: Answer, action: Reshaped) -> Answer:
    """*answer* with other JSON in a part of it; a refusal stays as it is."""
    if answer.status >= 400:
        return answer
    answer, value = _with_body(answer), json.loads(action.json_text)
    match action.part:
        case "body":
            return replace(answer, body=json.dumps(value).encode())
        case "results":
            return replace(answer, body=json.dumps({"status": "ok", "results": value}).encode())
        case "task":
            return _changed(answer, lambda record: {key: record[key] for key in record if key not in TASK_NAMES} | {"tracking_id": value})


def _with_body(answer: Answer) -> Answer:
    """204 must not have a body, so a cancelled task is answered with 200."""
    return replace(answer, status=200, body=b'{"status":"ok","results":{}}') if answer.status == 204 else answer


def _changed(answer: Answer, change: Any) -> Answer:
    """*answer* with another record in its results, whether they are an object or a list of one."""
    document = json.loads(answer.body)
    results = document["results"]
    document["results"] = [change(results[0])] if isinstance(results, list) else change(results)
    return replace(answer, body=json.dumps(document, ensure_ascii=False).encode())
