"""The desk: every call passes it, for the pace, the faults and the log, before the service does its work."""

from __future__ import annotations

import email.utils
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final, assert_never

from mixpriv_reconcile.sandbox.actions import (
    Delayed,
    Dripping,
    EchoSecrets,
    Garbled,
    Held,
    HiddenIds,
    HtmlPage,
    Hung,
    JobStatus,
    NamedConflict,
    NamelessConflict,
    OnTheWire,
    Redirected,
    RefusedIds,
    RefusedSize,
    ResetConnection,
    Reshaped,
    StaleConflict,
    StatusCode,
    Truncated,
)
from mixpriv_reconcile.sandbox.answers import Answer, Delivery, Release, conflict, error
from mixpriv_reconcile.sandbox.bodies import ids_in
from mixpriv_reconcile.sandbox.calls import Call, LoggedCall, Route
from mixpriv_reconcile.sandbox.echoes import echoed
from mixpriv_reconcile.sandbox.faults import Fault, FaultPlan, Kind
from mixpriv_reconcile.sandbox.garbling import garbled, reshaped
from mixpriv_reconcile.sandbox.options import SandboxOptions
from mixpriv_reconcile.sandbox.service import Service
from mixpriv_reconcile.sandbox.store import Store

__all__ = ["Desk"]

RATE_TEXT: Final = "too many requests; limited to 1 request/s"
"""As observed. Source: API §1.3, row 429."""

HOLD_SECONDS: Final = 60.0
"""Longest that an answer is held back: a test that failed before it let go must not hang."""

_ROUTES: Final[dict[Kind, Route]] = {"deletion": "deletions", "retrieval": "retrievals"}


