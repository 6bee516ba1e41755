"""What the program writes is its owner's alone, whatever the umask."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .canaries import FILES, declared
from .workspace import Ended, Server, Workspace, finished, until

OPEN_UMASK = 0
"""Takes no right from anybody: what is private then was made so."""

STARTERS = ("mixpriv.yaml", ".gitignore", ".gitattributes", "requests", "schemas")
"""What `init` writes for the user to edit and commit: it has the modes that an editor would give it, and holds no secret and no id."""


def run(workspace: Workspace, *arguments: str, code: int = 0) -> Ended:
    ended = finished(workspace.start(*arguments, umask=OPEN_UMASK))
    assert code == ended.code, ended
    return ended


def exposed(root: Path) -> list[str]:
    """Files and folders below *root* that somebody else than their owner may read, write or enter, but for the user's own."""

    def all_of(folder: Path) -> Iterator[Path]:
        for path in folder.iterdir():
            if path.name in (*FILES, *STARTERS):
                continue
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from all_of(path)

    return sorted(f"{path.relative_to(root)} {path.stat().st_mode & 0o777:o}" for path in all_of(root) if path.stat().st_mode & 0o077)


def names(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*")}


def test_files_and_folders_are_private_at_every_moment(workspace: Workspace, server: Server) -> None:
    """Under an open umask every file is 0600 and every folder 0700: during an apply, after a kill, after recovery, with plan, key and backup."""
    top = workspace.root.parent
    workspace.root.chmod(0o700)
    workspace.manifest["workspace"]["state"] = {"backend": "local", "path": "var/deep/mixpriv.state.json"}
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 100
    declared(workspace, secrets_in_files=True)
    run(workspace, "plan", "--out", "saved.plan")
    server.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve", umask=OPEN_UMASK)
    until(lambda: server.struck("POST@1=hang"), running)
    assert [] == exposed(top)
    assert {"journal", "spool", "mixpriv.state.lock", "mixpriv.key"} <= names(workspace.root)
    running.kill()
    finished(running)
    assert [] == exposed(top)
    server.heal()
    run(workspace, "apply", "--auto-approve")
    run(workspace, "refresh")
    run(workspace, "confirm", "web.sso", "--by", "ops")
    assert [] == exposed(top)
    assert {"mixpriv.state.json", "mixpriv.state.json.backup", "saved.plan", "mixpriv.state.d"} <= names(workspace.root)
    assert list((top / "runtime").rglob("*/*"))  # the pace's notes


def test_the_sandboxs_store_is_private(workspace: Workspace) -> None:
    """The pretended server's files, which hold ids, are its owner's alone: embedded, and served by itself while it runs."""
    workspace.root.chmod(0o700)
    declared(workspace)
    run(workspace, "apply", "--auto-approve", "--sandbox")
    assert "sandbox.sqlite3" in names(workspace.root / ".mixpriv")
    store = workspace.root.parent / "home" / "new" / "store"
    running = workspace.start("sandbox", "--store", str(store), umask=OPEN_UMASK)
    assert running.stdout is not None
    until(running.stdout.readline, running)
    assert {"sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.sqlite3-shm"} <= names(store)
    assert [] == exposed(workspace.root.parent)
    running.send_signal(signal.SIGINT)
    finished(running)


def test_init_keeps_the_key_private(workspace: Workspace) -> None:
    """`init` makes the key 0600; what the user is to edit and commit has the modes of any new file."""
    workspace.root.chmod(0o700)
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    run(workspace, "init")
    assert "mixpriv.key" in names(workspace.root)
    assert [] == exposed(workspace.root.parent)


def test_a_sandbox_folder_that_others_may_enter_is_narrowed(workspace: Workspace) -> None:
    """A `.mixpriv/` that came with wider rights, from an unpacked archive say, is narrowed before ids are put into it."""
    declared(workspace)
    folder = workspace.root / ".mixpriv" / "sandbox"
    folder.mkdir(parents=True)
    for path in (folder, folder.parent):
        path.chmod(0o777)
    run(workspace, "apply", "--auto-approve", "--sandbox")
    assert [] == exposed(workspace.root)


@pytest.mark.parametrize(
    "link", [".mixpriv", ".mixpriv/sandbox", ".mixpriv/sandbox/sandbox.sqlite3", ".mixpriv/sandbox/sandbox.sqlite3-wal"]
)
def test_a_link_in_the_private_folder_is_not_followed(workspace: Workspace, link: str) -> None:
    """A link in `.mixpriv/`, as a stranger's branch may bring one, is refused by name before ids are written to where it points."""
    declared(workspace)
    target = workspace.root.parent / "home" / "elsewhere"
    path = workspace.root / link
    path.parent.mkdir(parents=True, exist_ok=True)
    if "sqlite" in link:
        target.write_bytes(b"")
    else:
        target.mkdir()
    path.symlink_to(target)
    refused = run(workspace, "apply", "--auto-approve", "--sandbox", code=1)
    assert f"error[MP0527]: {link} is a symbolic link" in refused.err
    assert [] == (list(target.iterdir()) if target.is_dir() else [one for one in [target.read_bytes()] if one])
