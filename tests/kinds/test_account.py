"""Where live projects are, as a service account sees it; and that nothing else of its answers is taken."""

from __future__ import annotations

from typing import Any

import pytest

from mixpriv_reconcile.kinds.account import Seen, Unseen, live_regions, question, read_answer, region_of
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Lost, NotSent

from .building import answer

US, EU, IN = Region.US, Region.EU, Region.IN
WEB, SHOP = 4242, 4243
DECLARED = {WEB: ("web", EU), SHOP: ("shop", US)}


def listing(**domains: Any) -> dict[str, Any]:
    """An answer that names projects (`p4242`) by domain, between people and other things."""
    projects = {name[1:]: {"name": "canary of Jane", "domain": domain, "owner_id": 1} for name, domain in domains.items()}
    return {"status": "ok", "results": {"user_email": "jane@canary.example", "organizations": {"1": {}}, "projects": projects}}


@pytest.mark.parametrize(
    ("domain", "region"),
    [
        ("mixpanel.com", US),
        ("eu.mixpanel.com", EU),
        ("in.mixpanel.com", IN),
        ("EU.Mixpanel.COM", EU),
        ("https://eu.mixpanel.com", EU),
        ("https://eu.mixpanel.com/project/4242/view/1?x=y#z", EU),
        ("in.mixpanel.com/", IN),
        ("data-eu.mixpanel.com", EU),
        ("https://data-in.mixpanel.com/api/2.0/export", IN),
        (" eu.mixpanel.com ", EU),
        ("eu.mixpanel.com:443", EU),
        ("", None),
        ("eu", None),
        ("eu.mixpanel.com.evil.example", None),
        ("evil.example/eu.mixpanel.com", None),
        ("api-eu.mixpanel.com", None),
        ("https://[", None),
        (None, None),
        (17, None),
        ({"host": "eu.mixpanel.com"}, None),
    ],
)
def test_a_domain_tells_the_region(domain: object, region: Region | None) -> None:
    """Scheme, path, `data-` and letter case don't matter; any other host is no region (API §2.3)."""
    assert region is region_of(domain)


def test_the_question_is_a_get_of_one_address() -> None:
    """One GET, without a body."""
    assert ("GET", "/api/app/me", None) == (question().method, question().path, question().body)


def test_only_the_declared_projects_are_taken() -> None:
    """Of an answer nothing is kept but the regions of the projects that were asked about: no name, no e-mail address."""
    seen = read_answer(answer(200, listing(p4242="eu.mixpanel.com", p9="mixpanel.com")), DECLARED)
    assert Seen({WEB: EU}) == seen
    assert "canary" not in repr(seen)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        None,
        [],
        {},
        {"results": None},
        {"results": []},
        {"results": {"projects": []}},
        {"results": {"projects": None}},
    ],
)
def test_an_unreadable_answer_is_none(body: object) -> None:
    """Whatever isn't a mapping of projects can't be read, and is never taken for an empty list of projects."""
    assert Unseen("an answer that can't be read") == read_answer(answer(200, body), DECLARED)


@pytest.mark.parametrize("facts", [None, [], "eu.mixpanel.com", 5])
def test_a_project_without_facts_is_not_seen(facts: object) -> None:
    """An entry of another shape tells nothing of its project, and keeps no other back."""
    projects = {str(WEB): facts, str(SHOP): {"domain": "mixpanel.com"}}
    assert Seen({SHOP: US}) == read_answer(answer(200, {"results": {"projects": projects}}), DECLARED)


@pytest.mark.parametrize("status", [401, 403])
def test_a_region_may_not_take_the_account(status: int) -> None:
    """Credentials are good in one region: 401 and 403 skip the region."""
    assert Unseen(f"HTTP {status}", is_denied=True) == read_answer(answer(status, {"error": "jane@canary.example"}), DECLARED)


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 404, 405, 429, 500, 502, 503])
def test_any_other_answer_skips_the_region(status: int) -> None:
    """A redirect is not followed, a busy or broken server not asked again."""
    assert Unseen(f"HTTP {status}") == read_answer(answer(status, listing(p4242="eu.mixpanel.com")), DECLARED)


@pytest.mark.parametrize("lost", [NotSent("no connection"), Lost("no whole answer in 3 s")])
def test_an_unreachable_region_is_skipped(lost: NotSent | Lost) -> None:
    """Trouble of the network is told in its own words."""
    assert Unseen(lost.why) == read_answer(lost, DECLARED)


def told(answers: dict[Region, Seen | Unseen]) -> tuple[dict[int, Region], list[tuple[str, str]]]:
    found, notes = live_regions(DECLARED, answers)
    assert all(note.severity is Severity.NOTE for note in notes)
    return dict(found), [(note.code, note.address) for note in notes]


def test_each_region_tells_its_own_projects() -> None:
    """What each project's own region says is where it lives."""
    assert ({WEB: EU, SHOP: US}, []) == told({EU: Seen({WEB: EU}), US: Seen({SHOP: US})})


def test_a_project_may_be_told_by_another_region() -> None:
    """A project that its own region doesn't list counts as where another region says it is."""
    assert ({WEB: US, SHOP: US}, []) == told({EU: Seen({}), US: Seen({WEB: US, SHOP: US})})


def test_the_own_region_comes_first() -> None:
    """Where two regions say different things, the one that the manifest names is believed."""
    assert {WEB: EU, SHOP: US} == told({EU: Seen({WEB: EU, SHOP: IN}), US: Seen({WEB: US, SHOP: US})})[0]
    assert {WEB: IN, SHOP: US} == told({EU: Seen({WEB: IN}), US: Seen({WEB: US, SHOP: US})})[0]


def test_what_the_account_doesnt_see_is_said() -> None:
    """A project that no region lists, though its own was asked, is named."""
    assert ({SHOP: US}, [("MP0732", "web.residency")]) == told({EU: Seen({}), US: Seen({SHOP: US})})


def test_a_domain_of_no_region_is_said() -> None:
    """A domain that isn't known is neither a region nor an absent project."""
    assert ({SHOP: US}, [("MP0733", "web.residency")]) == told({EU: Seen({WEB: None}), US: Seen({SHOP: US})})


def test_a_skipped_region_is_said_once() -> None:
    """A region that wasn't seen is named, and of its projects nothing further is said."""
    assert ({SHOP: US}, [("MP0730", "")]) == told({EU: Unseen("HTTP 401", is_denied=True), US: Seen({SHOP: US})})
    assert ({}, [("MP0731", ""), ("MP0731", "")]) == told({EU: Unseen("HTTP 503"), US: Unseen("no connection")})
