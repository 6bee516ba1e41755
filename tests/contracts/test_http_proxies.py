"""A call to the state's server ends in time through proxies too, whichever way they hand it on."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from certificates import certified

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.http import HttpBackend, opened

from .http_serving import listening

HOST = "state.example.com"  # reached by no name server: the proxy is asked for it

HEADS = {"head": b"HTTP/1.1 200 OK\r\nX: ", "body": b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"}


@contextlib.contextmanager
def proxying(what: Callable[[socket.socket], None], tls: ssl.SSLContext) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that does *what* in the place of the server that is asked for, over TLS in a tunnel; its port, and the requests it saw."""
    seen: list[bytes] = []

    def one(client: socket.socket) -> None:
        seen.append(client.recv(2**16))
        if not seen[-1].startswith(b"CONNECT "):
            what(client)
            return
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with tls.wrap_socket(client, server_side=True) as inner:
            seen.append(inner.recv(2**16))
            what(inner)

    with listening(one) as port:
        yield port, seen


def through(port: int, scheme: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> HttpBackend:
    """The state at HOST behind the proxy at *port*."""
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "server.pem"))
    address = f"{scheme}://{HOST}/state"
    location = StateLocation("http", address=address, lock_address=address, unlock_address=address)
    return opened(location, Surroundings(folder, {}, Lease(6), lambda ref, what: Secret("")))


@pytest.mark.parametrize("begin", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_dripping_answer(scheme: str, begin: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An answer that comes a byte at a time is left when its time is over, also in a proxy's tunnel, where TLS begins after the connection."""
    is_left = threading.Event()

    def drip(client: socket.socket) -> None:
        try:
            client.sendall(begin)
            for _ in range(600):
                client.sendall(b"0")
                time.sleep(0.05)
        except OSError:
            is_left.set()
            raise

    with proxying(drip, certified(tmp_path, HOST, is_authority=True)) as (port, seen):
        with pytest.raises(StateError) as error:
            through(port, scheme, monkeypatch, tmp_path).read()
        assert error.value.code == "MP0560"
        assert is_left.wait(120), "the server was listened to until it had ended by itself"
        assert any(request.startswith(b"CONNECT ") for request in seen) == (scheme == "https")


def test_dripping_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A proxy that never finishes its own answer to the tunnel is left, too."""
    is_left = threading.Event()
    certified(tmp_path, HOST, is_authority=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, contextlib.suppress(OSError):
                        client.recv(2**16)
                        client.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                        for _ in range(600):
                            client.sendall(b"0")
                            time.sleep(0.05)
                        return
                    is_left.set()

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(StateError) as error:
            through(listener.getsockname()[1], "https", monkeypatch, tmp_path).read()
        assert error.value.code == "MP0560"
        assert is_left.wait(120)