class Desk:
    """Takes calls one at a time; `clock` gives seconds since 1970 and is the only clock there is."""

    def __init__(self, options: SandboxOptions, store: Store, clock: Callable[[], float]) -> None:
        self.options = options
        self.store = store
        self.clock = clock
        self.faults = FaultPlan(options.faults)
        self.service = Service(options, store)
        self.holding = Release()

    def answer(self, call: Call) -> Answer:
        """The answer to *call*. What it does to the store is durable when this returns."""
        with self.store.transaction():
            fault = None
            if call.is_slashless:
                answer = _redirect_to_slash(call)
            elif call.project_token and not self._admits(call):
                answer = error(429, RATE_TEXT)
            else:
                # Only calls that keep the pace are counted, so that a fault is never lost to a 429.
                fault = self.faults.struck(call.method, call.kind)
                answer = self._served(call) if fault is None else self._disturbed(call, fault)
            self.store.log(_logged(call, answer, fault))
        return answer

    def release(self) -> None:
        """Lets every answer go that is held at this moment."""
        self.holding.is_over, self.holding = True, Release()

    def _admits(self, call: Call) -> bool:
        whose = call.project_token
        if self.options.pace_by == "token":
            # Hashed, for the store's file outlives the call, and it has no need of the bearer itself.
            whose = "bearer " + hashlib.blake2b(call.authorization.encode(), digest_size=16).hexdigest()
        return self.store.admits(whose, call.arrived_at, self.options.interval_seconds)

    def _served(self, call: Call, job_status: str | None = None) -> Answer:
        return self.service.answer(call, self.clock(), job_status)

    def export(self, made: Answer, log: Callable[[Answer, Fault | None], LoggedCall]) -> Answer:
        """The answer to the download of an export, which is *made* unless a fault strikes; *log* tells what to write down."""
        with self.store.transaction():
            fault = self.faults.struck("GET", "export")
            answer = made if fault is None or not isinstance(fault.action, OnTheWire) else self._on_the_wire(fault.action, lambda: made)
            self.store.log(log(answer, fault))
        return answer

    def _on_the_wire(self, action: OnTheWire, served: Callable[[], Answer]) -> Answer:
        match action:
            case StatusCode():
                done = served() if action.takes_effect else Answer(action.code)
                return replace(self._failure(action), tracking_id=done.tracking_id)
            case ResetConnection(takes_effect):
                done = served() if takes_effect else Answer(500)
                return replace(done, delivery=Delivery("reset"))
            case Hung(seconds):
                return replace(served(), delivery=Delivery("hang", seconds))
            case Delayed(seconds):
                return replace(served(), delivery=Delivery("late", seconds))
            case Held():
                return replace(served(), delivery=Delivery("held", HOLD_SECONDS, self.holding))
            case Truncated():
                return replace(served(), delivery=Delivery("half"))
            case Dripping(seconds):
                return replace(served(), delivery=Delivery("drip", seconds))
            case HtmlPage():
                page = b"<!DOCTYPE html><title>Sign in</title><p>Please sign in to go on.</p>"
                return Answer(200, page, "text/html")
            case Redirected(code, url):
                return Answer(code, headers=(("Location", url),))
            case _ as never:
                assert_never(never)

    def _disturbed(self, call: Call, fault: Fault) -> Answer:
        if isinstance(fault.action, OnTheWire):
            return self._on_the_wire(fault.action, lambda: self._served(call))
        match fault.action:
            case Garbled() as action:
                return garbled(self._served(call), action)
            case Reshaped() as action:
                return reshaped(self._served(call), action)
            case EchoSecrets() as action:
                return echoed(call, action, lambda: self._served(call))
            case NamelessConflict():
                return error(409, "conflict with a running task")
            case NamedConflict(tracking_ids):
                return conflict(ids_in(call.body), tracking_ids)
            case StaleConflict():
                return self._stale_conflict(call) or self._served(call)
            case HiddenIds():
                return self.service.answer(call, self.clock(), echoes_ids=False)
            case RefusedIds(substring):
                if call.method == "POST" and any(substring in one for one in ids_in(call.body)):
                    return error(400, "the request could not be processed: unknown distinct_ids")
                return self._served(call)
            case RefusedSize(most, code):
                if len(ids_in(call.body)) > most:
                    return error(code, f"at most {most} distinct_ids are accepted")
                return self._served(call)
            case JobStatus(status):
                return self._served(call, status)
            case _ as never:
                assert_never(never)

    def _stale_conflict(self, call: Call) -> Answer | None:
        """The 409 of an index that lags behind cancellations; None where no cancelled task has an id of *call*."""
        ids = ids_in(call.body)
        tasks = self.store.revoked_deletions_with_any(call.project_token, ids)
        held = {one for task in tasks for one in self.store.distinct_ids(task)}
        return conflict([one for one in ids if one in held], [task.tracking_id for task in tasks]) if tasks else None

    def _failure(self, action: StatusCode) -> Answer:
        text = action.text or (RATE_TEXT if action.code == 429 else f"error {action.code} by request")
        if action.retry_after_seconds is None:
            return error(action.code, text)
        wait = str(action.retry_after_seconds)
        if action.retry_is_date:
            # HTTP dates have whole seconds; rounding down would promise less than was asked for.
            moment = math.ceil(self.clock() + action.retry_after_seconds)
            wait = email.utils.formatdate(moment, usegmt=True)
        return error(action.code, text, ("Retry-After", wait))


def _redirect_to_slash(call: Call) -> Answer:
    """The App API sends a path without its slash to the one with it. Source: API §1.1."""
    location = f"{call.path}/" + (f"?{call.query}" if call.query else "")
    return Answer(301, headers=(("Location", location),))


def _logged(call: Call, answer: Answer, fault: Fault | None) -> LoggedCall:
    return LoggedCall(
        at=call.arrived_at,
        region=call.region,
        method=call.method,
        route=_ROUTES[call.kind],
        project_token=call.project_token,
        tracking_id=call.tracking_id or answer.tracking_id,
        status=answer.status_seen,
        id_count=len(ids_in(call.body)),
        authorization=call.authorization.partition(" ")[0] or None,
        fault=None if fault is None else fault.spec,
    )
