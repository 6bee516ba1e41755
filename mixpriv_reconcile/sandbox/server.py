"""The server: uvicorn on given sockets, silent, without signal handlers, quick to start and to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import uvicorn

from mixpriv_reconcile.sandbox.app import Counter, application
from mixpriv_reconcile.sandbox.control import control_routes
from mixpriv_reconcile.sandbox.desk import Desk
from mixpriv_reconcile.sandbox.options import Region, SandboxOptions
from mixpriv_reconcile.sandbox.store import Store
from mixpriv_reconcile.sandbox.wire import WireProtocol

__all__ = ["Server"]

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep idle connections (httpx: 5 s), so that none is closed under a request."""

SILENT: Final = logging.CRITICAL + 1


class Server:
    """One run of the sandbox. `run` blocks its thread; `stop` may be called from any other."""

    def __init__(self, options: SandboxOptions, store: Store, sockets: Mapping[Region, socket.socket]) -> None:
        self._sockets = list(sockets.values())
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mixpriv-sandbox-store")
        counter = Counter(Desk(options, store, time.time), self._worker)
        regions = {one.getsockname()[1]: region for region, one in sockets.items()}
        config = uvicorn.Config(
            application(counter, regions, control_routes(counter)),
            http=WireProtocol,
            ws="none",
            lifespan="off",
            # Not uvloop, even where it is installed: SO_LINGER is known to act through asyncio's sockets.
            loop="asyncio",
            log_config=None,
            log_level=SILENT,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            # Connections are cut before anything is waited for; this is for one that slips through.
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = _Uvicorn(config)
        self._failure: BaseException | None = None

    def wait_until_started(self) -> None:
        """Returns as soon as requests are answered; raises what kept `run` from getting there."""
        self._uvicorn.is_started.wait()
        if self._failure is not None:
            raise self._failure

    def run(self) -> None:
        """Serves until `stop`, then returns with all connections closed and all work done."""
        try:
            asyncio.run(self._uvicorn.serve(sockets=self._sockets))
        except BaseException as failure:
            # Raised in the thread that waits, for in this one nobody would see it.
            self._failure = failure
        finally:
            self._worker.shutdown()
            self._uvicorn.is_started.set()

    def stop(self) -> None:
        """Asks `run` to return, which it does within half a second."""
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_started = threading.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Signals belong to the process around us, which may be somebody else's program.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_started.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Requests that hang or wait by request would hold the end up for as long as they like.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        await super().shutdown(sockets)
