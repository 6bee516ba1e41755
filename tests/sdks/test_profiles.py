"""The profiles of Mixpanel's SDKs say what the fact sheet says, and each region is served from its own hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mixpriv_reconcile.sdks
from mixpriv_reconcile.model.regions import APIS, JAVASCRIPT_HOST, Region, data_host, ingestion_host
from mixpriv_reconcile.sdks import PROFILES, SDK_NAMES, Profile, profile_named, sheet
from mixpriv_reconcile.sdks.profile import TOKEN

PRIVACY_PAGE = ("javascript", "objective-c", "swift", "android", "python", "java", "ruby", "nodejs", "react-native", "flutter")

URLS = ("https://api-eu.mixpanel.com/track", "https://api-eu.mixpanel.com/engage", "https://api-eu.mixpanel.com/groups", "https://api-eu.mixpanel.com/import")
ORIGIN = ("https://api-eu.mixpanel.com",)
BARE = ("api-eu.mixpanel.com",)

FACTS = {
    "javascript": ("api_host", "origin", ORIGIN, "api_host: 'https://api-eu.mixpanel.com'", "2.82.1"),
    "objective-c": ("serverURL", "origin", ORIGIN, 'mixpanel.serverURL = @"https://api-eu.mixpanel.com";', "5.0.9"),
    "swift": ("serverURL", "origin", ORIGIN, 'serverURL: "https://api-eu.mixpanel.com"', "6.5.1"),
    "android": ("MixpanelOptions.Builder().serverURL(url)", "origin", ORIGIN, '.serverURL("https://api-eu.mixpanel.com")', "8.9.0"),
    "python": ("api_host", "bare_host", BARE, 'consumer=Consumer(api_host="api-eu.mixpanel.com")', "5.3.0"),
    "java": ("MixpanelAPI(events, people, groups, import[, gzip])", "urls_with_path", URLS, 'String base = "https://api-eu.mixpanel.com";', "1.7.0"),
    "ruby": ("Mixpanel::Consumer.new(events, update, groups, import)", "urls_with_path", URLS, '"https://api-eu.mixpanel.com/#{path}"', "3.3.0"),
    "nodejs": ("host", "bare_host", BARE, "host: 'api-eu.mixpanel.com'", "0.21.0"),
    "react-native": ("serverURL", "origin", ORIGIN, "mixpanel.init(false, {}, 'https://api-eu.mixpanel.com')", "3.2.2"),
    "flutter": ("serverURL", "origin", ORIGIN, "serverURL: 'https://api-eu.mixpanel.com'", "2.12.0"),
    "php": ('"host"', "bare_host", BARE, '"host" => "api-eu.mixpanel.com"', "2.11.0"),
    "go": ("EuResidency()", "symbol", ("mixpanel.EuResidency()",), f'mixpanel.NewApiClient("{TOKEN}", mixpanel.EuResidency())', "2.0.0-beta.2"),
    "unity": ("APIHostAddress", "origin", ("https://api-eu.mixpanel.com/",), "APIHostAddress: https://api-eu.mixpanel.com/", "3.5.5"),
    "csharp": (
        "MixpanelConfig.DataResidencyHandling",
        "symbol",
        ("MixpanelDataResidencyHandling.EU",),
        "DataResidencyHandling = MixpanelDataResidencyHandling.EU",
        "2022-11",
    ),
    "http": ("the host of every URL", "origin", ORIGIN, "curl https://api-eu.mixpanel.com/track", "Mixpanel's API reference"),
}
"""Option, form, values and a part of the call for the EU, and the version whose source was read (API §3.1)."""

METHODS = {
    "javascript": ("opt_out_tracking", "opt_in_tracking", "has_opted_out_tracking", "opt_out_tracking_by_default: true", "if_identified"),
    "swift": ("optOutTracking()", "optInTracking(distinctId:properties:)", "hasOptedOutTracking()", "optOutTrackingByDefault: true", "if_identified"),
    "objective-c": ("optOutTracking", "optInTrackingForDistinctID:", "hasOptedOutTracking", "optOutTrackingByDefault:", "if_identified"),
    "android": ("optOutTracking()", "optInTracking()", "hasOptedOutTracking()", "optOutTrackingDefault(true)", "if_identified"),
    "react-native": ("optOutTracking()", "optInTracking()", "hasOptedOutTracking()", "init(true, …)", "depends"),
    "flutter": ("optOutTracking()", "optInTracking()", "hasOptedOutTracking()", "optOutTrackingDefault: true", "depends"),
    "unity": ("Mixpanel.OptOutTracking()", "Mixpanel.OptInTracking()", None, "Mixpanel.IsTracking", "always"),
}
"""Opt out, opt in, query, opted out by default, and what becomes of the profile (API §3.3); all others have no such method."""

LEAKS = {
    "java": ("/import", "groups", "apiHost"),
    "ruby": ("/import", "BufferedConsumer", "generate_tracking_url", "api_host"),
    "python": ("api_host",),
    "nodejs": ("https://", "api_host"),
    "go": ("APIHost", ".com"),
    "swift": ("after init", "backup host"),
    "objective-c": ("made with the US host", "DNS"),
    "android": ("setServerURL", "BackupHost"),
    "react-native": ("native part", "JavaScript mode", "static"),
    "flutter": ("before 2.9.0",),
    "javascript": ("api_hosts.<type>", "CDN"),
}
"""A word of each leak (API §3.2)."""

MISMATCHES = {"react-native": 2, "objective-c": 2, "swift": 1, "android": 1, "python": 1, "java": 1, "unity": 2, "go": 1}
"""How many rows each has in API §3.4."""

HOST = re.compile(r"[\w.-]*\bmixpanel\.com")


def hosts_of(region: Region) -> set[str]:
    """Every host that the region table has for a region and for no other."""
    own = {api.at(region).partition("/")[0] for api in APIS}
    others = {api.at(other).partition("/")[0] for api in APIS for other in Region if other is not region}
    return own - others


def test_every_name_of_the_contract() -> None:
    """There is a profile for each of the fifteen names, and for no other."""
    assert (*PRIVACY_PAGE, "php", "go", "unity", "csharp", "http") == SDK_NAMES
    assert [profile_named(name).name for name in SDK_NAMES] == list(SDK_NAMES)
    with pytest.raises(KeyError):
        profile_named("cobol")


def test_the_privacy_page() -> None:
    """The ten SDKs of the privacy page are marked as such."""
    assert PRIVACY_PAGE == tuple(profile.name for profile in PROFILES if profile.on_privacy_page)


@pytest.mark.parametrize("name", FACTS)
def test_server_location(name: str) -> None:
    """Option, form, value and call for the EU, and the version they were checked with, are those of the fact sheet."""
    option, form, values, call, version = FACTS[name]
    shown = sheet(profile_named(name), Region.EU)
    assert option in shown.option
    assert (form, values, version) == (shown.form.value, shown.values, shown.version)
    assert call in shown.call.code


def test_every_profile_has_its_row() -> None:
    """No profile goes unchecked."""
    assert set(FACTS) == set(SDK_NAMES)


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_hosts_belong_to_the_region(profile: Profile, region: Region) -> None:
    """Whatever is printed to be pasted for a region names hosts of that region, and no host of another."""
    shown = sheet(profile, region)
    named = set(HOST.findall("\n".join([*shown.values, shown.call.code, shown.list_check.code])))
    allowed = hosts_of(region) | ({JAVASCRIPT_HOST} if region is Region.US else set())
    assert named <= allowed
    assert named or shown.form.value == "symbol"


@pytest.mark.parametrize("profile", [one for one in PROFILES if one.name not in ("go", "csharp")], ids=lambda profile: profile.name)
def test_india_is_the_eu_with_another_host(profile: Profile) -> None:
    """For India everything reads as for the EU, with the Indian host."""
    india, europe = sheet(profile, Region.IN), sheet(profile, Region.EU)
    assert india.call.code == europe.call.code.replace(ingestion_host(Region.EU), ingestion_host(Region.IN))
    assert india.note == ""


def test_go_in_india() -> None:
    """Go's InResidency is missing in tagged versions, so both locations are given by URL."""
    shown = sheet(profile_named("go"), Region.IN)
    assert f'mixpanel.ProxyApiLocation("https://{ingestion_host(Region.IN)}")' in shown.call.code
    assert f'mixpanel.ProxyDataLocation("https://{data_host(Region.IN)}")' in shown.call.code
    assert "InResidency()" in shown.note


