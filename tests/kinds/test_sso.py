"""SSO postback URLs: the landing region's host, both forms, and a person's confirmation (API fact sheet §4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mixpriv_reconcile.kinds.sso import KIND
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Severity, SourceSpan
from mixpriv_reconcile.model.identity_providers import IDENTITY_PROVIDERS
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Action, Change, ManualStep, PutRecord
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Confirmation, Resource, SsoSpec
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import SsoRecord, State
from mixpriv_reconcile.model.workspace import Project, Workspace

from .building import TODAY, block

LOGIN = "/security/login/1"
V2 = "/security/sso/v2/authorize/?org_id=1"


def findings(url: str, residency: Region = Region.EU, organization: int | None = 1, **more: Any) -> list[tuple[str, str]]:
    """What is found about a URL, as (code, hint)."""
    _, found = KIND.read(block("sso", {"postback_url": url, **more}, region=residency, organization=organization))
    return [(one.code, one.hint) for one in found if one.severity is Severity.ERROR]


HOSTS = [(Region.US, "mixpanel.com"), (Region.EU, "eu.mixpanel.com"), (Region.IN, "in.mixpanel.com")]


@pytest.mark.parametrize(("region", "host"), HOSTS)
@pytest.mark.parametrize("scheme", ["https://", "", "HTTPS://"])
@pytest.mark.parametrize("path", [LOGIN, LOGIN + "/", V2, "/security/login/0001"])
def test_both_url_forms_fit_on_the_landing_regions_host(region: Region, host: str, scheme: str, path: str) -> None:
    """Both forms that Mixpanel shows are accepted on the landing region's host, with and without the scheme."""
    assert [] == findings(f"{scheme}{host}{path}", region)


def test_organization_1_landing_in_the_eu() -> None:
    """For organization 1 with the EU as landing region the URL reads eu.mixpanel.com/security/login/1, and nothing else fits."""
    assert [] == findings("eu.mixpanel.com/security/login/1")
    assert [("MP0353", "write eu.mixpanel.com/security/login/1")] == findings("mixpanel.com/security/login/1")
    assert [("MP0353", "write https://eu.mixpanel.com/security/login/1")] == findings("https://mixpanel.com/security/login/1")


@pytest.mark.parametrize(("region", "host"), HOSTS)
@pytest.mark.parametrize("wrong", ["mixpanel.com", "eu.mixpanel.com", "in.mixpanel.com"])
@pytest.mark.parametrize("path", [LOGIN, LOGIN + "/", V2])
def test_a_mismatch_is_corrected_in_the_host_alone(region: Region, host: str, wrong: str, path: str) -> None:
    """A host of another region is an error whose hint has the right host, with path and query byte for byte."""
    expected = [] if wrong == host else [("MP0353", f"write https://{host}{path}")]
    assert expected == findings(f"https://{wrong}{path}", region)


def test_the_landing_region_may_differ_from_the_residency() -> None:
    """`region` says where a login lands; without it the project's residency does."""
    assert [] == findings("https://in.mixpanel.com" + LOGIN, Region.EU, region="in")
    assert [("MP0353", "write https://in.mixpanel.com" + LOGIN)] == findings("https://eu.mixpanel.com" + LOGIN, Region.EU, region="in")


@pytest.mark.parametrize(
    "host",
    [
        "eu.mixpanel.com.evil.invalid",
        "evil-eu.mixpanel.com",
        "xeu.mixpanel.com",
        "eu.mixpanel.com.",
        "eu.mixpanel.com%2eevil.invalid",
        "api-eu.mixpanel.com",
        "api.eu.mixpanel.com",
        "eu.mixpanel.co",
        "еu.mixpanel.com",
        "eu.mixpanel.com#",
        "eu.mixpanel.com\\evil.invalid",
        "evil.invalid",
        "user@eu.mixpanel.com",
        "user:secret@eu.mixpanel.com",
        "eu.mixpanel.com@evil.invalid",
        "eu.mixpanel.com:443",
        "eu.mixpanel.com:8443",
        "eu.mixpanel.com:",
        "eu.mixpanel.com:port",
        "eu.mixpanel.com?",
        "[::1]",
        "[",
        "",
        " eu.mixpanel.com",
        "://eu.mixpanel.com",
    ],
)
@pytest.mark.parametrize("path", [LOGIN, V2])
def test_tricks_with_the_host_are_found(host: str, path: str) -> None:
    """A host that only looks like the region's, and anything beside a bare host name, is an error."""
    assert 1 == len(findings(f"https://{host}{path}"))
    assert 1 == len(findings(host + path))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/security/login/",
        "/security/login/one",
        "/security/login/1/2",
        "/security/login/1?next=x",
        "/security/login/1#x",
        "/security/login/1\n",
        "/security/login/١",
        "/Security/login/1",
        "//security/login/1",
        "/security/sso/v2/authorize/?org_id=",
        "/security/sso/v2/authorize/?org_id=1&x=2",
        "/security/sso/v2/authorize/?org=1",
        "/security/sso/v1/authorize/?org_id=1",
        "/security/login/" + "1" * 5000,
    ],
)
def test_other_paths_are_no_postback_url(path: str) -> None:
    """Another path, another query: none of them is what Mixpanel shows."""
    assert ["MP0352"] == [code for code, _ in findings("https://eu.mixpanel.com" + path)]


