"""Folders for exports that can't be one as things stand: known offline, by their place in the manifest, before anything is sent."""

from __future__ import annotations

import pytest

from .exports import wished
from .workspace import Server, Workspace


@pytest.mark.parametrize("command", [["validate"], ["validate", "--no-sources"], ["plan"], ["apply", "--auto-approve"]])
@pytest.mark.parametrize(
    ("folder", "named"), [("privacy.yaml", "privacy.yaml"), ("privacy.yaml/exports", "privacy.yaml"), ("requests/ids.txt/x", "requests/ids.txt")]
)
def test_a_file_in_the_way(workspace: Workspace, server: Server, command: list[str], folder: str, named: str) -> None:
    """No export goes where a manifest, a source or any other file stands."""
    (workspace.root / "requests").mkdir()
    (workspace.root / "requests/ids.txt").write_text("u7\n")
    wished(workspace, "web.dsar", ["u1"], download_to=folder, **{"from": [{"file": "requests/ids.txt"}]})
    text = (workspace.root / "privacy.yaml").read_text().splitlines()
    line = next(number for number, row in enumerate(text, 1) if "download_to" in row)
    column = text[line - 1].index("download_to: ") + len("download_to: ") + 1
    ended = workspace.run(*command, code=1)
    assert f"privacy.yaml:{line}:{column}: error[MP0375]: {named} is a file" in ended.err
    assert server.calls() == []


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_link_that_leads_elsewhere(workspace: Workspace, command: str) -> None:
    """A link out of the workspace is an error at the key that names it; one that stays inside is fine."""
    wished(workspace, "web.dsar", ["u1"])
    (workspace.root / "exports").symlink_to(workspace.root.parent)
    ended = workspace.run(command, code=1)
    assert "error[MP0819]: exports/dsar leads out of the workspace" in ended.err
    assert "privacy.yaml:" in ended.err
    (workspace.root / "exports").unlink()
    (workspace.root / "kept").mkdir()
    (workspace.root / "exports").symlink_to("kept")
    workspace.run(command)


def test_a_folder_in_the_state_of_another_name(workspace: Workspace) -> None:
    """The state's folder has the state's name, wherever that lies."""
    workspace.manifest["workspace"]["state"] = {"backend": "local", "path": "memory/privacy.json"}
    wished(workspace, "web.dsar", ["u1"], download_to="memory/privacy.d/exports")
    assert "error[MP0375]: this path leads to part of the state" in workspace.run("validate", code=1).err
    wished(workspace, "web.dsar", ["u1"], download_to="memory/exports")
    workspace.run("validate")
