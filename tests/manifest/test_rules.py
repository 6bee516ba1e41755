"""The rules that need more than a schema: limits, days, URLs, paths, time zones, and what isn't built."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mixpriv_reconcile.manifest import read_workspace
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.resource import DeletionSpec

from .workspace import HEAD, PROJECT, WHOLE, codes, only, places, read, wished, wrote

# Limits


@pytest.mark.parametrize(
    "limits",
    [
        "distinct_ids_per_request: 0",
        "distinct_ids_per_request: -1",
        "distinct_ids_per_request: 2001",
        "requests_per_second: 0",
        "requests_per_second: -0.5",
        "requests_per_second: 1.01",
        "requests_per_second: 2",
    ],
)
def test_limits_are_above_zero_and_never_above_mixpanels(tmp_path: Path, limits: str) -> None:
    """A limit of 0 or less, or above Mixpanel's, is an error that says what may be written."""
    found = only(read(tmp_path, HEAD + f"  limits: {{{limits}}}\n"))

    assert "MP0205" == found.code
    assert "Mixpanel's own limit" in found.hint


def test_limits_may_be_lower(tmp_path: Path) -> None:
    """Limits below Mixpanel's are taken."""
    limits = wished(read(tmp_path, HEAD + "  limits: {distinct_ids_per_request: 1, requests_per_second: .5}\n")).workspace.limits

    assert (1, 0.5) == (limits.distinct_ids_per_request, limits.requests_per_second)


@pytest.mark.parametrize("value", ["7", "7 d", "a week", "-1d", "99999d", '"7d\\n"'])
def test_due_soon_is_a_number_of_days(tmp_path: Path, value: str) -> None:
    """`due_soon` is written like 7d."""
    assert only(read(tmp_path, HEAD + f"  policy: {{due_soon: {value}}}\n")).code in ("MP0209", "MP0203")


# Days


def dated(received: str, more: str = "", compliance: str = "gdpr") -> str:
    """A manifest with one request."""
    lines = f"        compliance: {compliance}\n        received: {received}\n"
    return WHOLE.partition("        compliance")[0] + lines + more + "        distinct_ids: []\n"


def test_received_today_is_no_future(tmp_path: Path) -> None:
    """A request may have been received today, but not tomorrow."""
    assert [] == codes(read(tmp_path, dated("2026-11-23")))
    assert [("MP0362", 13, 19)] == places(read(tmp_path, dated("2026-11-24")))


def test_a_cooling_off_past_the_deadline_is_a_warning(tmp_path: Path) -> None:
    """A request that is kept back until after its deadline can't be answered in time; on the day it still can."""
    assert [] == codes(read(tmp_path, dated("2026-11-03", "        not_before: 2026-12-03\n")))
    assert ["MP0377"] == codes(read(tmp_path, dated("2026-11-03", "        not_before: 2026-12-04\n")))


@pytest.mark.parametrize("moment", [datetime(2026, 11, 23, 23, 30, tzinfo=UTC), datetime(2026, 11, 23, 0, 30, tzinfo=UTC)])
@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_timezone_decides_which_day_it_is(tmp_path: Path, timezone: str, moment: datetime) -> None:
    """Whether a day lies in the future depends on the workspace's time zone."""

    def today(zone: str) -> date:
        return moment.astimezone(ZoneInfo(zone)).date()

    for day in (22, 23, 24):
        text = dated(f"2026-11-{day}").replace("workspace:", f"workspace:\n  timezone: {timezone}")
        reading = read_workspace(wrote(tmp_path, {"m.yaml": text}), today=today, bounds=Bounds())

        assert (["MP0362"] if date(2026, 11, day) > today(timezone) else []) == codes(reading)


@pytest.mark.parametrize(
    "name", ["Berlin", "Europe", "", "../etc/passwd", "/etc/localtime", '"a\\0b"', "GMT+25", "x" * 5000, "Europe/Berlin/x"]
)
def test_an_unknown_timezone_is_an_error(tmp_path: Path, name: str) -> None:
    """A time zone that isn't in the tz database is an error, whatever it looks like."""
    assert codes(read(tmp_path, HEAD + f"  timezone: {name}\n"))[0] in ("MP0311", "MP0203")


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ("2026-11-23", []),
        ("2026-11-24", ["MP0314"]),
        ("2025-11-24", ["MP0390"]),
        ("2025-11-23", ["MP0315"]),
        ("2024-02-29", ["MP0315"]),
        ("9999-12-31", ["MP0314"]),
    ],
)
def test_a_token_lives_for_a_year(tmp_path: Path, issued: str, expected: list[str]) -> None:
    """A token issued in the future is an error, one that has expired a warning."""
    assert expected == codes(read(tmp_path, HEAD.replace("2026-03-01", issued)))


