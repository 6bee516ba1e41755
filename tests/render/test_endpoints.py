"""The hosts of every API and region."""

from __future__ import annotations

import io

import pytest

from mixpriv_reconcile.model.regions import APIS, Region
from mixpriv_reconcile.render.endpoints import endpoints_document, endpoints_json, render_endpoints
from mixpriv_reconcile.render.look import Look

from .golden import assert_golden

PAGE = {
    ("Ingestion API", "us"): "api.mixpanel.com",
    ("Ingestion API", "eu"): "api-eu.mixpanel.com",
    ("Query API", "us"): "mixpanel.com/api",
    ("Query API", "eu"): "eu.mixpanel.com/api",
    ("Raw Data Export API", "us"): "data.mixpanel.com/api/2.0/export",
    ("Raw Data Export API", "eu"): "data-eu.mixpanel.com/api/2.0/export",
    ("Data Pipelines API", "us"): "data.mixpanel.com/api/2.0/export",
    ("Data Pipelines API", "eu"): "data-eu.mixpanel.com/api/2.0/export",
    ("Lexicon Schemas API", "us"): "mixpanel.com/api/app/projects",
    ("Lexicon Schemas API", "eu"): "eu.mixpanel.com/api/app/projects",
    ("Connectors API", "us"): "mixpanel.com/api/app/projects",
    ("Connectors API", "eu"): "eu.mixpanel.com/api/app/projects",
}
"""The table of the privacy page."""


def text(region: Region | None, width: int = 80) -> str:
    stream = io.StringIO()
    render_endpoints(stream, Look(False, width), region)
    return stream.getvalue()


def test_golden() -> None:
    """All regions read exactly like this."""
    assert_golden("endpoints.txt", text(None))


def test_golden_json() -> None:
    """As JSON one region reads exactly like this."""
    assert_golden("endpoints-eu.json", endpoints_json(Region.EU))


def test_privacy_page() -> None:
    """Every host of the privacy page is served; where ours differs from it, a note says so."""
    entries = {(entry["api"], entry["region"]): entry for entry in endpoints_document()["endpoints"]}

    assert set(PAGE) == {key for key, entry in entries.items() if entry["on_privacy_page"]}
    for key, printed in PAGE.items():
        assert entries[key]["host_and_path"] == printed or "privacy page" in entries[key]["note"]


@pytest.mark.parametrize("region", Region)
def test_one_region(region: Region) -> None:
    """One region shows its own hosts and no other's; what is documented nowhere is null."""
    shown = text(region)

    assert {region.value} == {entry["region"] for entry in endpoints_document(region)["endpoints"]}
    assert all(api.at(region) in shown for api in APIS)
    others = {"api.mixpanel.com", "api-eu.mixpanel.com", "api-in.mixpanel.com"} - {APIS[0].at(region)}
    assert not any(f" {host}\n" in shown for host in others)
    assert all(entry["host_and_path"] is None or entry["host_and_path"] for entry in endpoints_document(region)["endpoints"])


def test_eighty_columns() -> None:
    """The table fits into 80 columns."""
    assert [line for line in text(None).splitlines() if len(line) > 80] == []
