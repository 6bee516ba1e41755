"""The GDPR API's calls and answers, for every kind that is a request: pure, tolerant of each shape in API §1.3 and §1.8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.remote import (
    Accepted,
    Access,
    Cancelled,
    CancelOutcome,
    Conflict,
    Denied,
    Lookup,
    Lost,
    NotSent,
    RateLimited,
    Refused,
    Request,
    Response,
    SubmitOutcome,
    TaskSeen,
    TooLate,
    Unclear,
)
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.model.tasks import KNOWN, MISSING, PENDING, UNKNOWN

__all__ = [
    "ANOTHER_PROJECT",
    "cancellation",
    "is_tracking_id",
    "lookup",
    "read_cancellation",
    "read_lookup",
    "read_submission",
    "retry_after",
    "submission",
]

COLLECTIONS = {"deletions": "/api/app/data-deletions/v3.0/", "retrievals": "/api/app/data-retrievals/v3.0/"}
"""With the trailing slash: without it the server redirects, and a redirected POST loses its body (API §1.1)."""

LONGEST_SECONDS = 1e9
"""Thirty years: longer than anybody waits, and short enough for any calendar."""

MOST_LISTED_IDS = 100_000
"""Fifty times what one request may hold; each listed id of a task is hashed to see whose it is."""

ANOTHER_PROJECT = "the answer names another project"
"""Why an answer is unclear that is about a task of somebody else's project."""

TRACKING_ID_BYTES = 256
"""Longest tracking id taken for one; UUIDs have 36 characters, the numbers seen 19."""


def submission(kind: str, ids: RawIds, compliance: str, disclosure: str | None = None) -> Request:
    """The POST that asks for one batch. The compliance type is upper case on the wire (API §1.2)."""
    body: dict[str, Any] = {"distinct_ids": ids, "compliance_type": compliance.upper()}
    if disclosure is not None:
        body["disclosure_type"] = disclosure.capitalize()
    return Request("POST", COLLECTIONS[kind], body)


def lookup(kind: str, tracking_id: str) -> Request:
    """The GET that tells one task's status."""
    return Request("GET", _item(kind, tracking_id))


def cancellation(tracking_id: str) -> Request:
    """The DELETE of one deletion task, by its id: the collection form could revoke other people's tasks (API §1.8 #8)."""
    return Request("DELETE", _item("deletions", tracking_id))


def _item(kind: str, tracking_id: str) -> str:
    return f"{COLLECTIONS[kind]}{quote(tracking_id, safe='')}/"


def read_submission(answer: Response | NotSent | Lost, access: Access, now: float) -> SubmitOutcome:
    """What became of a POST. *now* is the time in seconds since the epoch, for a `Retry-After` that is a date."""
    match answer:
        case NotSent():
            return answer
        case Lost(why):
            return Unclear(why)
        case Response(status=200 | 201 | 202):
            return _acknowledgement(answer, access)
        case Response(status=409):
            return _conflict(answer)
        case Response(status=400 | 413 | 422):
            return Refused(answer.status)
        case _:
            return _common(answer, access, now)


def read_lookup(answer: Response | NotSent | Lost, access: Access, now: float) -> Lookup:
    """What a GET of a task tells; a 404 is the status NOT_FOUND, for the task was known."""
    match answer:
        case NotSent():
            return answer
        case Lost(why):
            return Unclear(why)
        case Response(status=200):
            return _task(answer, access)
        case Response(status=404):
            return TaskSeen(MISSING)
        case Response(status=303):
            return Denied(303, _denial(303, access))  # to a POST or a DELETE it may mean that it was done; here it is a redirect
        case _:
            return _common(answer, access, now)


def read_cancellation(answer: Response | NotSent | Lost, access: Access, now: float) -> CancelOutcome:
    """What became of a DELETE; an accepted one is confirmed by a look afterwards."""
    match answer:
        case NotSent():
            return answer
        case Lost(why):
            return Unclear(why)
        case Response(status=200 | 202 | 204):
            return Cancelled()
        case Response(status=405 | 409):
            return TooLate(answer.status)
        case _:
            return _common(answer, access, now)


def _common(answer: Response, access: Access, now: float) -> RateLimited | Denied | Unclear:
    if answer.status == 429:
        return RateLimited(retry_after(answer, now), answer.names_scans)
    if answer.status >= 500 or 200 <= answer.status < 300 or answer.status in (303, 408):
        # a success of a kind that nobody documents says that the call arrived, and not what became of it
        return Unclear(f"HTTP {answer.status}", answer.status)
    return Denied(answer.status, _denial(answer.status, access))


