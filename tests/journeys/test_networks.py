"""Networks that want the traffic elsewhere: no call, credential or id leaves the origin of the project's region."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import certified
from remote.loopback import Server as ByteServer
from remote.loopback import answered, serving

from mixpriv_reconcile.manifest.schema import manifest_schema

from .workspace import BEARER, Server, Workspace, codes

REDIRECTS = (301, 302, 303, 307, 308)
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")


@pytest.fixture
def elsewhere() -> Iterator[ByteServer]:
    """Another host or region, on a port of its own: it must never see a connection."""
    with serving(answered("201 Created", b'{"status":"ok","results":{"tracking_id":"stolen","status":"PENDING"}}')) as server:
        yield server
    assert (0, []) == (server.connections, server.requests)


def redirected(workspace: Workspace, elsewhere: ByteServer) -> list[str]:
    """A project for each kind of redirect, and one in another region that none concerns. The proxies named lead elsewhere too."""
    workspace.environment |= dict.fromkeys(PROXIES, elsewhere.origin)
    names = [f"p{status}" for status in REDIRECTS]
    for name in names:
        workspace.project(name, r1=[f"{name}-a"])
    workspace.project("other", residency="us", r1=["other-a"])
    return names


def redirects(method: str, elsewhere: ByteServer, again: str = "") -> list[str]:
    """Faults that give the first five calls a redirect of each kind; with *again* `/5` the next five too, and so on."""
    return [f"{method}@{number}{again}=redirect{status}:{elsewhere.origin}/api/app/" for number, status in enumerate(REDIRECTS, 1)]


def phases(workspace: Workspace) -> list[str]:
    return sorted(request["phase"] for request in workspace.status().values())


def test_a_redirected_post_goes_nowhere(workspace: Workspace, server: Server, elsewhere: ByteServer) -> None:
    """No redirect of a POST is followed: MP0705 names it, its ids are unsent (in doubt after a 303), others go on, the next apply sends them."""
    redirected(workspace, elsewhere)
    server.fault("POST@6=503", *redirects("POST", elsewhere))  # the sixth, whoever's it is, shows that the rest went on
    ended = workspace.apply(code=1)
    assert 4 == ended.err.count("error[MP0705]")
    assert elsewhere.origin not in ended.both
    assert 6 == len(server.calls("POST"))
    assert ["in_doubt"] * 2 + ["unsent"] * 4 == phases(workspace)
    server.heal()
    workspace.apply()
    assert ["pending"] * 6 == phases(workspace)
    assert {1} == set(server.ids_in_live_tasks().values())


def test_a_redirected_get_goes_nowhere(workspace: Workspace, server: Server, elsewhere: ByteServer) -> None:
    """No redirect of a GET is followed, by refresh, status, plan or the look before a DELETE; nothing is cancelled, and others go on."""
    names = redirected(workspace, elsewhere)
    workspace.apply()
    made = workspace.state["tasks"]
    server.fault(*redirects("GET", elsewhere))
    refreshed = workspace.run("refresh", code=1)
    assert 5 == refreshed.err.count("[MP0705]")
    assert 1 == len([task for task in workspace.state["tasks"] if task not in made])

    for name in names:
        workspace.declare(f"{name}.r1", None)
    server.heal()
    server.fault(*redirects("GET", elsewhere, again="/5"))
    for command in (("status", "--refresh"), ("plan",), ("apply", "--auto-approve")):
        told = workspace.run(*command, code=None).both
        assert set(names) == {name for name in names for line in told.splitlines() if "[MP0705]" in line and f" {name} " in line}, told
    assert [] == server.calls("DELETE")
    assert 6 == len(server.tasks("PENDING"))


def test_a_redirected_delete_goes_nowhere(workspace: Workspace, server: Server, elsewhere: ByteServer) -> None:
    """No redirect of a DELETE is followed: the tasks stay, it ends 1, another project's is cancelled, and the next apply cancels the rest."""
    names = redirected(workspace, elsewhere)
    workspace.apply()
    for name in (*names, "other"):
        workspace.declare(f"{name}.r1", None)
    server.fault(*redirects("DELETE", elsewhere))
    ended = workspace.apply(code=1)
    assert 4 == ended.err.count("error[MP0705]")
    assert 1 == len(server.tasks("REVOKED"))
    server.heal()
    workspace.apply()
    assert 6 == len(server.tasks("REVOKED"))