@pytest.mark.parametrize("host", [host for _, host in HOSTS])
@pytest.mark.parametrize("scheme", ["https://", "", "http://", "HTTPS://"])
@pytest.mark.parametrize("end", ["/", ""])
def test_the_entity_id_is_no_postback_url(scheme: str, host: str, end: str) -> None:
    """The entity id in the place of the postback URL is called what it is, on whatever host of Mixpanel, with and without its slash."""
    ((code, hint),) = findings(f"{scheme}{host}/security/sso/v2/authorize{end}")
    assert "MP0391" == code
    assert "eu.mixpanel.com followed by `/security/login/" in hint


@pytest.mark.parametrize("url", ["https://sso.mixpanel.com/sso/saml2", "sso.mixpanel.com/sso/saml2/", "https://eu.sso.mixpanel.com/sso/saml2"])
def test_the_acs_url_is_no_postback_url(url: str) -> None:
    """The ACS URL in the place of the postback URL is called what it is."""
    assert ["MP0392"] == [code for code, _ in findings(url)]


def test_the_two_others_are_named_with_what_they_stay() -> None:
    """Both findings say the value that is right for them in every region, slash or no slash at its end included."""
    told = {}
    for url in ("eu.mixpanel.com/security/sso/v2/authorize/", "sso.mixpanel.com/sso/saml2"):
        (found,) = KIND.read(block("sso", {"postback_url": url}))[1]
        told[found.code] = found.message
    assert "it stays https://mixpanel.com/security/sso/v2/authorize/ in every region" in told["MP0391"]
    assert "it stays https://sso.mixpanel.com/sso/saml2 in every region" in told["MP0392"]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://mixpanel.com/security/sso/v2/authorize?org_id=1", "write https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=1"),
        ("eu.mixpanel.com/security/sso/v2/authorize?org_id=42", "write eu.mixpanel.com/security/sso/v2/authorize/?org_id=42"),
    ],
)
def test_a_missing_slash_is_put_right(url: str, hint: str) -> None:
    """The v2 form has a slash before `?`; without it the right URL is shown."""
    assert [("MP0393", hint)] == findings(url)


@pytest.mark.parametrize("url", ["https://evil.invalid/sso/saml2", "https://evil.invalid/security/sso/v2/authorize/", "mixpanel.com/sso/saml2"])
def test_the_same_paths_elsewhere_are_nothing_known(url: str) -> None:
    """Only on Mixpanel's own hosts is such a path taken for the entity id or the ACS URL."""
    assert ["MP0352"] == [code for code, _ in findings(url)]


@pytest.mark.parametrize("scheme", ["http", "HTTP", "ftp", "javascript"])
def test_the_url_must_be_https(scheme: str) -> None:
    """Any other scheme than https is an error that shows the https URL."""
    assert [("MP0351", f"write https://eu.mixpanel.com{LOGIN}")] == findings(f"{scheme}://eu.mixpanel.com{LOGIN}")


@pytest.mark.parametrize("path", ["/security/login/2", "/security/sso/v2/authorize/?org_id=2"])
def test_another_organization_is_found(path: str) -> None:
    """The URL's organization must be the workspace's, where that is written."""
    found = findings("https://eu.mixpanel.com" + path)
    assert ["MP0354"] == [code for code, _ in found]
    assert "1" in found[0][1]
    assert [] == findings("https://eu.mixpanel.com" + path, organization=None)


def test_host_and_organization_are_reported_together() -> None:
    """All that is wrong with a URL is said in one run."""
    assert ["MP0353", "MP0354"] == [code for code, _ in findings("https://mixpanel.com/security/login/2")]


