"""The app: the paths of the stand-in Mixpanel, the same on each of its three ports."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mixpriv_reconcile.sandbox import calls
from mixpriv_reconcile.sandbox.answers import Answer, error, json_answer
from mixpriv_reconcile.sandbox.calls import Call, LoggedCall
from mixpriv_reconcile.sandbox.desk import Desk
from mixpriv_reconcile.sandbox.exports import archive
from mixpriv_reconcile.sandbox.faults import Fault, Kind
from mixpriv_reconcile.sandbox.options import DOMAINS, Region
from mixpriv_reconcile.sandbox.service import EXPORTS_PATH
from mixpriv_reconcile.sandbox.wire import WireResponse

__all__ = ["Counter", "application"]

T = TypeVar("T")

METHODS: Final = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]
"""All come to the desk, which refuses what the API doesn't have."""

COLLECTIONS: Final[dict[str, Kind]] = {
    "/api/app/data-deletions/v3.0": "deletion",
    "/api/app/data-retrievals/v3.0": "retrieval",
}


@dataclass(frozen=True, slots=True)
class Counter:
    """The desk and the one thread that serves at it, so that the store has one user at a time."""

    desk: Desk
    worker: Executor

    async def served(self, work: Callable[[], T]) -> T:
        """What *work* returns, done in the worker's thread after all that came before it."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, work)


def application(counter: Counter, regions: Mapping[int, Region], control: list[Route]) -> Starlette:
    """The ASGI app. *regions* tells by its port which region a request came to."""
    doors = _Doors(counter, regions)
    routes = [*control, Route("/api/app/me", doors.me), Route(f"{EXPORTS_PATH}/{{name}}", doors.export)]
    for path, kind in COLLECTIONS.items():
        collection = doors.gdpr(kind)
        for suffix in ("", "/", "/{tracking_id}", "/{tracking_id}/"):
            routes.append(Route(path + suffix, collection, methods=METHODS))
    # A web page in the user's browser must not read the store through a host name of its own
    # that points to loopback; such a request names that host.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    app = Starlette(routes=routes, middleware=[hosts])
    app.router.redirect_slashes = False
    return app


class _Doors:
    def __init__(self, counter: Counter, regions: Mapping[int, Region]) -> None:
        self._counter = counter
        self._desk = counter.desk
        self._regions = regions

    def gdpr(self, kind: Kind) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            arrived_at = self._desk.clock()
            tracking_id = request.path_params.get("tracking_id")
            call = Call(
                method=request.method,
                kind=kind,
                tracking_id=tracking_id,
                is_slashless=tracking_id is None and not request.url.path.endswith("/"),
                region=self._region(request),
                origin=str(request.base_url).rstrip("/"),
                path=request.url.path,
                query=request.url.query,
                project_token=request.query_params.get("token", ""),
                authorization=request.headers.get("authorization", ""),
                body=await request.body(),
                arrived_at=arrived_at,
            )
            return WireResponse(await self._counter.served(lambda: self._desk.answer(call)))

        return endpoint

    async def me(self, request: Request) -> Response:
        if _has_basic_credentials(request):
            projects = {
                str(project.project_id): {
                    "name": f"Sandbox project {project.project_id}",
                    "domain": DOMAINS[project.region],
                }
                for project in self._desk.options.projects
            }
            answer = json_answer(200, {"status": "ok", "results": {"projects": projects}})
        else:
            answer = error(401, "authentication credentials were not provided")
        await self._log(request, "me", None, answer)
        return WireResponse(answer)

    async def export(self, request: Request) -> Response:
        name = str(request.path_params["name"])
        tracking_id = name.removesuffix(".zip")
        served = self._counter.served
        answer = await served(
            lambda: self._desk.export(
                self._archive(tracking_id), lambda answer, fault: self._logged(request, "download", tracking_id, answer, fault)
            )
        )
        return WireResponse(answer)

    def _archive(self, tracking_id: str) -> Answer:
        store = self._desk.store
        task = store.task(tracking_id)
        if task is None or task.kind != "retrieval":
            return error(404, "no such export")
        return Answer(200, archive(task, store.distinct_ids(task)), "application/zip")

    async def _log(self, request: Request, route: calls.Route, tracking_id: str | None, answer: Answer) -> None:
        call = self._logged(request, route, tracking_id, answer, None)
        await self._counter.served(lambda: self._desk.store.log(call))

    def _logged(self, request: Request, route: calls.Route, tracking_id: str | None, answer: Answer, fault: Fault | None) -> LoggedCall:
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        return LoggedCall(
            at=self._desk.clock(),
            region=self._region(request),
            method=request.method,
            route=route,
            project_token="",
            tracking_id=tracking_id,
            status=answer.status_seen,
            id_count=0,
            authorization=scheme or None,
            fault=None if fault is None else fault.spec,
        )

    def _region(self, request: Request) -> Region:
        return self._regions[request.scope["server"][1]]


def _has_basic_credentials(request: Request) -> bool:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).partition(b":")
    except binascii.Error:
        return False
    return scheme.lower() == "basic" and bool(user and secret)
