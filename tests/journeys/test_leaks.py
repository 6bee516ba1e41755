"""No token and no distinct id leaves the places that hold them by design, whatever command runs."""

from __future__ import annotations

import signal

import pytest

from mixpriv_reconcile.cli.options import BARE_FORMATS

from .canaries import CSV, FILES, INLINE, SECRETS, check, declared
from .test_command_line import commands
from .workspace import Ended, Server, Workspace, finished, until

LOUDEST = {"MIXPRIV_DEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONASYNCIODEBUG": "1", "PYTHONFAULTHANDLER": "1", "HTTPX_LOG_LEVEL": "trace"}
"""The most that the program, Python and the libraries can be asked to tell."""

CASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("init",): (),
    ("validate",): (),
    ("plan",): ("--out", "saved.plan"),
    ("apply",): ("--auto-approve",),
    ("show",): ("saved.plan",),
    ("status",): ("--refresh",),
    ("refresh",): (),
    ("confirm",): ("web.sso", "--by", "ops"),
    ("import",): ("web.deletions.r1", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    ("state",): ("--help",),
    ("state", "list"): (),
    ("state", "show"): ("web.deletions.r1",),
    ("state", "pull"): (),
    ("state", "mv"): ("web.deletions.r1", "web.deletions.r1-moved"),
    ("state", "push"): ("pulled.json", "--force"),
    ("state", "rekey"): ("--auto-approve",),
    ("state", "rm"): ("web.deletions.*",),
    ("state", "migrate"): ("--to", "{backend: local, path: memory/prod.json}"),
    ("unlock",): ("0123456789abcdef",),
    ("endpoints",): ("web",),
    ("sdk",): ("web",),
    ("sdk", "check"): ("privacy.yaml", "--residency", "eu"),
    ("schema",): ("plan",),
    ("explain",): ("MP0709",),
    ("sandbox",): (),
    ("completion",): ("bash",),
    ("version",): (),
}
"""Each command with what it is given here; a new command needs a line."""

FAIL = (("apply",), ("import",), ("refresh",), ("status", "--refresh"), ("unlock",))
"""Those that fail at a server that refuses everything, or where nobody holds the lock; all others do their work."""

MORE = (("plan", "--no-refresh"), ("show",), ("status",), ("apply", "saved.plan"), ("apply", "--auto-approve", "--retry", "*"))
"""Other ways to call them, which read or write something else."""

LAST = (("apply",), ("refresh",), ("status",), ("state", "rm"), ("state", "migrate"))
"""Run at the end: what comes before needs a healthy state, where the manifest says."""


REPORTED = ("json", "markdown", "html", "junit", "sarif", "github")
"""Reports that every command can write."""


def everything(workspace: Workspace, *more: tuple[str, ...], options: tuple[str, ...] = (), works: bool = False) -> list[Ended]:
    """Every command, and *more* calls of them, with *options*, at its loudest, each with reports of its own; with *works*, each must do
    what it is there for."""
    shown: list[Ended] = []
    for command in (*(one for one in CASES if one not in LAST), *LAST):
        calls = [(*command, *CASES[command]), *(one for one in more if one[0] == command[0] and len(command) == 1)]
        for call in calls:
            reports = [f"--report={name}={len(shown)}.{name}-report" for name in REPORTED]
            given = (*call, *options, *reports)
            ended = served(workspace) if command == ("sandbox",) else workspace.run(*given, code=None, environment=LOUDEST)
            assert not works or (ended.code == 0) is not any(call[: len(one)] == one for one in FAIL), f"{call} ended with {ended.code}: {ended.err}"
            shown.append(ended)
            if command == ("state", "pull"):
                (workspace.root / "pulled.json").write_text(ended.out, "utf-8")
    return shown


def served(workspace: Workspace) -> Ended:
    """`mixpriv sandbox` from its first line to Ctrl-C."""
    running = workspace.start("sandbox", "--store", str(workspace.root.parent / "home" / "store"), environment=LOUDEST)
    assert running.stdout is not None
    until(running.stdout.readline, running)
    running.send_signal(signal.SIGINT)
    return finished(running)


def test_every_command_has_a_case() -> None:
    """A command without a case here could leak unseen."""
    assert sorted(commands()) == sorted(CASES)