LURES = {
    "another path": lambda there: answered("307 Temporary Redirect", b"", "Location: /elsewhere/"),
    "a path without a host": lambda there: answered("308 Permanent Redirect", b"", f"Location: //{there.removeprefix('http://')}/"),
    "a name that is nobody's": lambda there: answered("302 Found", b"", "Location: https://eu.mixpanel.com.invalid/"),
    "a user in front": lambda there: answered("302 Found", b"", f"Location: {there.replace('http://', 'http://127.0.0.1@')}/"),
    "a choice": lambda there: answered("300 Multiple Choices", b"", f"Location: {there}/", f'Link: <{there}/>; rel="alternate"'),
    "a proxy to use": lambda there: answered("305 Use Proxy", b"", f"Location: {there}/"),
    "a place of what was made": lambda there: answered("201 Created", b"{}", f"Location: {there}/", f"Content-Location: {there}/"),
    "a page": lambda there: answered(
        "200 OK",
        f'<!DOCTYPE html><base href="{there}/"><meta http-equiv="refresh" content="0; url={there}/"><script src="{there}/x.js"></script>'.encode(),
        f"Refresh: 0; url={there}/",
        f'Alt-Svc: h2="{there.removeprefix("http://")}"; ma=86400; persist=1, http/1.1=":1"',
        f"Link: <{there}/>; rel=preconnect",
        "Set-Cookie: lure=1; Path=/",
        "Content-Type: text/html",
    ),
    "an upgrade": lambda there: answered("426 Upgrade Required", b"", "Upgrade: h2c, TLS/1.2", "Connection: Upgrade"),
    "a login": lambda there: answered("407 Proxy Authentication Required", b"", "Proxy-Authenticate: Basic", "WWW-Authenticate: Negotiate"),
}


@pytest.mark.parametrize("lure", LURES)
def test_nothing_lures_a_call_elsewhere(workspace: Workspace, elsewhere: ByteServer, lure: str) -> None:
    """However an answer asks for it, the one POST stays the only request to its host, none goes elsewhere, and nobody counts as submitted."""
    workspace.project("web", r1=["alice"])
    with serving(LURES[lure](elsewhere.origin)) as lured:
        workspace.environment |= {"MIXPRIV_URL_EU": lured.origin, "MIXPRIV_URL_US": elsewhere.origin, "MIXPRIV_URL_IN": elsewhere.origin}
        ended = workspace.apply(code=None)
    assert ended.code in (1, 3), ended
    assert lured.line.startswith("POST /api/app/data-deletions/v3.0/?token=")
    assert workspace.status()["web.deletions.r1"]["phase"] in ("in_doubt", "unsent")


def test_a_cookie_is_never_sent_back(workspace: Workspace) -> None:
    """Calls that follow an answer with a cookie, a proxy or an HSTS header are as they would be without it."""
    workspace.project("web", r1=["alice"], r2=["bob"])
    task = json.dumps({"status": "ok", "results": {"tracking_id": "t1", "status": "PENDING"}}).encode()
    headers = ("Set-Cookie: lure=1; Path=/", "Strict-Transport-Security: max-age=99", 'Alt-Svc: h3=":443"', "Proxy-Connection: keep-alive")
    with serving(answered("200 OK", task, *headers)) as lured:
        workspace.environment["MIXPRIV_URL_EU"] = lured.origin
        workspace.apply(code=3)
        workspace.run("refresh")
    assert ["POST", "POST", "GET"] == [request.partition(b" ")[0].decode() for request in lured.requests]
    assert not any(b"lure" in request or b"Cookie" in request for request in lured.requests)


WRONG = {
    "http://eu.mixpanel.com.invalid": "MP0722",
    "http://127.0.0.1.invalid": "MP0722",
    "http://localhost.invalid:8081": "MP0722",
    "http://0.0.0.0:8081": "MP0722",
    "http://2130706433": "MP0722",
    f"http://127.0.0.1:80@{BEARER}.invalid": "MP0721",
}


@pytest.mark.parametrize("origin", WRONG)
def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(workspace: Workspace, server: Server, origin: str) -> None:
    """A wrong origin of one region is refused by name, and then no other region's project is called either; what may hold a password isn't repeated."""
    workspace.project("web", r1=["alice"])
    workspace.project("shop", residency="us", r1=["bob"])
    wrong = workspace.run("apply", "--auto-approve", code=1, environment={"MIXPRIV_URL_EU": origin})
    assert WRONG[origin] in wrong.err
    assert BEARER not in wrong.both
    assert [] == server.calls()


