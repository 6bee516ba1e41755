"""A state that others reach too: what is said, and what is left alone, before it is asked for anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.opening import no_state
from mixpriv_reconcile.pipeline.reading import desired_of, read
from mixpriv_reconcile.pipeline.setting import Setting

from .workspace import Server, Workspace

KEYLESS = {"MIXPRIV_DIGEST_KEY": None}
ACTING = (["plan"], ["apply", "--auto-approve"], ["apply", "--auto-approve", "--new-state"], ["import", "web.deletions.r1", "t-1"])


class Listener:
    """A socket that nobody answers at, and that knows whether somebody called."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/state/web"

    def was_called(self) -> bool:
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def shared(workspace: Workspace, listener: Listener, **more: object) -> None:
    """Let the manifest keep the state at *listener*."""
    workspace.manifest["workspace"]["state"] = {"backend": "http", "address": listener.address, **more}
    workspace.project("web", r1=["u1"])


@pytest.mark.parametrize("ci", [None, "true"])
@pytest.mark.parametrize("command", ACTING, ids=" ".join)
def test_no_key_is_made_for_a_shared_state(workspace: Workspace, server: Server, listener: Listener, command: list[str], ci: str | None) -> None:
    """With a shared state a missing digest key is an error that says how to get one, before the state's server is asked; `--new-state` or not."""
    shared(workspace, listener)
    refused = workspace.run(*command, code=1, environment=KEYLESS | {"CI": ci})
    assert "error[MP0571]" in refused.err
    assert "export MIXPRIV_DIGEST_KEY=" in refused.err
    assert "secrets.token_urlsafe(32)" in refused.err
    assert ["privacy.yaml"] == [path.name for path in workspace.files()]
    assert not listener.was_called()
    assert server.calls() == []


@pytest.mark.parametrize(("key", "code"), [("", "MP0571"), ("short", "MP0507")])
def test_an_empty_or_short_key_is_found_before_the_server_is_asked(workspace: Workspace, listener: Listener, key: str, code: str) -> None:
    """A secret that a CI doesn't hand over is an empty variable, which is no key, and one of a few letters is none either."""
    shared(workspace, listener)
    for command in ACTING:
        assert f"error[{code}]" in workspace.run(*command, code=1, environment={"MIXPRIV_DIGEST_KEY": key}).err
    assert not listener.was_called()


def test_a_key_file_that_holds_no_key_is_found_as_early(workspace: Workspace, listener: Listener) -> None:
    """A damaged `mixpriv.key` beside the manifests stops the run before the state's server is asked."""
    shared(workspace, listener)
    (workspace.root / "mixpriv.key").write_bytes(bytes(43))
    assert "error[MP0508]" in workspace.run("plan", code=1, environment=KEYLESS).err
    assert not listener.was_called()


def test_validate_never_asks_the_states_server(workspace: Workspace, listener: Listener) -> None:
    """`validate` needs neither the server nor a key nor a credential, nor the package that speaks to the storage."""
    shared(workspace, listener, password={"env": "NOT_SET"})
    workspace.run("validate", environment=KEYLESS)
    for state in (
        {"backend": "s3", "bucket": "acme-privacy", "endpoint": listener.address},
        {"backend": "gcs", "bucket": "acme-privacy", "endpoint": listener.address},
        {"backend": "azure", "account": "acmeprivacy", "container": "mixpriv", "endpoint": listener.address},
    ):
        workspace.manifest["workspace"]["state"] = state
        workspace.write()
        workspace.run("validate", environment=KEYLESS)
    assert not listener.was_called()
    assert ["privacy.yaml"] == [path.name for path in workspace.files()]


def test_init_makes_no_key_for_a_shared_state(workspace: Workspace, listener: Listener) -> None:
    """`init` in a workspace whose state is shared writes the rest and says where the key comes from."""
    shared(workspace, listener)
    started = workspace.run("init", "--format", "json", environment=KEYLESS).document
    assert ("not_made", ["MP0571"]) == (started["key"], [found["code"] for found in started["diagnostics"]])
    assert not (workspace.root / "mixpriv.key").exists()
    assert (workspace.root / ".gitignore").exists()


