"""Control: routes below `/_sandbox` by which a test looks into the sandbox and steers it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mixpriv_reconcile.sandbox.answers import Answer, error, json_answer
from mixpriv_reconcile.sandbox.app import Counter
from mixpriv_reconcile.sandbox.bodies import InvalidBody
from mixpriv_reconcile.sandbox.desk import Desk
from mixpriv_reconcile.sandbox.wire import WireResponse

__all__ = ["control_routes"]

CALLS_PER_ANSWER: Final = 10_000
"""About 2 MB of JSON; a longer log is read in parts with `?after=`."""

Work = Callable[[Desk, dict[str, object]], Answer]


def control_routes(counter: Counter) -> list[Route]:
    """The routes, which need no credentials and act for all regions at once.

    `GET tasks[?ids=0]`, `GET calls[?after=N][&limit=N]`, `POST force`, `POST advance`, `POST reset`,
    `POST release`, `GET|POST|DELETE fault`.
    """

    def route(method: str, path: str, work: Work) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                arguments = await _arguments(request)
                answer = await counter.served(lambda: work(counter.desk, arguments))
            except InvalidBody as invalid:
                answer = error(400, str(invalid))
            return WireResponse(answer)

        return Route(f"/_sandbox/{path}", endpoint, methods=[method])

    return [
        route("GET", "tasks", _tasks),
        route("GET", "calls", _calls),
        route("POST", "force", _force),
        route("POST", "advance", _advance),
        route("POST", "reset", _reset),
        route("POST", "release", _release),
        route("GET", "fault", _faults),
        route("POST", "fault", _add_fault),
        route("DELETE", "fault", _clear_faults),
    ]


def _tasks(desk: Desk, arguments: dict[str, object]) -> Answer:
    now = desk.clock()
    with_ids = arguments.get("ids") != "0"
    tasks = [
        asdict(task) | {"status": desk.service.status(task, now)} | ({"distinct_ids": desk.store.distinct_ids(task)} if with_ids else {})
        for task in desk.store.tasks()
    ]
    return json_answer(200, {"tasks": tasks})


def _calls(desk: Desk, arguments: dict[str, object]) -> Answer:
    after = int(_number(arguments, "after", 0))
    limit = int(_number(arguments, "limit", CALLS_PER_ANSWER))
    return json_answer(200, {"calls": [asdict(call) for call in desk.store.calls(after, limit)]})


def _force(desk: Desk, arguments: dict[str, object]) -> Answer:
    tracking_id, status, when = (arguments.get(key) for key in ("tracking_id", "status", "when"))
    if not isinstance(tracking_id, str) or when not in (None, "now", "end"):
        raise InvalidBody('expected {"tracking_id": …, "status": …, "when": "now" or "end"}')
    if when == "end":
        if not isinstance(status, str):
            raise InvalidBody("status must be a string, for a life needs an end")
        is_known = desk.store.force_final(tracking_id, status)
    else:
        if status is not None and not isinstance(status, str):
            raise InvalidBody("status must be a string, or null to free the task")
        is_known = desk.store.force(tracking_id, status)
    return _done() if is_known else error(404, "no such task")


def _advance(desk: Desk, arguments: dict[str, object]) -> Answer:
    with desk.store.transaction():
        desk.store.advance(_number(arguments, "days", None))
    return _done()


def _reset(desk: Desk, arguments: dict[str, object]) -> Answer:
    desk.store.reset()
    return _done()


def _release(desk: Desk, arguments: dict[str, object]) -> Answer:
    desk.release()
    return _done()


def _faults(desk: Desk, arguments: dict[str, object]) -> Answer:
    return json_answer(200, {"faults": desk.faults.specs})


def _add_fault(desk: Desk, arguments: dict[str, object]) -> Answer:
    spec = arguments.get("spec")
    if not isinstance(spec, str):
        raise InvalidBody('expected {"spec": "METHOD…=ACTION…"}')
    try:
        desk.faults.add(spec)
    except ValueError as wrong:
        raise InvalidBody(str(wrong)) from wrong
    return _faults(desk, arguments)


def _clear_faults(desk: Desk, arguments: dict[str, object]) -> Answer:
    desk.faults.clear()
    return _faults(desk, arguments)


def _done() -> Answer:
    return json_answer(200, {"status": "ok"})


async def _arguments(request: Request) -> dict[str, object]:
    """The query's parameters and the body's members in one."""
    found: dict[str, object] = dict(request.query_params)
    if not await request.body():
        return found
    try:
        document = await request.json()
    except (ValueError, RecursionError):
        raise InvalidBody("the body is not valid JSON") from None
    if not isinstance(document, dict):
        raise InvalidBody("the body must be a JSON object")
    return found | document


def _number(arguments: dict[str, object], key: str, default: float | None) -> float:
    value = arguments.get(key, default)
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    # What is beyond 2**53 is no count of anything here, and would not fit SQLite's integers.
    if not 0 <= number <= 2**53:
        raise InvalidBody(f"{key} must be a number, 0 or more")
    return number
