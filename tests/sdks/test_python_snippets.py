"""What `mixpriv sdk` prints as Python is Python, and keeps listed people out."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks import PROFILES, profile_named, sheet

from .lists import DIGESTS, LISTED, OTHERS, write_list

PYTHON = [
    (f"{profile.name}, {part}, {region.value}", snippet.code)
    for profile in PROFILES
    for region in Region
    for part, snippet in (("call", sheet(profile, region).call), ("list", sheet(profile, region).list_check))
    if snippet.language == "python"
]


class Consumer:
    """Stands where the SDK's consumer does: keeps the host it was given."""

    def __init__(self, api_host: str) -> None:
        self.api_host = api_host


class Mixpanel:
    """Stands where the SDK's client does: keeps what is tracked."""

    def __init__(self, token: str, consumer: Consumer) -> None:
        self.token, self.consumer, self.tracked = token, consumer, []

    def track(self, distinct_id: str, event: str, properties: dict[str, Any]) -> None:
        self.tracked.append((distinct_id, event, properties))


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local module in the place of the SDK, which isn't installed here."""
    module = ModuleType("mixpanel")
    module.Consumer, module.Mixpanel = Consumer, Mixpanel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mixpanel", module)


def run(code: str) -> dict[str, Any]:
    """The names that *code* leaves behind."""
    names: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(code, "snippet.py", "exec"), names)
    return names


@pytest.mark.parametrize("code", [code for _, code in PYTHON], ids=[name for name, _ in PYTHON])
def test_snippets_compile(code: str) -> None:
    """Every Python snippet is Python."""
    compile(code, "snippet.py", "exec")


@pytest.mark.parametrize("region", Region)
@pytest.mark.usefixtures("sdk")
def test_the_call_sets_the_host(region: Region) -> None:
    """The call gives the consumer the region's bare host."""
    shown = sheet(profile_named("python"), region)
    assert run(shown.call.code)["mixpanel"].consumer.api_host == shown.values[0]


@pytest.mark.parametrize("digest", DIGESTS)
def test_listed_people_are_not_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digest: str) -> None:
    """With the Python SDK events of people on the list are skipped, all others are sent, whatever the list holds of an id."""
    write_list(tmp_path, digest)
    monkeypatch.chdir(tmp_path)
    track = run(sheet(profile_named("python"), Region.EU).list_check.code)["track"]
    client = Mixpanel("T", Consumer("host"))
    for one in (*LISTED, *OTHERS):
        track(client, one, "Signed up", {"plan": "free"})
    assert client.tracked == [(one, "Signed up", {"plan": "free"}) for one in OTHERS]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes what is posted to /track."""

    bodies: list[Any]

    def do_POST(self) -> None:
        assert (self.path, self.headers["Content-Type"]) == ("/track", "application/json")
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """A server on loopback: its URL, and the bodies that it was sent."""
    bodies: list[Any] = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Keeping", (Receiver,), {"bodies": bodies})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/track", bodies
        server.shutdown()


@pytest.mark.parametrize("digest", DIGESTS)
def test_plain_http_leaves_listed_people_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: tuple[str, list[Any]], digest: str
) -> None:
    """Without an SDK records of people on the list are taken out, and where none is left nothing is sent."""
    url, bodies = receiver
    write_list(tmp_path, digest)
    monkeypatch.chdir(tmp_path)
    names = run(sheet(profile_named("http"), Region.EU).list_check.code)
    assert names["TRACK_URL"] == "https://api-eu.mixpanel.com/track"
    names["TRACK_URL"] = url
    names["track"]([{"event": "e", "properties": {"distinct_id": one}} for one in (*LISTED, *OTHERS)])
    names["track"]([{"event": "e", "properties": {"distinct_id": LISTED[0]}}])
    assert [[record["properties"]["distinct_id"] for record in body] for body in bodies] == [list(OTHERS)]


@pytest.mark.parametrize("name", ["python", "http"])
@pytest.mark.parametrize("changed", [{"format_version": 2}, {"digest": "md5"}])
def test_an_unknown_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, changed: dict[str, Any]) -> None:
    """A list in a format that the snippet doesn't know stops it, before anybody is tracked."""
    write_list(tmp_path, "none", changed)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="unknown format"):
        run(sheet(profile_named(name), Region.EU).list_check.code)
