"""Serving: a sandbox in the foreground, or embedded in a program of one's own."""

from __future__ import annotations

import contextlib
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final

from mixpriv_reconcile.sandbox.errors import SandboxExtraMissing
from mixpriv_reconcile.sandbox.options import Region, SandboxOptions
from mixpriv_reconcile.sandbox.sockets import listening, origins
from mixpriv_reconcile.sandbox.store import Store

if TYPE_CHECKING:
    from mixpriv_reconcile.sandbox.server import Server

__all__ = ["STORE_FILE", "Embedded", "serve"]

STORE_FILE: Final = "sandbox.sqlite3"
"""The store's name in its folder; SQLite puts a -wal and a -shm file beside it."""

LIBRARIES: Final = ("uvicorn", "starlette", "h11")

_WAKE_SECONDS: Final = 0.5
"""How often the waiting thread looks up: on Windows a wait without an end can't be interrupted."""


class Embedded:
    """A sandbox in a background thread: `with Embedded(options) as origins:`.

    Entering gives the origin of each region by its name, "us", "eu" and "in", and may be done again
    after leaving. Raises SandboxExtraMissing without the web server's libraries, OSError where a
    port is taken, StoreUnreadable where the store is damaged.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self._options = options or SandboxOptions()
        self._stack: contextlib.ExitStack | None = None

    def __enter__(self) -> Mapping[str, str]:
        """Starts the server and returns when it answers."""
        if self._stack is not None:
            raise RuntimeError("this sandbox is running already")
        with contextlib.ExitStack() as stack:
            found = stack.enter_context(_running(self._options))
            self._stack = stack.pop_all()
        return found

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Cuts all connections and ends the server; a store without a folder of its own is gone."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()


def serve(options: SandboxOptions, *, ready: Callable[[Mapping[str, str]], object] | None = None) -> None:
    """Serves until SIGINT or SIGTERM, then returns. Only for the main thread.

    *ready* is called once with the origin of each region, as soon as all three answer.
    Raises what Embedded does.
    """
    stopped = threading.Event()
    with _signals_set(stopped), Embedded(options) as found:
        if ready is not None:
            ready(found)
        while not stopped.wait(_WAKE_SECONDS):
            pass


@contextlib.contextmanager
def _running(options: SandboxOptions) -> Iterator[Mapping[str, str]]:
    with contextlib.ExitStack() as stack:
        folder = options.store
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mixpriv-sandbox-")))
        store = stack.enter_context(contextlib.closing(Store(folder / STORE_FILE)))
        if options.reset:
            store.reset()
        sockets = listening(options.port)
        for one in sockets.values():
            stack.enter_context(contextlib.closing(one))
        server = _server(options, store, sockets)
        thread = threading.Thread(target=server.run, name="mixpriv-sandbox", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        # The sockets listen already, so a server that is slow to start keeps nobody out.
        server.wait_until_started()
        yield origins(sockets)


def _server(options: SandboxOptions, store: Store, sockets: Mapping[Region, socket.socket]) -> Server:
    # Imported here, not above: the libraries below are an optional extra.
    try:
        from mixpriv_reconcile.sandbox.server import Server
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in LIBRARIES:
            raise
        raise SandboxExtraMissing(library) from missing
    return Server(options, store, sockets)


@contextlib.contextmanager
def _signals_set(stopped: threading.Event) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