@pytest.mark.parametrize("kept", [True, False])
def test_init_takes_a_key_that_is_there(workspace: Workspace, listener: Listener, kept: bool) -> None:
    """A key of the environment, or a `mixpriv.key` beside the manifests, is as good for a shared state as for any."""
    shared(workspace, listener)
    if kept:
        (workspace.root / "mixpriv.key").write_text("a key of enough characters\n", "utf-8")
    started = workspace.run("init", "--format", "json", environment=KEYLESS if kept else {}).document
    assert ("kept" if kept else "environment", []) == (started["key"], started["diagnostics"])


def test_the_sandbox_keeps_a_state_of_its_own(workspace: Workspace, listener: Listener) -> None:
    """With `--sandbox` the shared state is left alone: its pretended tasks are no business of others, and a key is made as ever."""
    shared(workspace, listener)
    bare = {name: None for name in workspace.environment if name.startswith(("TOKEN_", "GDPR_", "MIXPRIV_"))}
    workspace.run("apply", "--auto-approve", "--sandbox", environment=bare | {"CI": "true"})
    assert (workspace.root / "mixpriv.sandbox.state.json").exists()
    assert (workspace.root / "mixpriv.key").exists()
    assert not listener.was_called()


@pytest.mark.parametrize(("sandbox", "words"), [(False, "there is no state at {}"), (True, "there is no state")])
def test_a_shared_state_that_is_not_there_is_named(workspace: Workspace, listener: Listener, sandbox: bool, words: str) -> None:
    """A wrong bucket or address looks like a new state, so that whoever hears of a new one hears where it was looked for."""
    shared(workspace, listener)
    setting = Setting(workspace.root, {}, SystemClock(), sandbox=sandbox)
    assert words.format(listener.address) == no_state(setting, desired_of(read(setting)))


# What a state that was moved away may have left


@pytest.mark.parametrize("place", ["mixpriv.state.json", "mixpriv.state.json.backup", "mixpriv.state.d", "mixpriv.state.d/a"])
def test_the_old_state_is_no_folder_for_exports(workspace: Workspace, listener: Listener, place: str) -> None:
    """Where a state lay before it moved, no export is written: its journal may be the only trace of a task."""
    shared(workspace, listener)
    request = {"compliance": "gdpr", "distinct_ids": ["u1"], "download_to": place}
    workspace.manifest["projects"]["web"]["retrievals"] = {"dsar": request}
    workspace.write()
    assert "error[MP0375]" in workspace.run("validate", code=1).both


@pytest.mark.parametrize("place", ["mixpriv.state.json", "mixpriv.state.d/journal"])
def test_the_old_state_is_no_file_for_a_list(workspace: Workspace, listener: Listener, place: str) -> None:
    """Nor is a list of opt-outs written over it."""
    shared(workspace, listener)
    workspace.manifest["projects"]["web"]["opt_outs"] = {"distinct_ids": ["u1"], "write_to": place}
    workspace.write()
    assert "error[MP0385]" in workspace.run("validate", code=1).both


def test_the_old_state_and_the_states_password_are_no_ids(workspace: Workspace, listener: Listener, tmp_path: Path) -> None:
    """Neither what a moved state left behind nor the file of the server's password is read as a source, by whatever link."""
    (workspace.root / "secret.txt").write_text("hunter2hunter2\n", "utf-8")
    (workspace.root / "mixpriv.state.json").write_text("{}\n", "utf-8")
    (workspace.root / "state.txt").hardlink_to(workspace.root / "mixpriv.state.json")
    (workspace.root / "password.txt").symlink_to("secret.txt")
    shared(workspace, listener, password={"file": "secret.txt"})
    for source in ("state.txt", "password.txt"):
        workspace.declare("web.r1", {"compliance": "gdpr", "received": "2026-11-03", "from": [{"file": source}]})
        refused = workspace.run("validate", code=1).both
        assert "error[MP0443]" in refused
        assert "hunter2" not in refused
