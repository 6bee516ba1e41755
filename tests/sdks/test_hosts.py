"""Hosts of Mixpanel: whose region each is, and what is written instead of a mistake."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.regions import APIS, Region
from mixpriv_reconcile.sdks.scan import scan
from mixpriv_reconcile.sdks.scan.hosts import Verdict, addresses, judged

MISTAKES = {
    "api.eu.mixpanel.com": "api-eu.mixpanel.com",
    "https://api.eu.mixpanel.com/track": "api-eu.mixpanel.com",
    "eu.api.mixpanel.com": "api-eu.mixpanel.com",
    "eu-api.mixpanel.com": "api-eu.mixpanel.com",
    "eu-data.mixpanel.com": "data-eu.mixpanel.com",
    "data.eu.mixpanel.com": "data-eu.mixpanel.com",
    "mcp.eu.mixpanel.com": "mcp-eu.mixpanel.com",
    "api-us.mixpanel.com": "api-eu.mixpanel.com",
    "us.mixpanel.com": "eu.mixpanel.com",
    "mixpanel.eu": "eu.mixpanel.com",
    "api.mixpanel.eu": "api-eu.mixpanel.com",
    "https://eu.mixpanel.com/track": "api-eu.mixpanel.com",
    "https://eu.mixpanel.com/import?strict=1": "api-eu.mixpanel.com",
    "https://mixpanel.com/track": "api-eu.mixpanel.com",
    "https://eu.mixpanel.com/api/2.0/export": "data-eu.mixpanel.com",
    "https://api-eu.mixpanel.com/api/app/me": "eu.mixpanel.com",
    "https://data-eu.mixpanel.com/track": "api-eu.mixpanel.com",
}
"""Written in a source of the EU → the host that belongs there. API §2.1."""

SILENT = (
    "https://mixpanel.com", "https://mixpanel.com/docs/quickstart", "https://docs.mixpanel.com/docs/privacy", "https://www.mixpanel.com",
    "https://cdn.mxpnl.com/libs/mixpanel-2-latest.min.js", "https://sso.mixpanel.com/sso/saml2", "https://mixpanel.com/security/sso/v2/authorize/",
    "https://mixpanel.com/security/login/42", "https://mixpanel.com/api/app/scim/v2", "support@mixpanel.com", "com.mixpanel.android",
    "https://help.mixpanel.com/hc", "https://notmixpanel.com/track", "https://api.mixpanel.com.example.com/x", "mixpanel.init", ".mixpanel.com/track",
)  # fmt: skip
"""What raises no alarm in any region."""


@pytest.mark.parametrize("written", MISTAKES)
def test_a_mixed_up_host_is_told_apart(written: str) -> None:
    """The two ways to write a host, mixed up, give the host that belongs there."""
    (address,) = addresses(written)
    verdict = judged(address, Region.EU)
    assert (Verdict.MIXED, MISTAKES[written]) == (verdict.verdict, verdict.right)


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("api", [api for api in APIS if len({api.at(region) for region in Region}) == 3 and "app" not in api.name], ids=lambda api: api.name)
def test_every_api_is_of_its_region(api, region: Region) -> None:  # type: ignore[no-untyped-def]
    """Each API's address is right in its own region and found fault with in the two others."""
    if api.name == "Web application":
        pytest.skip("mixpanel.com alone is the way to pages for people")
    for other in Region:
        found = scan("a.ts", f"const mixpanel = 'https://{api.at(region)}/x';\n", other).diagnostics
        assert (region is other) == (not found), other


@pytest.mark.parametrize("written", SILENT)
def test_what_has_no_region_raises_no_alarm(written: str) -> None:
    """Pages for people, single sign-on, the CDN, mail and packages are no hosts of an API."""
    for region in Region:
        assert () == scan("a.ts", f"const mixpanel = '{written}';\n", region).diagnostics


def test_a_proxy_is_silent_once_it_is_allowed() -> None:
    """A host that isn't Mixpanel's is a note, and nothing where it is allowed."""
    text = "import mixpanel from 'mixpanel-browser'\nmixpanel.init('x', {api_host: 'https://T.example.com/mp'})\n"
    assert ["MP1014"] == [found.code for found in scan("a.ts", text, Region.EU).diagnostics]
    assert () == scan("a.ts", text, Region.EU, ["t.example.com"]).diagnostics


def test_an_allowed_host_doesnt_hide_another_region() -> None:
    """Hosts of Mixpanel can't be allowed."""
    text = "import mixpanel from 'mixpanel-browser'\nmixpanel.init('x', {api_host: 'https://api.mixpanel.com'})\n"
    assert ["MP1001"] == [found.code for found in scan("a.ts", text, Region.EU, ["api.mixpanel.com"]).diagnostics]