@pytest.mark.parametrize(
    ("received", "notified", "expected"),
    [
        ("2026-10-20", "2026-11-20", []),
        ("2026-10-20", "2026-11-21", ["MP0363"]),
        ("2026-10-20", "2026-10-19", ["MP0363"]),
        ("2026-11-03", "2026-11-24", ["MP0363"]),
    ],
)
def test_an_extension_is_notified_in_time(tmp_path: Path, received: str, notified: str, expected: list[str]) -> None:
    """An extension is notified after the receipt, up to the first deadline, and not in the future."""
    more = f"        extension: {{notified: {notified}, reason: x}}\n"

    assert expected == codes(read(tmp_path, dated(received, more)))


# SSO


def sso(url: str, more: str = "", region: str = "eu", organization: int = 42) -> str:
    """A manifest with an SSO block."""
    head = HEAD + f"  organization: {{id: {organization}}}\n"
    return head + PROJECT.replace("eu", region) + f"    sso:\n      postback_url: '{url}'\n{more}"


@pytest.mark.parametrize(
    "url",
    [
        "https://eu.mixpanel.com/security/login/42",
        "eu.mixpanel.com/security/login/42",
        "HTTPS://EU.mixpanel.com/security/login/42/",
        "https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=42",
        "eu.mixpanel.com/security/sso/v2/authorize/?org_id=42",
    ],
)
def test_both_forms_of_the_postback_url_are_taken(tmp_path: Path, url: str) -> None:
    """Both forms that Mixpanel shows are taken, with or without their scheme."""
    assert [] == codes(read(tmp_path, sso(url)))


@pytest.mark.parametrize("url", ["http://eu.mixpanel.com/security/login/42", "HTTP://mixpanel.com/security/login/42"])
def test_http_is_an_error(tmp_path: Path, url: str) -> None:
    """A postback URL with `http:` is an error; the hint is the right URL, host included."""
    found = only(read(tmp_path, sso(url)))

    assert ("MP0351", "write https://eu.mixpanel.com/security/login/42") == (found.code, found.hint)


def test_the_wrong_host_is_an_error_that_prints_the_right_url(tmp_path: Path) -> None:
    """Organization 1 with landing region eu: mixpanel.com is the wrong host, and the hint is the URL to paste."""
    found = only(read(tmp_path, sso("https://mixpanel.com/security/login/1", organization=1)))

    assert ("MP0353", "m.yaml:12:21", "web.sso") == (found.code, str(found.span), found.address)
    assert "write https://eu.mixpanel.com/security/login/1" == found.hint


@pytest.mark.parametrize("scheme", ["", "https://"])
def test_the_landing_region_may_differ_from_the_residency(tmp_path: Path, scheme: str) -> None:
    """`sso.region` says where a login lands; path and query stay byte for byte, and so does a scheme that is left out."""
    url = f"{scheme}in.mixpanel.com/security/sso/v2/authorize/?org_id=42"

    assert [] == codes(read(tmp_path, sso(url, "      region: in\n")))
    assert f"write {scheme}eu.mixpanel.com/security/sso/v2/authorize/?org_id=42" == only(read(tmp_path, sso(url))).hint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "eu.mixpanel.com",
        "https://eu.mixpanel.com/login/42",
        "user@eu.mixpanel.com/security/login/42",
        "https://eu.mixpanel.com:443/security/login/42",
        "https:eu.mixpanel.com/security/login/42",
        "https://[/security/login/42",
        "/security/login/42",
        "eu.mixpanel.com/security/login/42?next=http://x",
        "eu.mixpanel.com/security/login/x",
        " eu.mixpanel.com/security/login/42",
    ],
)
def test_another_url_is_no_postback_url(tmp_path: Path, url: str) -> None:
    """What isn't of a form that Mixpanel shows is an error."""
    assert ["MP0352"] == codes(read(tmp_path, sso(url)))


