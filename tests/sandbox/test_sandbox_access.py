"""Who may call, for which project, where, and how often."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import httpx
import pytest

from mixpriv_reconcile.sandbox import Project

PROJECTS = (Project(1, "token-us", "us"), Project(2, "token-eu", "eu", 3), Project(3, "token-in", "in"))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dTpw", "bearer-1"])
def test_call_without_a_bearer_is_refused(caller: Any, header: str | None) -> None:
    """Without a bearer token nothing works."""
    headers = {} if header is None else {"Authorization": header}
    answer = caller.http.get(caller.url(item="x"), params={"token": "t"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json().keys() == {"status", "error"}
    assert answer.json()["status"] == "error"
    assert isinstance(answer.json()["error"], str)


def test_bearers_can_be_known_unknown_or_ineligible(opened: Any) -> None:
    """With registered bearers, others are refused, and an ineligible one may do nothing."""
    with opened(bearers=("good",), ineligible=("weak",)) as caller:
        statuses = [caller.post("u1", bearer=one).status_code for one in ("good", "other", "weak")]
        assert statuses == [201, 401, 403]


def test_ineligible_bearer_needs_no_registry(opened: Any) -> None:
    """Without registered bearers, all but the ineligible ones are welcome."""
    with opened(ineligible=("weak",)) as caller:
        assert [caller.post("u1", bearer=one).status_code for one in ("any", "weak")] == [201, 403]


def test_call_without_a_project_token_is_refused(caller: Any) -> None:
    """The project token is required."""
    assert caller.post("u1", token=None).status_code == 400
    assert caller.post("u1", token="").status_code == 400


def test_registered_project_is_known_in_its_region_only(opened: Any) -> None:
    """A registered project is found in its own region, and nowhere else."""
    with opened(projects=PROJECTS) as caller:
        found = {
            (token, region): caller.call("GET", "x", token=token, region=region).json()["error"]
            for token in ("token-us", "token-eu", "token-in", "token-xx")
            for region in ("us", "eu", "in")
        }
        known = {where for where, text in found.items() if text == "no such task"}
        assert known == {("token-us", "us"), ("token-eu", "eu"), ("token-in", "in")}
        assert caller.post("u1", token="token-us", region="eu").status_code == 404
        assert caller.post("u1", token="token-us").json()["results"]["project_id"] == 1


def test_unregistered_project_belongs_where_it_first_appears(caller: Any) -> None:
    """Without a registry a project belongs to the region of its first call."""
    assert caller.post("u1", token="t", region="eu").status_code == 201
    assert caller.post("u2", token="t", region="us").status_code == 404
    assert caller.post("u2", token="t", region="eu").status_code == 201


def test_calls_in_quick_succession_are_refused(opened: Any) -> None:
    """Two calls of one project that start too close together: the second is refused, whatever it is."""
    with opened(interval_seconds=3600.0) as caller:
        item = caller.created("u1")
        for method in ("POST", "GET", "DELETE"):
            answer = caller.call(method, None if method == "POST" else item)
            assert answer.status_code == 429
            assert answer.json() == {
                "status": "error",
                "error": "too many requests; limited to 1 request/s",
            }
        assert caller.post("u1", kind="retrievals").status_code == 429
        assert caller.post("u1", token="token-2").status_code == 201
        assert len(caller.tasks()) == 2


def test_refused_calls_do_not_prolong_the_wait(opened: Any) -> None:
    """However often a client hammers, its next call is served one interval after the last served one."""
    with opened(interval_seconds=0.3) as caller:
        served: list[float] = []
        while len(served) < 3:
            if caller.call("GET", "x").status_code == 404:
                served.append(0)
        log = caller.calls()
        at = [call["at"] for call in log if call["status"] == 404]
        assert all(later - earlier >= 0.3 for earlier, later in pairwise(at))
        assert {call["status"] for call in log} == {404, 429}


@pytest.mark.parametrize("region", ["us", "eu", "in"])
def test_me_tells_the_region_of_every_project(opened: Any, region: str) -> None:
    """Whoever asks in any region learns where each of the projects lives."""
    with opened(projects=PROJECTS) as caller:
        url = f"{caller.origins[region]}/api/app/me"
        results = caller.http.get(url, auth=("user", "secret")).raise_for_status().json()["results"]
        domains = {number: project["domain"] for number, project in results["projects"].items()}
        assert domains == {"1": "mixpanel.com", "2": "eu.mixpanel.com", "3": "in.mixpanel.com"}


def test_me_wants_basic_credentials(caller: Any) -> None:
    """The projects are told to nobody without a user and a secret."""
    url = f"{caller.origins['us']}/api/app/me"
    for header in ("", "Bearer b", "Basic ???", "Basic Og==", "Basic dTo="):
        assert caller.http.get(url, headers={"Authorization": header}).status_code == 401


def test_foreign_host_names_are_refused(caller: Any) -> None:
    """A web page can't reach the sandbox through a host name of its own that points to this machine."""
    headers = {"Host": "attacker.example"}
    answer = caller.http.get(f"{caller.origins['us']}/_sandbox/tasks", headers=headers)
    assert answer.status_code == 400


def test_ports_are_open_on_loopback_only(caller: Any) -> None:
    """Each region has a port of its own, on loopback."""
    urls = [httpx.URL(origin) for origin in caller.origins.values()]
    assert {url.host for url in urls} == {"127.0.0.1"}
    assert len({url.port for url in urls}) == 3