def test_a_confirmation_in_the_future_is_an_error() -> None:
    """Nobody can have confirmed tomorrow."""
    url = "https://eu.mixpanel.com" + LOGIN
    assert ["MP0355"] == [code for code, _ in findings(url, confirmed={"by": "ops@example.com", "on": "2026-11-09"})]
    assert [] == findings(url, confirmed={"by": "ops@example.com", "on": "2026-11-08"})


def test_the_url_is_kept_as_written() -> None:
    """The spec holds the URL byte for byte."""
    spec, _ = KIND.read(block("sso", {"postback_url": "EU.mixpanel.com/security/login/0001/"}, organization=1))
    assert isinstance(spec, SsoSpec)
    assert ("EU.mixpanel.com/security/login/0001/", Region.EU) == (spec.postback_url, spec.region)


# The manual step

ADDRESS = Address("web-eu", "sso")
FIRST, SECOND = "https://eu.mixpanel.com/security/login/1", "https://eu.mixpanel.com" + V2
ANNA, BERT = Confirmation("anna@example.com", date(2026, 11, 1)), Confirmation("bert@example.com", date(2026, 11, 5))


def change(url: str, confirmed: Confirmation | None = None, known: SsoRecord | None = None, provider: str | None = None) -> Change | None:
    project = Project("web-eu", 4242, SecretRef(env="TOKEN"), Region.EU)
    resource = Resource(ADDRESS, SsoSpec(url, Region.EU, provider, confirmed), SourceSpan("privacy.yaml", 9, 5))
    records = {} if known is None else {str(ADDRESS): known}
    state = State("lineage-1", 1, "0.1.0", records=records)
    return KIND.diff(Situation(ADDRESS, resource, project, Workspace(), ids=EMPTY_IDS, state=state, today=TODAY, cap=2000))


def remembered(url: str, by: Confirmation) -> SsoRecord:
    return SsoRecord("sso", "web-eu", url, by, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize("provider", [*IDENTITY_PROVIDERS, None])
def test_an_unconfirmed_url_is_a_manual_step(provider: str | None) -> None:
    """Until somebody confirms it, the URL is a pending update that names the provider's field and the exact URL."""
    field = IDENTITY_PROVIDERS[provider or "other"].url_field
    made = change("eu.mixpanel.com/security/login/1", provider=provider)
    assert made is not None
    assert ((Action.UPDATE,), ("manual_step",), 0) == (made.actions, made.reasons, made.requests)
    (step,) = made.steps
    assert isinstance(step, ManualStep)
    assert field in step.title
    assert step.title.endswith(FIRST)
    assert any("mixpriv confirm web-eu.sso" in line for line in step.lines)


def test_a_confirmation_in_the_manifest_is_remembered_with_its_url() -> None:
    """`confirmed:` makes one change, which remembers the URL it was confirmed for."""
    made = change(FIRST, ANNA)
    assert made is not None
    assert ((Action.CREATE,), ("confirmed",)) == (made.actions, made.reasons)
    (step,) = made.steps
    assert isinstance(step, PutRecord)
    assert isinstance(step.record, SsoRecord)
    assert (FIRST, ANNA) == (step.record.postback_url, step.record.confirmed)


@pytest.mark.parametrize("confirmed", [None, ANNA, BERT])
def test_a_confirmed_url_is_no_change(confirmed: Confirmation | None) -> None:
    """Once confirmed for this URL there is nothing to do, whatever the manifest says about who did it."""
    assert change(FIRST, confirmed, remembered(FIRST, ANNA)) is None


def test_writing_the_scheme_later_is_no_change() -> None:
    """The same URL with its scheme is the same URL."""
    assert change(FIRST, None, remembered(FIRST.removeprefix("https://"), ANNA)) is None


def test_a_confirmation_lapses_when_the_url_changes() -> None:
    """The same confirmation doesn't count for another URL: the step is to be done again."""
    made = change(SECOND, ANNA, remembered(FIRST, ANNA))
    assert made is not None
    assert ("manual_step",) == made.reasons
    assert {"postback_url": FIRST} == made.before


def test_a_new_confirmation_counts_for_the_new_url() -> None:
    """A later confirmation confirms the URL that stands beside it."""
    made = change(SECOND, BERT, remembered(FIRST, ANNA))
    assert made is not None
    assert ("confirmed",) == made.reasons


def test_an_older_confirmation_doesnt_confirm_a_newer_url() -> None:
    """A confirmation left over in the manifest, older than the last one remembered, confirms nothing."""
    made = change(SECOND, ANNA, remembered(FIRST, BERT))
    assert made is not None
    assert ("manual_step",) == made.reasons
