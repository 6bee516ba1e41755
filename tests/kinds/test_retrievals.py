"""Access requests in a manifest: what the schema can't say of them."""

from __future__ import annotations

from typing import Any

import pytest

from mixpriv_reconcile.kinds.retrievals import KIND
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.resource import RetrievalSpec

from .building import block


def read(**more: Any) -> tuple[RetrievalSpec, list[tuple[str, str]]]:
    """The spec of a block, and what is found about it, as (code, message)."""
    value = {"compliance": "ccpa", "received": "2026-11-03", "download_to": "exports/dsar"} | more
    spec, found = KIND.read(block("retrievals", {key: item for key, item in value.items() if item is not None}, name="dsar"))
    assert isinstance(spec, RetrievalSpec)
    return spec, [(one.code, one.message) for one in found]


def codes(**more: Any) -> list[str]:
    return [code for code, _ in read(**more)[1]]


@pytest.mark.parametrize("disclosure", ["data", "categories", "sources", None])
def test_the_ccpa_knows_disclosures(disclosure: str | None) -> None:
    """Each of the three is taken as written, and none is fine, too."""
    spec, found = read(disclosure=disclosure)
    assert (disclosure, []) == (spec.disclosure, found)


@pytest.mark.parametrize("disclosure", ["data", "categories", "sources"])
def test_the_gdpr_knows_none(disclosure: str) -> None:
    """Under the GDPR it is always everything: to ask for less is an error, and so is to say that it is all."""
    assert ["MP0374"] == codes(compliance="gdpr", disclosure=disclosure)
    assert [] == codes(compliance="gdpr")


@pytest.mark.parametrize("folder", ["exports", "exports/dsar/4711", "exports/", "./exports", "a/../exports", "Exports of 2026", "exports/ж"])
def test_folders_that_can_be_used(folder: str) -> None:
    """Any visible folder below the workspace, however it is written."""
    assert [] == codes(download_to=folder)


@pytest.mark.parametrize(
    "folder",
    [
        "/exports", "../exports", "a/../../exports", "~/exports", "C:/exports", "C:exports", "a\\b", "a\0b", ".", "./", "a/..", "..", "/",
        ".mixpriv", ".mixpriv/sandbox", ".git/exports", "exports/.hidden", "exports/.hidden/x",
    ],
)  # fmt: skip
def test_folders_that_cannot_be_used(folder: str) -> None:
    """Nothing outside of the workspace, nothing hidden, and not its top."""
    assert ["MP0375"] == codes(download_to=folder)


@pytest.mark.parametrize(
    ("folder", "what"),
    [
        ("mixpriv.state.d", "part of the state"),
        ("mixpriv.state.d/", "part of the state"),
        ("./x/../mixpriv.state.d/exports", "part of the state"),
        ("mixpriv.state.json", "part of the state"),
        ("mixpriv.state.json.backup/x", "part of the state"),
        ("mixpriv.state.lock", "part of the state"),
        ("mixpriv.sandbox.state.d", "part of the state"),
        ("mixpriv.key", "the digest key"),
        ("mixpriv.key/exports", "the digest key"),
    ],
)
def test_the_programs_own_things_are_no_folders(folder: str, what: str) -> None:
    """Where the state and the key lie, or will lie, no export goes."""
    assert [("MP0375", f"this path leads to {what}")] == read(download_to=folder)[1]


@pytest.mark.parametrize("folder", ["mixpriv.state", "mixpriv.state.data", "exports/mixpriv.state.d", "mixpriv.keys"])
def test_names_that_are_only_alike(folder: str) -> None:
    """What has a similar name is any folder."""
    assert [] == codes(download_to=folder)


@pytest.mark.parametrize("folder", ["public", "web/public/exports", "static/x", "dist", "WWW/exports"])
def test_published_folders_are_warned_of(folder: str) -> None:
    """A folder that web servers usually hand out is a warning."""
    _, found = KIND.read(block("retrievals", {"compliance": "ccpa", "received": "2026-11-03", "download_to": folder}, name="dsar"))
    assert [("MP0376", Severity.WARNING)] == [(one.code, one.severity) for one in found]


def test_a_folder_is_named_from_the_workspace() -> None:
    """Two ways to write the same folder are the same folder."""
    assert "exports/dsar" == read(download_to="./exports//x/../dsar/")[0].download_to


def test_the_law_applies_to_access_too() -> None:
    """A missing receipt is a warning, one in the future an error, and so is an extension that came too late."""
    assert ["MP0361"] == codes(received=None)
    assert ["MP0362"] == codes(received="2026-11-09")
    assert ["MP0363"] == codes(received="2026-09-01", extension={"notified": "2026-11-01", "reason": "complex"})
