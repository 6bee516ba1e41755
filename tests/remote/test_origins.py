"""Which host serves a region."""

from __future__ import annotations

import httpx
import pytest

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.remote import Origins


def test_mixpanels_own_hosts() -> None:
    """Without the environment's word each region is served by Mixpanel's host for it, over TLS."""
    origins = Origins.from_environment({"PATH": "/bin"})
    assert {region.value: origins.of(region) for region in Region} == {
        "us": "https://mixpanel.com",
        "eu": "https://eu.mixpanel.com",
        "in": "https://in.mixpanel.com",
    }


def test_one_region_replaced() -> None:
    """A variable replaces the origin of its own region only."""
    origins = Origins.from_environment({"MIXPRIV_URL_EU": "https://proxy.example.com:8443/"})
    assert [origins.of(region) for region in Region] == ["https://mixpanel.com", "https://proxy.example.com:8443", "https://in.mixpanel.com"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://localhost:1/", "http://127.0.0.1:1"),
        ("http://LOCALHOST", "http://127.0.0.1"),
        ("https://localhost:1", "https://localhost:1"),
        ("http://[::1]:8081", "http://[::1]:8081"),
        ("HTTPS://Proxy.Example.com", "https://proxy.example.com"),
    ],
)
def test_accepted(given: str, expected: str) -> None:
    """TLS may go anywhere, plain http to this machine; what is accepted is an address that can be called."""
    origin = Origins.from_environment({"MIXPRIV_URL_US": given}).of(Region.US)
    assert origin == expected
    assert str(httpx.URL(origin)) == expected


@pytest.mark.parametrize(
    "given",
    [
        "http://mixpanel.com",
        "http://10.0.0.1",
        "http://169.254.169.254",
        "http://0.0.0.0:80",
        "http://0",
        "http://[::]",
        "http://[::2]",
        "http://[::ffff:127.0.0.1]",
        "http://[::ffff:10.0.0.1]",
        "http://127.0.0.1.invalid",
        "http://127.0.0.1.",
        "http://localhost.invalid",
        "http://localhost.",
        "http://localhost.localdomain",
        "http://ip6-localhost",
        "http://127.1",
        "http://2130706433",
        "http://017700000001",
        "http://0177.0.0.1",
        "http://0x7f000001",
        "http://0x7f.0.0.1",
        "http://127.0.0.1\t.invalid",
    ],
)
def test_plain_http_stays_on_this_machine(given: str) -> None:
    """Plain http to any other machine is refused: tokens and ids would travel in the clear."""
    with pytest.raises(WrongUsage, match="MIXPRIV_URL_IN: plain http is allowed on loopback only"):
        Origins.from_environment({"MIXPRIV_URL_IN": given})


@pytest.mark.parametrize(
    "given",
    [
        "",
        "localhost:8081",
        "//127.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "https://example.com/api",
        "https://example.com?x=1",
        "https://example.com#x",
        "https://user:hunter2@example.com",
        "http://127.0.0.1@evil.invalid",
        "http://127.0.0.1:80@evil.invalid",
        "http://hunter2@127.0.0.1",
        "http://:hunter2@127.0.0.1",
        "http://@127.0.0.1",
        "http://evil.invalid#@127.0.0.1",
        "http://evil.invalid/@127.0.0.1",
        "http://evil.invalid\\@127.0.0.1",
        "http:127.0.0.1",
        "http://[::1%25lo]",
        "http://１２７.0.0.1",
        "http://ⓛocalhost",
        "https://exa mple.com",
        "https://example.com\\@evil.com",
        "https://bücher.example",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://[::1",
    ],
)
def test_not_an_origin(given: str) -> None:
    """What isn't scheme, host and port alone is refused, with an example, and without repeating what may hold a password."""
    with pytest.raises(WrongUsage, match="MIXPRIV_URL_EU must be one origin") as refused:
        Origins.from_environment({"MIXPRIV_URL_EU": given})
    assert "MIXPRIV_URL_EU=http://127.0.0.1:8081" in refused.value.hint
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_localhost_asks_nobody() -> None:
    """The name localhost is this machine's own address, whatever a hosts file or a name server makes of it."""
    origin = Origins.from_environment({"MIXPRIV_URL_US": "http://localhost:8081"}).of(Region.US)
    assert httpx.URL(origin).host == "127.0.0.1"