def test_the_organization_of_the_url_is_the_workspaces(tmp_path: Path) -> None:
    """A URL of another organization is an error."""
    assert ["MP0354"] == codes(read(tmp_path, sso("eu.mixpanel.com/security/login/43")))


def test_a_confirmation_in_the_future_is_an_error(tmp_path: Path) -> None:
    """Nobody can have done it tomorrow."""
    more = "      confirmed: {by: ops, on: 2026-11-24}\n"

    assert ["MP0355"] == codes(read(tmp_path, sso("eu.mixpanel.com/security/login/42", more)))


# Paths


@pytest.mark.parametrize("path", ["a.json", "./state/a.json", "x/../a.json", "mixpriv.state.json"])
def test_the_state_may_lie_anywhere_in_the_workspace(tmp_path: Path, path: str) -> None:
    """The state's path is relative to the workspace."""
    assert [] == codes(read(tmp_path, HEAD + f"  state: {{path: {path}}}\n"))


@pytest.mark.parametrize(
    "path",
    [
        "/a.json",
        "../a.json",
        "x/../../a.json",
        "a.yaml",
        "a",
        "a.json/",
        "~/a.json",
        "C:/a.json",
        '"a\\\\b.json"',
        '"a\\0.json"',
        ".json",
        "x/.a.json",
        "mixpriv.sandbox.state.json",
        "./mixpriv.sandbox.state.json",
    ],
)
def test_the_state_stays_in_the_workspace(tmp_path: Path, path: str) -> None:
    """A path that is absolute, leaves the workspace, is hidden, is no .json or is the sandbox's is refused."""
    assert [("MP0312", 5, 17)] == places(read(tmp_path, HEAD + f"  state: {{path: {path}}}\n"))


def sources(root: Path, file: str, manifest: str = "teams/web/m.yaml") -> tuple[list[str], list[str]]:
    """Codes, and the patterns from the workspace's root, of a `from` entry in *manifest*."""
    reading = read(wrote(root, {manifest: WHOLE + f"        from: [{{file: {file}}}]\n"}))
    if reading.desired is None:
        return codes(reading), []
    (spec,) = [one.spec for one in reading.desired.resources if one.address == Address("web", "deletions", "r1")]
    assert isinstance(spec, DeletionSpec)
    return codes(reading), [entry.pattern for entry in spec.sources.entries]


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("a.txt", "teams/web/a.txt"),
        ("./x/a.txt", "teams/web/x/a.txt"),
        ("../a.txt", "teams/a.txt"),
        ("../../requests/*.csv", "requests/*.csv"),
        ("x/../a.txt", "teams/web/a.txt"),
        ("'**/[ab]?.txt'", "teams/web/**/[ab]?.txt"),
    ],
)
def test_sources_are_relative_to_their_manifest(tmp_path: Path, file: str, pattern: str) -> None:
    """The path of a source counts from the folder of the manifest, and may go up within the workspace."""
    assert ([], [pattern]) == sources(tmp_path, file)


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../../../a.txt",
        "x/../../../../a.txt",
        "~/a.txt",
        "C:/a.txt",
        '"a\\\\b.txt"',
        '"a\\0b"',
        "'*/../a.txt'",
        "'[ab]/../../a.txt'",
        "..",
        ".",
        "x/",
    ],
)
def test_sources_stay_in_the_workspace(tmp_path: Path, file: str) -> None:
    """An absolute path, a `..` that leaves, a `..` behind a wildcard, a folder: each is refused at the path."""
    assert (["MP0317"], []) == sources(tmp_path, file)


def test_a_folder_that_looks_like_a_pattern_is_none(tmp_path: Path) -> None:
    """Brackets in the name of the manifest's own folder don't make its sources a pattern for other files."""
    assert ([], ["teams/[[]web]/a.txt"]) == sources(tmp_path, "a.txt", "teams/[web]/m.yaml")


def test_a_literal_list_of_paths_is_checked_item_by_item(tmp_path: Path) -> None:
    """Every entry of `from` that is wrong is named, and the column of each is right."""
    more = "        from:\n        - {file: /a}\n        - {file: b.txt, colum: x}\n        - {column: x}\n        - {file: ../c}\n"

    assert [("MP0317", 15, 18), ("MP0201", 16, 25), ("MP0202", 17, 11), ("MP0317", 18, 18)] == places(read(tmp_path, WHOLE + more))
