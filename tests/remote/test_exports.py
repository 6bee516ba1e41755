"""Where a finished export may lie, and that no other place is asked for anything."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.remote import Fetched, NotFetched
from mixpriv_reconcile.remote import Origins

from .fetching import ZIP, Fetching, in_turn, redirected
from .loopback import answered, serving
from .test_retrying import Noting


@pytest.fixture
def fetch(tmp_path: Path) -> Fetching:
    root = tmp_path / "workspace"
    root.mkdir()
    return Fetching(root)


# Where an export may lie


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that somebody looked up or connected to; none of them exists."""
    asked: list[str] = []

    def unknown(host: str | bytes | None, *_: object, **__: object) -> object:
        asked.append(host.decode() if isinstance(host, bytes) else str(host))
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return asked


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("eu.mixpanel.com", ""),
        ("EU.Mixpanel.COM", ""),
        ("eu.mixpanel.com:443", ""),
        ("data-eu.mixpanel.com", ""),
        ("storage.googleapis.com", ""),
        ("exports.invalid", "exports.invalid"),
        ("exports.invalid", " Other.invalid, EXPORTS.invalid,"),
        ("xn--bcher-kva.invalid", "xn--bcher-kva.invalid"),
        ("bücher.invalid", "xn--bcher-kva.invalid"),
    ],
)
def test_hosts_where_exports_may_lie(fetch: Fetching, nowhere: list[str], host: str, named: str) -> None:
    """The region's own hosts, Google's storage, and what MIXPRIV_EXPORT_HOSTS names are asked, however their name is written."""
    fetch.patience = Noting(most=0)
    outcome = fetch(f"https://{host}/some/export.zip?signature=canary", {"MIXPRIV_EXPORT_HOSTS": named})
    assert outcome == NotFetched("no whole answer (ConnectError)")
    assert [httpx.URL(f"https://{host}").raw_host.decode()] == nowhere


@pytest.mark.parametrize(
    "link",
    [
        "https://mixpanel.com/export.zip",
        "https://in.mixpanel.com/export.zip",
        "https://api-in.mixpanel.com/export.zip",
        "https://mixpanel.com.invalid/export.zip",
        "https://eu.mixpanel.com.invalid/export.zip",
        "https://noteu.mixpanel.com/export.zip",
        "https://eu.mixpanel.com./export.zip",
        "https://eu.mixpanel.com:8443/export.zip",
        "https://eu.mixpanel.com:80/export.zip",
        "http://eu.mixpanel.com/export.zip",
        "http://storage.googleapis.com/export.zip",
        "https://sub.storage.googleapis.com/export.zip",
        "https://storage.googleapis.com.invalid/export.zip",
        "https://storage.googleapis.com%2einvalid/export.zip",
        "https://storage.googleapis.com@exports.invalid/export.zip",
        "https://storage.googleapis.com\\@exports.invalid/export.zip",
        "https://user@storage.googleapis.com/export.zip",
        "https://user:password@storage.googleapis.com/export.zip",
        "https://exports.invalid/storage.googleapis.com",
        "https://exports.invalid#storage.googleapis.com",
        "https://storage.google\u0430pis.com/export.zip",
        "https://\uff53torage.googleapis.com/export.zip",
        "https://xn--0/export.zip",
        "https://127.0.0.1/export.zip",
        "https://[::1]/export.zip",
        "https://[::ffff:127.0.0.1]/export.zip",
        "https://2130706433/export.zip",
        "http://127.0.0.1/export.zip",
        "http://localhost/export.zip",
        "ftp://storage.googleapis.com/export.zip",
        "file:///etc/passwd",
        "gs://bucket/export.zip",
        "data:application/zip,PK",
        "//storage.googleapis.com/export.zip",
        "/export.zip",
        "export.zip",
        "https:///export.zip",
        "https://",
        "https://[::1/export.zip",
        "https://storage.googleapis.com:port/export.zip",
        "https://storage.googleapis.com:99999999/export.zip",
        "https://storage.googleapis.com/\x00",
        "https://storage.googleapis.com/\r\nX: y",
        "https://storage.googleapis.com/" + "x" * 70_000,
        " ",
        "\ud800",
    ],
)
def test_no_other_place_is_asked(fetch: Fetching, nowhere: list[str], link: str) -> None:
    """A link that leads elsewhere, or that nobody can read, is refused: no name is looked up, nothing is waited for or written."""
    outcome = fetch(link, {"MIXPRIV_EXPORT_HOSTS": "other.invalid"})
    assert isinstance(outcome, NotFetched)
    assert outcome.is_refused
    assert [] == nowhere
    assert [] == fetch.patience.noted
    assert fetch.export is None