def test_csharp_in_india() -> None:
    """C# has no India: that is said plainly, no value is made up, and there are two ways out."""
    shown = sheet(profile_named("csharp"), Region.IN)
    assert shown.values == ()
    assert shown.note.startswith("The library has no India")
    assert "mixpriv sdk --sdk http" in shown.note
    assert "DataResidencyHandling" not in shown.call.code


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_only_a_placeholder_for_the_token(profile: Profile, region: Region) -> None:
    """Every call has the placeholder where the project token belongs, or no token at all."""
    code = sheet(profile, region).call.code
    assert TOKEN in code


@pytest.mark.parametrize("name", SDK_NAMES)
def test_opt_out_methods(name: str) -> None:
    """A client's methods are those of the fact sheet; a server has none."""
    methods = profile_named(name).opt_out
    if name not in METHODS:
        assert methods is None
        return
    assert methods is not None
    opt_out, opt_in, query, by_default, deletes = METHODS[name]
    assert any(opt_out in method for method in methods.opt_out)
    assert any(opt_in in method for method in methods.opt_in)
    assert (methods.query == ()) if query is None else any(query in method for method in methods.query)
    assert by_default in methods.by_default
    assert deletes == methods.deletes_profile.value


@pytest.mark.parametrize("name", SDK_NAMES)
def test_leaks(name: str) -> None:
    """Each leak of the fact sheet is told, with a fix; in the US only those that may lead elsewhere."""
    leaks = profile_named(name).leaks
    words = LEAKS.get(name, ())
    assert len(words) == len(leaks)
    assert all(any(word in leak.what for leak in leaks) for word in words)
    assert all(leak.fix for leak in leaks)
    assert all(leak.from_us for leak in sheet(profile_named(name), Region.US).leaks)


@pytest.mark.parametrize("name", SDK_NAMES)
def test_where_the_documentation_is_wrong(name: str) -> None:
    """Each SDK's rows of what Mixpanel's documentation says otherwise are told."""
    assert MISMATCHES.get(name, 0) == len(profile_named(name).mismatches)


def test_hosts_stand_in_one_place() -> None:
    """No profile writes a host of its own: all come from the region table."""
    folder = Path(mixpriv_reconcile.sdks.__file__).parent
    assert [path.name for path in folder.glob("*.py") if HOST.search(path.read_text("utf-8").replace("com.mixpanel", ""))] == []


def test_hosts_of_the_region_table() -> None:
    """The hosts for ingestion and data are those of the table of APIs."""
    by_name = {api.name: api for api in APIS}
    for region in Region:
        assert by_name["Ingestion API"].at(region) == ingestion_host(region)
        assert by_name["Raw Data Export API"].at(region).partition("/")[0] == data_host(region)
