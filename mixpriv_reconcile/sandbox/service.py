"""The service: what the GDPR API does with a call that nothing disturbs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mixpriv_reconcile.sandbox import dialects
from mixpriv_reconcile.sandbox.answers import Answer, conflict, error
from mixpriv_reconcile.sandbox.bodies import InvalidBody, body_parsed
from mixpriv_reconcile.sandbox.calls import Call
from mixpriv_reconcile.sandbox.dialects import TaskView
from mixpriv_reconcile.sandbox.options import IDS_PER_REQUEST, Project, SandboxOptions
from mixpriv_reconcile.sandbox.store import Store
from mixpriv_reconcile.sandbox.tasks import CANCELLABLE, LIVE, Draft, Task, status_on_day

__all__ = ["EXPORTS_PATH", "Service"]

EXPORTS_PATH: Final = "/_exports"
"""Where finished retrievals are downloaded, followed by the tracking id and `.zip`."""

_METHODS: Final = {
    ("deletion", True): "GET, DELETE",
    ("deletion", False): "POST",
    ("retrieval", True): "GET",
    ("retrieval", False): "POST",
}


class _Refusal(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Service:
    """The API over a store. Its calls want a transaction around them, and happen one at a time."""

    options: SandboxOptions
    store: Store

    def answer(self, call: Call, now: float, job_status: str | None = None, *, echoes_ids: bool = True) -> Answer:
        """The answer to *call*, which takes effect; *job_status* is told instead of the task's own, ids if *echoes_ids*."""
        try:
            self._check_credentials(call)
            project = self._project(call)
            match call.method, call.tracking_id:
                case "POST", None:
                    return self._created(call, project, now)
                case "GET", str(tracking_id):
                    return self._found(call, project, tracking_id, now, job_status, echoes_ids=echoes_ids)
                case "DELETE", str(tracking_id) if call.kind == "deletion":
                    return self._cancelled(call, project, tracking_id, now)
                case _:
                    allowed = _METHODS[call.kind, call.tracking_id is not None]
                    return error(405, f"method {call.method} not allowed", ("Allow", allowed))
        except _Refusal as refusal:
            return refusal.answer

    def status(self, task: Task, now: float) -> str:
        """The job status of *task* at this moment."""
        return status_on_day(task, self.store.clock(self.options.speed).day(task, now))

    def _check_credentials(self, call: Call) -> None:
        scheme, _, bearer = call.authorization.partition(" ")
        bearer = bearer.strip()
        known = self.options.bearers
        if scheme.lower() != "bearer" or not bearer:
            raise _Refusal(error(401, "authentication credentials were not provided"))
        if bearer in self.options.ineligible:
            text = "only an owner or admin of the organization or the project may do this"
            raise _Refusal(error(403, text))
        if known and bearer not in known:
            raise _Refusal(error(401, "invalid authentication credentials"))

    def _project(self, call: Call) -> Project | None:
        """The project of the call; None where the sandbox has no registry. Refuses foreign ones."""
        if not call.project_token:
            raise _Refusal(error(400, "the query parameter token is required"))
        unknown = error(404, "no project with this token in this region")
        if not self.options.projects:
            if self.store.bound_region(call.project_token, call.region) != call.region:
                raise _Refusal(unknown)
            return None
        for project in self.options.projects:
            if project.token == call.project_token and project.region == call.region:
                return project
        raise _Refusal(unknown)

    def _created(self, call: Call, project: Project | None, now: float) -> Answer:
        most_ids = IDS_PER_REQUEST
        if project is not None and call.kind == "deletion":
            most_ids = project.ids_per_deletion
        try:
            body = body_parsed(call.body, call.kind, most_ids)
        except InvalidBody as invalid:
            return error(400, str(invalid))
        if call.kind == "deletion":
            self._check_conflicts(call, body.distinct_ids, now)
        draft = Draft(call.kind, call.project_token, call.region, body.compliance, body.disclosure, body.distinct_ids)
        task = self.store.add(draft, self._new_tracking_id(), now)
        answer = dialects.created(self.options.dialect, self._view(task, call, project, "PENDING"))
        return replace(answer, tracking_id=task.tracking_id)

    def _check_conflicts(self, call: Call, ids: Sequence[str], now: float) -> None:
        """Refuses ids that are in a live deletion of the project. Source: API §1.6."""
        held: set[str] = set()
        holders = []
        for task in self.store.deletions_with_any(call.project_token, ids):
            if self.status(task, now) in LIVE:
                holders.append(task.tracking_id)
                held.update(self.store.distinct_ids(task))
        if holders:
            raise _Refusal(conflict([one for one in ids if one in held], holders))

    def _found(
        self, call: Call, project: Project | None, tracking_id: str, now: float, job_status: str | None, *, echoes_ids: bool
    ) -> Answer:
        task = self._task(call, tracking_id)
        if task is None and self.options.not_found == "body":
            return dialects.missing(self.options.dialect, tracking_id)
        if task is None:
            return error(404, "no such task")
        view = self._view(task, call, project, job_status or self.status(task, now))
        return dialects.found(self.options.dialect, view, echoes_ids=echoes_ids and self.options.echoes_ids)

    def _cancelled(self, call: Call, project: Project | None, tracking_id: str, now: float) -> Answer:
        task = self._task(call, tracking_id)
        if task is None:
            return error(404, "no such task")
        status = self.status(task, now)
        if status not in CANCELLABLE:
            return error(405, f"a task that is {status} cannot be cancelled", ("Allow", "GET"))
        self.store.revoke(task, now)
        return dialects.cancelled(self.options.dialect, self._view(task, call, project, "REVOKED"))

    def _task(self, call: Call, tracking_id: str) -> Task | None:
        """The task, if it is of the kind and the project that the call names."""
        task = self.store.task(tracking_id)
        if task is None or (task.kind, task.project_token) != (call.kind, call.project_token):
            return None
        return task

    def _view(self, task: Task, call: Call, project: Project | None, status: str) -> TaskView:
        has_export = task.kind == "retrieval" and status == "SUCCESS"
        return TaskView(
            task,
            status,
            self.store.distinct_ids(task),
            None if project is None else project.project_id,
            f"{call.origin}{EXPORTS_PATH}/{task.tracking_id}.zip" if has_export else "",
        )

    def _new_tracking_id(self) -> str:
        """A UUID, or a number of 19 digits in the documented dialects. Source: API §1.8, row 3."""
        unique = uuid.uuid4()
        if self.options.dialect == "live":
            return str(unique)
        return str(10**18 + unique.int % (9 * 10**18))