@pytest.mark.parametrize(
    "text",
    ["https://exports.invalid", "exports.invalid:443", "cafe.be:443", "exports.invalid/x", "*.invalid", "bücher.invalid", "a b", "[::1]", "a@b"],
)
def test_hosts_are_names(text: str) -> None:
    """MIXPRIV_EXPORT_HOSTS takes names and addresses of hosts, and nothing that would never match."""
    with pytest.raises(WrongUsage, match="must be names of hosts"):
        Origins.from_environment({"MIXPRIV_EXPORT_HOSTS": text})
    assert Origins.from_environment({"MIXPRIV_EXPORT_HOSTS": "::1, 10.0.0.7,exports.invalid"})


def test_a_replaced_origin_is_the_only_one(fetch: Fetching) -> None:
    """Under MIXPRIV_URL_* exports come from that origin alone: not from another port, from Mixpanel, or from a host that is named."""
    with serving(answered(body=ZIP)) as server, serving(answered(body=ZIP)) as other:
        port = server.origin.rpartition(":")[2]
        environment = {"MIXPRIV_URL_EU": server.origin, "MIXPRIV_EXPORT_HOSTS": "127.0.0.1,localhost,storage.googleapis.com"}
        for link in (
            f"{other.origin}/export.zip",
            "https://eu.mixpanel.com/export.zip",
            "https://storage.googleapis.com/export.zip",
            f"https://127.0.0.1:{port}/export.zip",
            f"http://127.0.0.2:{port}/export.zip",
            f"http://[::ffff:127.0.0.1]:{port}/export.zip",
            f"http://user@127.0.0.1:{port}/export.zip",
            "http://127.0.0.1/export.zip",
        ):
            outcome = fetch(link, environment)
            assert isinstance(outcome, NotFetched)
            assert outcome.is_refused
        assert (0, 0) == (server.connections, other.connections)
        assert isinstance(fetch(f"http://LOCALHOST:{port}/export.zip", environment), Fetched)
        assert server.headers["host"] == f"127.0.0.1:{port}"
    assert other.connections == 0


# Redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_within_is_followed(fetch: Fetching, status: str) -> None:
    """A redirect to where exports may lie is followed, also a relative one."""
    outcome, requests = fetch.of(in_turn(redirected("../moved/export.zip?x=1", status), answered(body=ZIP)), "/a/b/export.zip")
    assert outcome == Fetched(len(ZIP), hashlib.sha256(ZIP).hexdigest())
    assert [b"GET /a/b/export.zip HTTP/1.1", b"GET /a/moved/export.zip?x=1 HTTP/1.1"] == [one.split(b"\r\n")[0] for one in requests]


@pytest.mark.parametrize(
    "target",
    ["https://exports.invalid/x", "http://127.0.0.2/x", "//exports.invalid/x", "http://[", "http://user@127.0.0.1", "file:///etc/passwd"],
)
def test_a_redirect_away_is_refused(fetch: Fetching, nowhere: list[str], target: str) -> None:
    """Each hop is looked at like the link itself."""
    outcome, requests = fetch.of(redirected(target))
    assert isinstance(outcome, NotFetched)
    assert outcome.is_refused
    assert (1, []) == (len(requests), nowhere)


def test_a_redirect_to_another_port_reaches_nobody(fetch: Fetching) -> None:
    """A server of the same machine is another place, too."""
    with serving(answered(body=ZIP)) as other:
        outcome, _ = fetch.of(redirected(f"{other.origin}/export.zip"))
    assert isinstance(outcome, NotFetched)
    assert (True, 0) == (outcome.is_refused, other.connections)


def test_redirects_without_end(fetch: Fetching) -> None:
    """After three redirects it is enough."""
    outcome, requests = fetch.of(redirected("/again"))
    assert outcome == NotFetched("more than 3 redirects", is_refused=True)
    assert 4 == len(requests)


def test_a_redirect_to_nowhere(fetch: Fetching) -> None:
    """A redirect without a target is an answer like any other."""
    outcome, requests = fetch.of(answered("302 Found", b""))
    assert outcome == NotFetched("HTTP 302 to nowhere", 302)
    assert 1 == len(requests)
