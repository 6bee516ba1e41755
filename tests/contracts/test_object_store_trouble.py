"""What a person reads where an object store can't be used: what is wrong and what to do, and never a credential."""

from __future__ import annotations

import contextlib
import http.client
import threading
import traceback
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from remote.loopback import closed_port

from mixpriv_reconcile.errors import MissingExtra, StateError
from mixpriv_reconcile.state.extras import check_extra

from .engines import KEY_ID, SECRET, Engine, moto, opened_at
from .state_backend import FACTS


@pytest.fixture
def nobodys_port() -> Iterator[int]:
    with closed_port() as port:
        yield port


ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}

pytestmark = pytest.mark.stores


@contextlib.contextmanager
def answering(status: int, code: str) -> Iterator[int]:
    """A server that answers every request alike, as S3 does: with the key id in it. Its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = f"<Error><Code>{code}</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>".encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def s3(folder: Path, port: int, environment: Mapping[str, str] = ENVIRONMENT, **settings: object) -> Any:
    place = {"backend": "s3", "bucket": "privacy-states", "prefix": "team", "endpoint": f"http://127.0.0.1:{port}"}
    return opened_at(str(folder), environment, 180.0, **{**place, **settings})


OPERATIONS = {
    "read": lambda backend: backend.read(),
    "publish": lambda backend: backend.replace(b"one\n", expected=None),
    "append": lambda backend: backend.append_journal(b"one"),
    "segment": lambda backend: backend.write_segment("0" * 64, [b"one"]),
    "tidy": lambda backend: backend.keep_segments(frozenset()),
    "lock": lambda backend: backend.lock(FACTS, timeout_seconds=0),
    "holder": lambda backend: backend.holder(),
}


def failure_of(act: Any, backend: Any) -> StateError:
    """What *act* raises; with no credential in it, nor in what a traceback would show."""
    with pytest.raises(StateError) as failure:
        act(backend)
    for text in (failure.value.message, failure.value.hint, "".join(traceback.format_exception(failure.value))):
        assert KEY_ID not in text
        assert SECRET not in text
    assert failure.value.hint
    return failure.value


@pytest.mark.parametrize("act", OPERATIONS.values(), ids=OPERATIONS.keys())
@pytest.mark.parametrize(
    ("status", "code", "expected", "told"),
    [
        (403, "InvalidAccessKeyId", "MP0561", "HTTP 403 InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch", "MP0561", "HTTP 403 SignatureDoesNotMatch"),
        (401, "AccessDenied", "MP0561", "HTTP 401 AccessDenied"),
        (400, "ExpiredToken", "MP0561", "HTTP 400 ExpiredToken"),
        (404, "NoSuchBucket", "MP0562", "HTTP 404 NoSuchBucket"),
        (500, "InternalError", "MP0560", "HTTP 500 InternalError"),
        (503, KEY_ID, "MP0560", "HTTP 503"),
        (501, "NotImplemented", "MP0563", "conditional writes"),
    ],
)
def test_what_the_storage_answers(tmp_path: Path, act: Any, status: int, code: str, expected: str, told: str) -> None:
    """An answer that says no is told by its status and the storage's own name for it, with the code that explains it."""
    with answering(status, code) as port:
        failure = failure_of(act, s3(tmp_path, port))
    assert expected == failure.code
    assert told in failure.message
    assert "s3://privacy-states/team" in failure.message


