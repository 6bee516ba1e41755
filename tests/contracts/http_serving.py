"""Servers of Terraform's protocol for tests, and backends over them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.http import HttpBackend, opened

USER, PASSWORD = "ci-user", "a-pass-word"

DIALECTS = ("terraform", "gitlab")


@contextlib.contextmanager
def serving(dialect: str, *more: str) -> Iterator[str]:
    """A server in a process of its own, while the block runs; its origin."""
    command = [sys.executable, str(Path(__file__).with_name("terraform_server.py")), "--dialect", dialect]
    if dialect == "gitlab":
        command += ["--credentials", f"{USER}:{PASSWORD}"]
    with subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


@contextlib.contextmanager
def listening(one: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server, while the block runs, that hands each connection to *one*, in a thread of its own, and closes it then; its port."""

    def handed(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            one(client)

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=handed, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def location_at(origin: str, dialect: str, name: str = "privacy") -> StateLocation:
    """The state *name* of a server, as a manifest says where it is."""
    if dialect != "gitlab":
        address = f"{origin}/{name}"
        return StateLocation("http", address=address, lock_address=address, unlock_address=address)
    address = f"{origin}/api/v4/projects/7/terraform/state/{name}"
    return StateLocation(
        "http",
        address=address,
        lock_address=f"{address}/lock",
        unlock_address=f"{address}/lock",
        lock_method="POST",
        unlock_method="DELETE",
        username=SecretRef(env="STATE_USER"),
        password=SecretRef(env="STATE_PASSWORD"),
    )


def backend_at(origin: str, dialect: str, *, lease_seconds: float = 180.0, name: str = "privacy") -> HttpBackend:
    """A backend over the state *name* of a server."""
    secrets = {"STATE_USER": USER, "STATE_PASSWORD": PASSWORD}
    surroundings = Surroundings(Path("."), {}, Lease(lease_seconds), lambda ref, what: Secret(secrets[ref.env or ""]))
    return opened(location_at(origin, dialect, name), surroundings)
