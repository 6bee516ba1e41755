"""Storages as processes on loopback: moto's server for S3, Azurite for Azure."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import hashlib
import hmac
import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state.backends import Surroundings, open_backend

__all__ = ["BUCKET", "KEY_ID", "SECRET", "Engine", "Place", "azurite", "moto", "opened_at", "sent"]

KEY_ID = "AKIAQ3EGRIHEX4MPLE7Q"
SECRET = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"

AZURE_ACCOUNT = "devstoreaccount1"
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own account and key, the same in every installation. Source: its README."""

START_SECONDS = 300.0
numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Place:
    """A state's place in an engine, and how it is opened: here, or by the code of another process."""

    location: StateLocation
    environment: Mapping[str, str]
    lease_seconds: float
    folder: Path

    def opened(self, **changes: object) -> StateBackend:
        """A backend of its own each time, as another machine has it: with copies of segments of its own."""
        folder = self.folder / f"machine-{next(numbers)}"
        folder.mkdir()
        return opened_at(str(folder), dict(self.environment), self.lease_seconds, **{**self.settings, **changes})

    def contents(self) -> tuple[bytes, ...]:
        """The names and bytes of all that lies in the place."""
        store = self.opened()._objects._store  # type: ignore[attr-defined]
        metas = [meta for chunk in store.list() for meta in chunk]
        return tuple(part for meta in metas for part in (meta["path"].encode(), bytes(store.get(meta["path"]).bytes())))

    @property
    def settings(self) -> dict[str, object]:
        return {name: getattr(self.location, name) for name in ("backend", "bucket", "prefix", "region", "endpoint", "account")}

    @property
    def spelled(self) -> tuple[str, str]:
        """Imports, and the expression that opens it in another process."""
        folder = self.folder / f"machine-{next(numbers)}"
        folder.mkdir()
        where = f"{str(folder)!r}, {dict(self.environment)!r}, {self.lease_seconds!r}, **{self.settings!r}"
        imports = f"sys_path = {str(Path(__file__).parents[1])!r}\nimport sys\nsys.path.insert(0, sys_path)\nfrom contracts.engines import opened_at"
        return imports, f"opened_at({where})"


def opened_at(folder: str, environment: Mapping[str, str], lease_seconds: float, **settings: object) -> StateBackend:
    """The backend at the place that *settings* describe."""
    surroundings = Surroundings(Path(folder), environment, Lease(lease_seconds), lambda ref, what: Secret(""))
    return open_backend(StateLocation(**settings), surroundings)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Engine:
    """A storage that runs on *port*."""

    backend: str
    port: int
    environment: Mapping[str, str]

    def place(self, folder: Path, lease_seconds: float, *, port: int | None = None) -> Place:
        """A place where nothing was stored yet, behind *port* where that isn't the engine's own."""
        origin = f"http://127.0.0.1:{port or self.port}"
        prefix = f"team/state-{os.getpid()}-{next(numbers)}"
        if self.backend == "azure":
            location = StateLocation("azure", bucket=BUCKET, prefix=prefix, account=AZURE_ACCOUNT, endpoint=f"{origin}/{AZURE_ACCOUNT}")
        else:
            location = StateLocation(self.backend, bucket=BUCKET, prefix=prefix, region="eu-central-1", endpoint=origin)
        return Place(location, self.environment, lease_seconds, folder)


BUCKET = "privacy-states"

MOTO = """
import signal
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
signal.pause()
"""
"""moto's server on a port that it chooses itself, which it prints."""


@contextlib.contextmanager
def moto() -> Iterator[Engine]:
    """moto's server, with a bucket, while the block runs."""
    with subprocess.Popen([sys.executable, "-c", MOTO], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            sent(urllib.request.Request(f"http://127.0.0.1:{port}/{BUCKET}", method="PUT", data=b"", headers={"Content-Type": ""}))
            yield Engine("s3", port, {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET})
        finally:
            process.kill()


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Engine]:
    """Azurite, with a container, while the block runs. Where it is: `MIXPRIV_AZURITE`, what `make test-engines` installs, or the path."""
    installed = Path(__file__).parents[2] / "build" / "engines" / "node_modules" / ".bin" / "azurite-blob"
    program = os.environ.get("MIXPRIV_AZURITE") or (str(installed) if installed.exists() else shutil.which("azurite-blob"))
    assert program is not None, "Azurite isn't there: run this with `make test-engines`, or set MIXPRIV_AZURITE to the path of azurite-blob"
    port = free_port()
    options = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    with running([program, "--blobHost", "127.0.0.1", "--blobPort", str(port), *options], port, folder):
        make_container(port)
        yield Engine("azure", port, {"AZURE_STORAGE_ACCOUNT_KEY": AZURE_KEY})


def make_container(port: int) -> None:
    date = email.utils.formatdate(usegmt=True)
    signed = f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:2021-08-06\n/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{BUCKET}\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(AZURE_KEY), signed.encode(), hashlib.sha256).digest()).decode()
    headers = {"x-ms-date": date, "x-ms-version": "2021-08-06", "Authorization": f"SharedKey {AZURE_ACCOUNT}:{signature}"}
    address = f"http://127.0.0.1:{port}/{AZURE_ACCOUNT}/{BUCKET}?restype=container"
    sent(urllib.request.Request(address, method="PUT", headers=headers))


def sent(request: urllib.request.Request) -> None:
    """Send *request* to a server on loopback, past any proxy that this machine's environment names."""
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path | None = None) -> Iterator[None]:
    """*command* as a process that listens on *port*, while the block runs."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert process.poll() is None, f"{command[0]} ended at once"
                assert time.monotonic() < deadline, f"{command[0]} doesn't listen"
                time.sleep(0.05)
            yield
        finally:
            process.kill()


def free_port() -> int:
    """A port for a program that can't choose one itself; somebody else may have it before that listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