def test_a_rehearsal_of_some_regions_only_is_warned_of(workspace: Workspace) -> None:
    """A plan says where one region is replaced by this machine while another one's people would be erased at Mixpanel."""
    workspace.project("web", r1=["alice"])
    workspace.project("shop", residency="us", r1=["bob"])
    assert "MP0723" not in workspace.run("plan").both
    warned = workspace.run("plan", environment={"MIXPRIV_URL_US": None}).both
    assert "MP0723" in warned
    assert "set MIXPRIV_URL_US too" in warned
    assert "MP0723" not in workspace.run("plan", "--sandbox", environment={"MIXPRIV_URL_US": None}).both


def test_reading_refuses_plain_http_too(workspace: Workspace, server: Server) -> None:
    """Refresh, status and plan look at no task where an origin would have them do it in the clear."""
    workspace.project("web", r1=["alice"])
    workspace.apply()
    workspace.declare("web.r1", None)  # then the plan looks at the task too
    before = len(server.calls())
    for command in (("refresh",), ("status", "--refresh"), ("plan",)):
        assert "MP0722" in workspace.run(*command, code=None, environment={"MIXPRIV_URL_EU": "http://10.255.255.1"}).both, command
    assert before == len(server.calls())


def test_manifests_cannot_redirect_traffic(workspace: Workspace) -> None:
    """No key of a manifest names a host that gets ids or tokens for Mixpanel: of addresses it knows the login's, what sources may name, and the state's."""

    def keys(schema: object) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for part in schema.values():
                yield from keys(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from keys(part)

    known = set(keys(manifest_schema()))
    assert {"residency", "token"} <= known
    suspicious = {key for key in known if any(word in key for word in ("url", "host", "origin", "proxy", "endpoint", "server", "address"))}
    of_the_state = {"endpoint", "address", "lock_address", "unlock_address"}
    assert suspicious <= {"postback_url", "allow_hosts"} | of_the_state
    workspace.project("web", r1=["alice"])["base_url"] = "https://evil.invalid"
    workspace.write()
    assert "MP0201" in workspace.run("validate", code=1).err


def test_every_project_stays_in_its_region(workspace: Workspace, server: Server) -> None:
    """Over a whole life, from first apply to adoption, cancellation and a moved region, each project's calls reach its own region alone."""
    regions = {"web": "eu", "shop": "us", "app": "in"}
    for name, region in regions.items():
        workspace.project(name, residency=region, r1=[f"{name}-a", f"{name}-b"], r2=[f"{name}-c"])
    server.fault("POST@1=reset-after", "POST@2=redirect307:" + server.origins["us"])
    workspace.apply(code=None)
    server.heal()
    workspace.apply()
    workspace.run("refresh")
    for name in regions:
        workspace.declare(f"{name}.r2", None)
    workspace.apply()
    for name in regions:
        workspace.manifest["projects"][name]["residency"] = "us" if regions[name] == "eu" else "eu"
    workspace.write()
    assert {"MP0601"} <= set(codes(workspace.run("plan", "--format", "json", code=1).document))
    workspace.apply(code=1)
    reached = {(call["project_token"], call["region"]) for call in server.calls()}
    assert {(workspace.token(name), region) for name, region in regions.items()} == reached
    assert {"POST", "GET", "DELETE"} == {call["method"] for call in server.calls()}


def test_a_certificate_that_nobody_vouches_for_gets_nothing(workspace: Workspace, tmp_path: Path) -> None:
    """A server that can't prove who it is, as a listener on the way can't, is sent no byte of a request: nothing is in doubt."""
    workspace.project("web", r1=["alice"])
    context, heard, greetings = certified(tmp_path, "eu.mixpanel.com", "localhost"), [], []

    def listen(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                greetings.append(connection)
                with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                    heard.append(secured.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=listen, args=(listening,))
        thread.start()
        workspace.environment["MIXPRIV_URL_EU"] = f"https://localhost:{listening.getsockname()[1]}"
        ended = workspace.apply("--max-duration", "10s", code=3)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert greetings
    assert b"" == b"".join(heard)
    assert "doubt" not in ended.both
    assert "unsent" == workspace.status()["web.deletions.r1"]["phase"]