@pytest.mark.parametrize("form", BARE_FORMATS)
def test_no_command_shows_or_keeps_an_id_or_a_token(workspace: Workspace, server: Server, form: str) -> None:
    """With every command, before and after the first apply, at a server that repeats secrets in its errors: no canary in output or files."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 20
    declared(workspace, secrets_in_files=form == "json")  # either way at least once
    shown = [workspace.run("validate", "--format", form, environment=LOUDEST), workspace.run("status", "--format", form, code=None)]
    shown.append(workspace.apply("--format", form))
    workspace.declare("web.r1", INLINE[1:3])
    workspace.project("shop", r1=CSV)
    server.fault("ANY=echo-secrets")
    shown += everything(workspace, *MORE, options=("--format", form), works=True)
    for method in ("POST", "GET"):
        assert "ANY=echo-secrets" in {call["fault"] for call in server.calls(method)}
    assert [] == [ended for ended in shown if "MP0009" in ended.both]
    check(workspace, *shown)


def test_no_command_shows_an_id_before_there_is_a_state(workspace: Workspace) -> None:
    """Every command in a workspace that was never applied, and where Mixpanel can't be reached, shows and keeps no canary."""
    declared(workspace)
    workspace.environment |= {f"MIXPRIV_URL_{region}": "http://127.0.0.1:9" for region in ("US", "EU", "IN")}
    workspace.environment["CI"] = "1"  # then apply makes no state, and nothing waits for a server that isn't there
    shown = everything(workspace)
    assert not (workspace.root / "mixpriv.state.json").exists()
    assert not [ended for ended in shown if "MP0009" in ended.both]
    check(workspace, *shown)


def test_diagnostics_mask_what_stands_where_ids_and_secrets_belong(workspace: Workspace) -> None:
    """Broken manifests and sources are explained without repeating an id or a literal token."""
    declared(workspace)
    text = (workspace.root / "privacy.yaml").read_text("utf-8")
    source = workspace.root / "ids.csv"
    token = SECRETS[1]
    shown = [workspace.run("validate", code=1, environment={"MIXPRIV_MAX_ID_BYTES": "5"})]
    broken_ones = (
        text.replace("env: TOKEN_WEB", f"env: TOKEN_WEB\n      literal: {token}"),
        text.replace("token:\n      env: TOKEN_WEB", f"token: {token}"),
        text.replace("    gdpr_token:", f"    service_account: {{username: canary-user, secret: {token}}}\n    gdpr_token:"),
        text.replace(f"- {INLINE[0]}", f"- {INLINE[0]}: [{INLINE[1]}"),
        text.replace(f"- {INLINE[0]}", f"- {INLINE[0]}\n\t- {INLINE[1]}"),
        text.replace(f"- {INLINE[0]}", f"- {{{INLINE[0]}: {INLINE[1]}}}"),
        text.replace(f"- {INLINE[0]}", f"- &canary {INLINE[0]}\n      - *canary-alias"),
        text.replace(f"- {INLINE[0]}", f"- !canary {INLINE[0]}"),
    )
    for number, broken in enumerate(broken_ones):
        assert broken != text
        (workspace.root / "privacy.yaml").write_text(broken, "utf-8")
        shown.append(workspace.run("validate", "--format", BARE_FORMATS[number % len(BARE_FORMATS)], code=1, environment=LOUDEST))
    (workspace.root / "privacy.yaml").write_text(text, "utf-8")
    source.write_text(f'distinct_id\n{INLINE[0]}\n"{CSV[2]}"x\n\nanonymous\n', "utf-8")
    shown.append(workspace.run("validate", "--format", "json", code=1))
    check(workspace, *shown)


def test_only_the_documented_files_appear(workspace: Workspace, server: Server) -> None:
    """A workspace after an apply holds the user's files, the state with its folder, lock and backup, and `.mixpriv/`."""
    declared(workspace)
    workspace.apply()
    added = {path.relative_to(workspace.root).parts[0] for path in workspace.files() if path.name not in FILES}
    assert added <= {"mixpriv.state.json", "mixpriv.state.json.backup", "mixpriv.state.lock", "mixpriv.state.d", ".mixpriv"}