@pytest.mark.parametrize("act", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_nobody_listens(tmp_path: Path, act: Any, nobodys_port: int) -> None:
    """An endpoint that can't be reached is told as such."""
    failure = failure_of(act, s3(tmp_path, nobodys_port))
    assert (failure.code, failure.message) == ("MP0560", "s3://privacy-states/team can't be reached: the connection failed")


def test_no_bucket(tmp_path: Path) -> None:
    """A bucket that isn't there is told as such, and none is made."""
    with moto() as engine:
        assert failure_of(OPERATIONS["read"], s3(tmp_path, engine.port, bucket="another")).code == "MP0562"
        assert failure_of(OPERATIONS["lock"], s3(tmp_path, engine.port, bucket="another")).code == "MP0562"


@pytest.mark.parametrize("backend", ["s3", "gcs", "azure"])
def test_open_network(tmp_path: Path, backend: str) -> None:
    """An endpoint over http is refused where it isn't this machine: the state would go over the network for all to read."""
    settings = {"bucket": "states", "prefix": "", "account": "acme", "endpoint": "http://storage.example.com"}
    with pytest.raises(StateError, match="http://") as failure:
        opened_at(str(tmp_path), {}, 180.0, backend=backend, **settings)
    assert failure.value.code == "MP0562"


@pytest.mark.parametrize(
    ("environment", "settings", "expected"),
    [
        ({}, {"backend": "azure", "account": ""}, "MP0561"),
        ({"AZURE_STORAGE_ACCOUNT_KEY": f"{SECRET} and more"}, {"backend": "azure", "account": "acme"}, "MP0561"),
        ({"GOOGLE_APPLICATION_CREDENTIALS": f"/nowhere/{KEY_ID}.json"}, {"backend": "gcs"}, "MP0561"),
        ({"GOOGLE_SERVICE_ACCOUNT_KEY": SECRET}, {"backend": "gcs"}, "MP0561"),
        (ENVIRONMENT, {"backend": "s3", "prefix": "../up"}, "MP0562"),
    ],
)
def test_settings_that_can_not_be_used(tmp_path: Path, environment: Any, settings: dict[str, object], expected: str) -> None:
    """What can't even be tried is told with the same codes, and as little of the credentials."""
    place: dict[str, object] = {"bucket": "privacy-states", "prefix": "team"}
    assert failure_of(lambda _: opened_at(str(tmp_path), environment, 180.0, **place | settings), None).code == expected


def test_endpoint_of_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobodys_port: int) -> None:
    """The manifest's endpoint goes before those of the environment; without one, the environment's is taken."""
    elsewhere = f"http://127.0.0.1:{nobodys_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", elsewhere)
    with moto() as engine:
        assert s3(tmp_path, engine.port, ENVIRONMENT | {"AWS_ENDPOINT_URL_S3": elsewhere}).read() is None
        named = ENVIRONMENT | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{engine.port}"}
        assert s3(tmp_path, engine.port, named, endpoint="").read() is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "[::1]"])
def test_this_machine(tmp_path: Path, host: str, nobodys_port: int) -> None:
    """An endpoint over http is taken wherever `validate` takes it: at every address of this machine."""
    backend = s3(tmp_path, 1, endpoint=f"http://{host}:{nobodys_port}")
    assert failure_of(OPERATIONS["read"], backend).message == "s3://privacy-states/team can't be reached: the connection failed"


def test_mistake_in_a_program(tmp_path: Path, nobodys_port: int) -> None:
    """A mistake in the program isn't told as a failure of the storage."""
    with pytest.raises(TypeError):
        s3(tmp_path, nobodys_port)._objects.get(3)


@pytest.mark.parametrize("variables", [("AZURE_STORAGE_SAS_TOKEN",), ("AZURE_STORAGE_SAS_KEY",), ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY")])
def test_shared_access_signature(tmp_path: Path, variables: tuple[str, ...]) -> None:
    """A shared access signature for Azure is taken from either of its variables, and from both."""
    with answering(404, "BlobNotFound") as port:
        endpoint = f"http://127.0.0.1:{port}"
        place = {"backend": "azure", "bucket": "states", "account": "acme", "endpoint": endpoint}
        assert opened_at(str(tmp_path), dict.fromkeys(variables, "sv=2024-01-01&sig=c2lnbmVk"), 180.0, **place).read() is None


def test_missing_extra() -> None:
    """A package that isn't installed is named, with the command that installs it."""
    with pytest.raises(MissingExtra) as missing:
        check_extra("a_package_that_nobody_has", "s3")
    assert missing.value.hint == "pip install 'mixpriv-reconcile[s3]'"


@contextlib.contextmanager
def heedless(engine: Engine) -> Iterator[int]:
    """A storage that takes every write, whatever its conditions; its port."""
    class Handler(BaseHTTPRequestHandler):
        def hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("if-")}
            connection = http.client.HTTPConnection("127.0.0.1", engine.port)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name in ("etag", "last-modified", "content-type"):
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_PUT = do_POST = do_DELETE = hand_on

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_storage_without_conditions(tmp_path: Path) -> None:
    """A storage that ignores the conditions of writes is found out before the first lock is taken in it, and nothing is kept there."""
    with moto() as engine, heedless(engine) as port:
        assert failure_of(OPERATIONS["lock"], s3(tmp_path, port)).code == "MP0563"
        backend = s3(tmp_path, engine.port)
        assert (backend.read(), backend.holder()) == (None, None)
        assert backend._objects.names("") == ("clock",)


def test_opening_asks_nothing(tmp_path: Path, nobodys_port: int) -> None:
    """To open a state's place reads and writes nothing, and needs no credentials yet."""
    backend = s3(tmp_path, nobodys_port, {})
    assert (backend.place, backend.is_shared, backend.tightened) == ("s3://privacy-states/team", True, ())
