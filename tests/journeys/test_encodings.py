"""An output that can't hold a character gets it escaped."""

from __future__ import annotations

import json

import pytest

from .workspace import Workspace

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_name_that_the_output_cannot_hold(workspace: Workspace, encoding: str) -> None:
    """A file name beyond an output's encoding is written with `\\u`, in text and in JSON, and the run ends as it does elsewhere."""
    workspace.project("web", r1=["u1"])
    (workspace.root / "privacy.yaml").rename(workspace.root / "\u0142\U0001f600.yaml")
    elsewhere = workspace.plan()
    environment = {"PYTHONIOENCODING": encoding}
    text = workspace.run("plan", environment=environment)
    assert "\\u0142" in text.out
    assert "\\ud83d\\ude00.yaml" in text.out
    assert "MP0009" not in text.both
    shown = json.loads(workspace.run("plan", "--format", "json", environment=environment).out)
    assert [one["source"] for one in elsewhere["resource_changes"]] == [one["source"] for one in shown["resource_changes"]]


def test_a_locale_without_any(workspace: Workspace) -> None:
    """In a locale that has ASCII alone, a plan with a manual step, whose words have typographic quotes, is written."""
    workspace.project("web", r1=["u1"])["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    for form in ("text", "json"):
        assert workspace.run("plan", "--format", form, environment=C_LOCALE).out.isascii()
