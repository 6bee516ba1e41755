"""No token and no distinct id leaves the places that hold them by design."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from .test_command_line import commands
from .workspace import BEARER, Ended, Server, Workspace, finished, until

IDS = ("canary.person@example.com", "zoë-kanári-ж-17", "canary 4711/x+y", "canary-from-file@example.com", "canary-added@example.com")
SOURCES = frozenset({"privacy.yaml", "ids.csv"})

CASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("init",): (),
    ("validate",): (),
    ("plan",): ("--out", "saved.plan"),
    ("apply",): ("--auto-approve",),
    ("show",): ("saved.plan",),
    ("status",): ("--refresh",),
    ("refresh",): (),
    ("confirm",): ("web.sso", "--by", "ops"),
    ("state",): ("--help",),
    ("state", "list"): (),
    ("state", "show"): ("web.deletions.r1",),
    ("state", "mv"): ("web.sso", "shop.sso"),
    ("state", "pull"): (),
    ("state", "push"): ("mixpriv.state.json",),
    ("state", "rm"): ("web.deletions.r1",),
    ("unlock",): ("0123456789abcdef",),
    ("endpoints",): ("web",),
    ("schema",): ("plan",),
    ("explain",): ("MP0709",),
    ("sandbox",): (),
    ("version",): (),
}
"""Each command with what it is given here; a new command needs a line."""

LAST = (("apply",), ("refresh",), ("status",), ("state", "rm"))
"""Run at the end: what comes before needs a healthy state."""


def disguises(secret: str) -> Iterator[bytes]:
    """The ways in which a value may be written down by mistake."""
    raw = secret.encode()
    yield from (
        raw,
        quote(secret, safe="").encode(),
        quote(secret).encode(),
        quote_plus(secret).encode(),
        json.dumps(secret)[1:-1].encode(),
    )
    yield from (
        base64.b64encode(raw).rstrip(b"="),
        base64.urlsafe_b64encode(raw).rstrip(b"="),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    )
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, raw)
        yield from (digest.hexdigest().encode(), digest.digest(), base64.b64encode(digest.digest()))


def check(workspace: Workspace, *shown: Ended) -> None:
    """Nothing shown and no file but the sources holds a canary in any disguise."""
    kept = {str(path): path.read_bytes() for path in workspace.root.parent.rglob("*") if path.is_file() and path.name not in SOURCES}
    texts = kept | {f"output {number}": ended.both.encode() for number, ended in enumerate(shown)} | {"names": "\n".join(kept).encode()}
    for secret in (*IDS, BEARER, workspace.token("web")):
        for disguise in disguises(secret):
            assert [name for name, text in texts.items() if disguise in text] == [], f"{secret!r} as {disguise!r}"


def declared(workspace: Workspace) -> None:
    (workspace.root / "ids.csv").write_text(f"distinct_id\n{IDS[3]}\n", "utf-8")
    block = workspace.deletion(IDS[:3]) | {"from": [{"file": "ids.csv", "column": "distinct_id"}]}
    workspace.project("web", r1=block)["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()


def served(workspace: Workspace) -> Ended:
    """`mixpriv sandbox` from its first line to Ctrl-C."""
    running = workspace.start("sandbox", "--store", str(workspace.root.parent / "home" / "store"))
    assert running.stdout is not None
    until(running.stdout.readline, running)
    running.send_signal(signal.SIGINT)
    return finished(running)


def test_every_command_has_a_case() -> None:
    """A command without a case here could leak unseen."""
    assert sorted(commands()) == sorted(CASES)


def test_no_command_shows_or_keeps_an_id_or_a_token(workspace: Workspace, server: Server) -> None:
    """With every command, at a server that repeats secrets in its errors: no canary in output or files, raw, encoded or hashed."""
    declared(workspace)
    shown = [workspace.apply()]
    workspace.declare("web.r1", IDS[1:3])
    workspace.project("shop", r1=[IDS[4]])
    server.fault("ANY=echo-secrets")
    for command in (*(one for one in CASES if one not in LAST), *LAST):
        shown.append(served(workspace) if command == ("sandbox",) else workspace.run(*command, *CASES[command], code=None))
        if command == ("apply",):
            shown.append(workspace.run("apply", "--auto-approve", "--format", "json", "--retry", "*", code=None))
    assert "echo-secrets" in {str(call["fault"]).partition("=")[2] for call in server.calls("POST")}
    assert "echo-secrets" in {str(call["fault"]).partition("=")[2] for call in server.calls("GET")}
    assert not [ended for ended in shown if "MP0009" in ended.both]
    check(workspace, *shown)


def test_a_killed_run_leaves_nothing_after_the_next(workspace: Workspace, server: Server) -> None:
    """What a killed run kept for itself holds ids only until the next start; a debug run shows none either."""
    declared(workspace)
    server.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve", environment={"MIXPRIV_DEBUG": "1"})
    until(lambda: server.calls("POST"), running)
    running.kill()
    shown = [finished(running)]
    server.heal()
    shown.append(workspace.run("apply", "--auto-approve", "--format", "json", environment={"MIXPRIV_DEBUG": "1"}))
    check(workspace, *shown)


def test_diagnostics_mask_what_stands_where_ids_and_secrets_belong(workspace: Workspace) -> None:
    """Broken manifests and sources are explained without repeating an id or a literal token."""
    declared(workspace)
    text = (workspace.root / "privacy.yaml").read_text("utf-8")
    source = workspace.root / "ids.csv"
    shown = [workspace.run("validate", code=1, environment={"MIXPRIV_MAX_ID_BYTES": "5"})]
    for broken in (
        text.replace("env: TOKEN_WEB", f"env: TOKEN_WEB\n      literal: {workspace.token('web')}"),
        text.replace("token:\n      env: TOKEN_WEB", f"token: {workspace.token('web')}"),
        text.replace(f"- {IDS[0]}", f"- {IDS[0]}: [{IDS[1]}"),
        text.replace(f"- {IDS[0]}", f"- {IDS[0]}\n\t- {IDS[1]}"),
        text.replace(f"- {IDS[0]}", f"- {{{IDS[0]}: {IDS[1]}}}"),
    ):
        assert broken != text
        (workspace.root / "privacy.yaml").write_text(broken, "utf-8")
        shown.append(workspace.run("validate", code=1))
    (workspace.root / "privacy.yaml").write_text(text, "utf-8")
    source.write_text(f'distinct_id\n{IDS[3]}\n"{IDS[4]}"x\n\nanonymous\n', "utf-8")
    shown.append(workspace.run("validate", "--format", "json", code=1))
    check(workspace, *shown)


def test_only_the_documented_files_appear(workspace: Workspace, server: Server) -> None:
    """A workspace after an apply holds the user's files, the state with its folder, lock and backup, and `.mixpriv/`; all of it private."""
    declared(workspace)
    workspace.apply()
    added = {path.relative_to(workspace.root).parts[0]: path for path in workspace.files() if path.name not in SOURCES}
    assert set(added) <= {"mixpriv.state.json", "mixpriv.state.json.backup", "mixpriv.state.lock", "mixpriv.state.d", ".mixpriv"}
    assert {_mode(path) for path in added.values()} == {0o600}
    assert {_mode(path) for path in workspace.root.rglob("*") if path.is_dir()} <= {0o700}


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
