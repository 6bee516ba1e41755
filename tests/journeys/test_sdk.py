"""`mixpriv sdk`: for a project, for a region, in a workspace and outside."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mixpriv_reconcile.cli import sdk
from mixpriv_reconcile.cli.main import mixpriv
from mixpriv_reconcile.sdks import SDK_NAMES

from .workspace import Workspace


def test_for_a_project(workspace: Workspace) -> None:
    """With a project's name everything is for its region, and the manifest's token is never printed."""
    workspace.project("web", residency="in")
    workspace.project("shop", residency="eu")
    ended = workspace.run("sdk", "web", "--format", "json")
    assert ("web", "in", list(SDK_NAMES)) == (
        ended.document["project"],
        ended.document["residency"],
        [one["name"] for one in ended.document["sdks"]],
    )
    text = workspace.run("sdk", "web")
    assert text.out.startswith("SDKs of web, region India (in)\n")
    assert "api-eu" not in text.both + ended.both
    assert workspace.token("web") not in text.both + ended.both
    assert not (workspace.root / "mixpriv.state.json").exists()


def test_the_only_region(workspace: Workspace) -> None:
    """Without a name the region is that of the workspace where all projects share one; else the error names both ways."""
    workspace.project("web", residency="eu")
    workspace.project("shop", residency="eu")
    assert workspace.run("sdk", "--format", "json").document["residency"] == "eu"
    workspace.project("app", residency="us")
    wrong = workspace.run("sdk", code=1)
    assert wrong.out == ""
    assert all(word in wrong.err for word in ("MP0010", "several regions", "mixpriv sdk PROJECT", "--residency"))
    assert workspace.run("sdk", "--residency", "in", "--format", "json").document["residency"] == "in"


def test_outside_a_workspace(workspace: Workspace) -> None:
    """With a region no workspace is needed; without one, that is what the error says."""
    one = workspace.run("sdk", "--residency", "us", "--sdk", "ruby", "--format", "json").document
    assert (None, "us", ["ruby"]) == (one["project"], one["residency"], [found["name"] for found in one["sdks"]])
    wrong = workspace.run("sdk", code=1).err
    assert "MP0010" in wrong
    assert "--residency" in wrong


def test_formats(workspace: Workspace) -> None:
    """Markdown stands alone, to be pasted into a wiki, and a page has the same."""
    marked = workspace.run("sdk", "--residency", "eu", "--sdk", "go", "--format", "markdown").out
    assert marked.startswith("# SDKs, region European Union (eu)\n\n## Go (`go`)\n")
    page = workspace.run("sdk", "--residency", "eu", "--sdk", "go", "--format", "html").out
    assert '<p class="lead">SDKs, region European Union (eu)</p>' in page
    for text in (marked, page):
        assert "mp := mixpanel.NewApiClient(" in text


@pytest.mark.parametrize(
    "arguments",
    [["sdk", "nosuch"], ["sdk", "web", "--residency", "us"], ["sdk", "web", "more"], ["sdk", "--sdk", "cobol"], ["sdk", "--residency", "mars"]],
    ids=" ".join,
)
def test_wrong_usage(workspace: Workspace, arguments: list[str]) -> None:
    """An unknown project, library or region, and a region that isn't the project's, end 1 and print nothing to paste."""
    workspace.project("web", residency="eu")
    wrong = workspace.run(*arguments, code=1)
    assert wrong.out == ""
    assert wrong.err != ""


@pytest.mark.parametrize("before", [[], ["--format", "json"], ["--residency", "eu", "--no-color"], ["--target", "check"]], ids=" ".join)
def test_a_word_of_its_own_is_no_project(monkeypatch: pytest.MonkeyPatch, before: list[str]) -> None:
    """The first word decides: a sub-command's name leads to it, with the options around it; behind an option it is a value."""
    monkeypatch.setattr(sdk, "SUBCOMMANDS", {"check": "endpoints"})
    ran = CliRunner().invoke(mixpriv, ["sdk", *before, "check", "--residency", "eu"])
    assert ran.exit_code == 0, ran.output
    assert "Lexicon Schemas API" in ran.stdout
    ran = CliRunner().invoke(mixpriv, ["sdk", "--target", "check", "--residency", "eu", "--sdk", "go"])
    assert ran.stdout.startswith("SDKs, region European Union")
