"""A stranger's pull request can't have a secret sent as a distinct id, nor any file or variable of the machine as a token."""

from __future__ import annotations

import os

import pytest

from .strangers import SECRET, found, planted, ran, source
from .workspace import Server, Workspace


def links(workspace: Workspace, target: str) -> None:
    """Reach *target* by three links that are called as a list of ids is."""
    (workspace.root / "ids.txt").symlink_to(target)
    (workspace.root / "chain.txt").symlink_to("ids.txt")
    os.link(workspace.root / target, workspace.root / "hard.txt")


@pytest.mark.parametrize("target", ["mixpriv.key", "mixpriv.state.json", "mixpriv.state.json.backup", "privacy.yaml", ".mixprivignore"])
def test_own_files_are_no_sources(workspace: Workspace, target: str) -> None:
    """The digest key, the state, its backup, a manifest: none is a source, by whatever link it is reached."""
    source(workspace, "*.txt")
    if target != "privacy.yaml":
        planted(workspace, target, f"{SECRET}\n")
    links(workspace, target)

    assert ["MP0443"] * 3 == found(workspace)


def test_the_digest_key_is_not_sent(workspace: Workspace, server: Server) -> None:
    """An apply of such a manifest, by mistake, sends nothing."""
    source(workspace, "*.txt")
    planted(workspace, "mixpriv.key", f"{SECRET}\n")
    links(workspace, "mixpriv.key")

    assert "ids.txt is the workspace's digest key, not a list of ids" in ran(workspace, "apply", "--auto-approve").err
    assert [] == server.calls()


@pytest.mark.parametrize("pattern", [".mixpriv/spool/*.txt", ".git/config.txt", "mixpriv.state.d/*.txt", "**/journal.txt", "behind/*.txt"])
def test_own_folders_hold_no_sources(workspace: Workspace, pattern: str) -> None:
    """What lies in the state's folder, in `.mixpriv/` or in version control's own folder is never sent."""
    source(workspace, pattern)
    for name in (".mixpriv/spool/a.txt", ".git/config.txt", "mixpriv.state.d/journal.txt"):
        planted(workspace, name, f"{SECRET}\n")
    (workspace.root / "behind").symlink_to(".git")

    assert ["MP0443"] == found(workspace)


@pytest.mark.parametrize("reference", ["secrets/token.txt", "./secrets/../secrets/token.txt", "{root}/secrets/token.txt", "link.txt"])
def test_a_credential_is_no_source(workspace: Workspace, server: Server, reference: str) -> None:
    """The file that a credential points to isn't sent as ids, however either of the two is written."""
    planted(workspace, "secrets/token.txt", f"{SECRET}\n")
    (workspace.root / "link.txt").symlink_to("secrets/token.txt")
    source(workspace, "*/*.txt")
    workspace.manifest["projects"]["app"]["token"] = {"file": reference.format(root=workspace.root)}
    workspace.write()

    assert "secrets/token.txt is a file that a credential points to" in ran(workspace, "apply", "--auto-approve").err
    assert [] == server.calls()


@pytest.mark.parametrize("half", ["username", "secret"])
def test_a_service_account_is_no_source(workspace: Workspace, server: Server, half: str) -> None:
    """Nor are the files that hold a service account's username and secret."""
    planted(workspace, "secrets/account.txt", f"{SECRET}\n")
    source(workspace, "*/*.txt")
    account = {"username": {"env": "SA_USER"}, "secret": {"env": "SA_SECRET"}} | {half: {"file": "secrets/account.txt"}}
    workspace.manifest["workspace"]["credentials"]["service_account"] = account
    workspace.write()

    assert "secrets/account.txt is a file that a credential points to" in ran(workspace, "apply", "--auto-approve").err
    assert [] == server.calls()


def test_a_credential_of_a_project_that_left_is_no_source(workspace: Workspace, server: Server) -> None:
    """Nor is the file of a project that only the state remembers."""
    planted(workspace, "secrets/old.txt", "token-canary-old-5d41")
    workspace.project("old", spring=["user-1"])
    workspace.manifest["projects"]["old"]["token"] = {"file": "secrets/old.txt"}
    workspace.write()
    workspace.apply()
    del workspace.manifest["projects"]["old"]
    source(workspace, "secrets/*.txt")
    before = server.calls("POST")

    assert "MP0443" in ran(workspace, "apply", "--auto-approve").err
    assert before == server.calls("POST")