def retry_after(answer: Response, now: float) -> float | None:
    """Seconds to wait as the server asks, in either form of RFC 9110 §10.2.3; None where it doesn't ask or isn't readable."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        # However many digits: a server that asks for ages must not be called again after a moment.
        return float(text) if len(text) < 10 else LONGEST_SECONDS
    try:
        day = parsedate_to_datetime(text)
        # an HTTP date is in GMT; one without a zone must not be read as the time of this machine
        return min(LONGEST_SECONDS, max(0.0, (day if day.tzinfo is not None else day.replace(tzinfo=UTC)).timestamp() - now))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _document(answer: Response) -> Mapping[str, Any] | None:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _results(answer: Response) -> Mapping[str, Any] | None:
    """`results` as a mapping: the object itself, or the first object of a list (API §1.8 #1)."""
    document = _document(answer)
    results = document.get("results") if document is not None else None
    if isinstance(results, list):
        results = next((result for result in results if isinstance(result, dict)), None)
    return results if isinstance(results, dict) else None


def _opaque(value: object) -> str | None:
    """A tracking id as an opaque string; whole numbers are coerced (API §1.8 #3).

    One of dots alone is none: it stays a dot in the path, where a client would take it for the collection's own address.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**TRACKING_ID_BYTES else ""
    if isinstance(value, str) and value.strip(" .") and value.isprintable() and len(value.encode()) <= TRACKING_ID_BYTES:
        return value
    return None


def is_tracking_id(text: str) -> bool:
    """Whether *text* can be the id of a task."""
    return _opaque(text) == text


def _acknowledgement(answer: Response, access: Access) -> Accepted | Unclear:
    results = _results(answer)
    if results is None:
        return Unclear(f"HTTP {answer.status} without a task", answer.status)
    tracking_id = _opaque(results.get("tracking_id")) or _opaque(results.get("task_id"))
    weak = tracking_id is None
    tracking_id = tracking_id or _opaque(results.get("id"))
    if tracking_id is None:
        return Unclear(f"HTTP {answer.status} without a task", answer.status)
    if _is_elsewhere(results, access):
        return Unclear(ANOTHER_PROJECT, answer.status)
    return Accepted(tracking_id, _status(results, PENDING), weak, _ids(results.get("distinct_ids")))


def _is_elsewhere(results: Mapping[str, Any], access: Access) -> bool:
    """Whether an answer is about another project; the number may come as text (API §1.8 #16)."""
    project_id = results.get("project_id")
    return project_id is not None and _opaque(project_id) != str(access.project_id)


def _status(results: Mapping[str, Any], default: str) -> str:
    """The task's status as a word of API §1.4. Any other word is UNKNOWN: it is kept and shown, and could be a person's name."""
    status = results.get("status")
    if not isinstance(status, str) or not status:
        return default
    return status.upper() if status.upper() in KNOWN else UNKNOWN


def _task(answer: Response, access: Access) -> TaskSeen | Unclear:
    results = _results(answer)
    if results is None or not isinstance(results.get("status"), str):
        return Unclear("HTTP 200 without a task status", answer.status)
    if _is_elsewhere(results, access):
        return Unclear(ANOTHER_PROJECT, answer.status)
    return TaskSeen(_status(results, UNKNOWN), _few_ids(results.get("distinct_ids")), _link(results))


def _link(results: Mapping[str, Any]) -> Secret | None:
    """Where the finished export lies: whoever has the link has the export, so it is kept like a token (API §1.8 #5)."""
    named = (results.get(key) for key in ("result", "results", "destination_url"))
    return next((Secret(text) for text in named if isinstance(text, str) and text), None)


def _ids(value: object) -> RawIds | None:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return RawIds(tuple(value))
    return None


def _few_ids(value: object) -> RawIds | None:
    """The ids as `_ids` reads them, or None for so many that no task of Mixpanel's holds them: that is as good as no list."""
    return None if isinstance(value, list) and len(value) > MOST_LISTED_IDS else _ids(value)


def _conflict(answer: Response) -> Conflict:
    """The ids and tasks that a 409 names, in any order and possibly none (API §1.3 error B)."""
    document = _document(answer) or {}
    error = document.get("error")
    detail: Mapping[str, Any] = error if isinstance(error, dict) else document
    tasks = detail.get("conflicting_task_ids")
    given = [task for task in tasks if task not in (None, "")] if isinstance(tasks, list) else []
    named = [_opaque(task) for task in given]
    unique = tuple(dict.fromkeys(task for task in named if task is not None))
    return Conflict(_few_ids(detail.get("conflicting_distinct_ids")) or RawIds(()), unique, named.count(None))


def _denial(status: int, access: Access) -> Diagnostic:
    """What to do about a status that waiting can't heal."""
    where = f"{access.project} (project {access.project_id}, region {access.region.value})"
    code, message, hint = {
        401: (
            "MP0701",
            f"Mixpanel doesn't accept the GDPR token for {where}: it is wrong or has expired",
            "let the project's owner, or an owner or admin of a project with team roles, make a new one under Profile & Preferences "
            "› Data & Privacy (valid for one year, nothing renews it), and put it where `gdpr_token` points",
        ),
        403: (
            "MP0702",
            f"the owner of the GDPR token may not erase in {where}",
            "the token acts for the person who made it: let the project's owner, or an owner or admin of a project with team roles, "
            "make one under Profile & Preferences › Data & Privacy, or have the person's role changed",
        ),
        404: (
            "MP0703",
            f"Mixpanel doesn't know {where} at this address",
            "check `residency` (a project lives in one region only), `id` and what `token` points to",
        ),
        405: (
            "MP0704",
            f"Mixpanel doesn't allow this call for {where}",
            "check `residency` and MIXPRIV_URL_*; see `mixpriv explain MP0704`",
        ),
    }.get(
        status,
        (
            (
                "MP0705",
                f"Mixpanel answered with a redirect (HTTP {status}) for {where}; it was not followed",
                "check MIXPRIV_URL_* and the region",
            )
            if 300 <= status < 400
            else ("MP0706", f"Mixpanel answered HTTP {status} for {where}", "see `mixpriv explain MP0706`")
        ),
    )
    return Diagnostic(code, Severity.ERROR, message, hint, address=access.project)
