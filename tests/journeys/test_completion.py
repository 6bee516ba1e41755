"""`mixpriv completion`: what a shell offers when Tab is pressed."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from newcomer import environment

from mixpriv_reconcile.cli.completing import SHELLS, joined
from mixpriv_reconcile.cli.main import COMMANDS
from mixpriv_reconcile.cli.offered import MOST_NAMES
from mixpriv_reconcile.cli.reporting import REPORT_FORMATS
from mixpriv_reconcile.explain import codes
from mixpriv_reconcile.schema_files import SCHEMAS

MANIFEST = """\
version: 1
workspace: {timezone: UTC}
projects:
  web-eu:
    id: 1111111
    token: {env: WEB_EU}
    residency: eu
    sso: {postback_url: https://eu.mixpanel.com/security/login/42}
    deletions:
      spring: {compliance: gdpr, received: 2026-11-03, distinct_ids: [jane@canary.example]}
    retrievals:
      dsar: {compliance: gdpr, received: 2026-11-03, distinct_ids: [jane@canary.example], download_to: exports}
  web-us: {id: 2222222, token: {env: WEB_US}, residency: us}
"""

STATE = '{"records": {"web-eu.deletions.spring": {}, "web-eu.deletions.winter": {}, "web-us.residency": {}}}'

ASKED = """
source <(mixpriv completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mixpriv_completion mixpriv
((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}"
exit 0
"""

Typed = Callable[..., list[str]]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with two projects, and a state that remembers a request which no manifest has."""
    root = tmp_path / "start"
    root.mkdir()
    (root / "mixpriv.yaml").write_text(MANIFEST, "utf-8")
    (root / "mixpriv.state.json").write_text(STATE, "utf-8")
    return root


@pytest.fixture
def bash(workspace: Path, tmp_path: Path) -> Typed:
    """`bash("plan", "--ta")`: what bash offers in the workspace at the end of `mixpriv plan --ta`; nothing may be said on stderr."""

    def offered(*words: str) -> list[str]:
        command = ["bash", "--norc", "-c", ASKED, "bash", "mixpriv", *words]
        env = environment(tmp_path / "home")
        ran = subprocess.run(command, cwd=workspace, env=env, capture_output=True, text=True, timeout=300, check=False)
        assert (0, "") == (ran.returncode, ran.stderr)
        assert "canary" not in ran.stdout
        return ran.stdout.splitlines()

    return offered


def test_commands_are_offered(bash: Typed) -> None:
    """Behind the program's name every command is offered; two letters leave those that begin so."""
    assert [*COMMANDS] == bash("")
    assert ["status", "state"] == bash("sta")
    assert {"list", "show", "mv", "rm", "pull", "push", "migrate", "rekey"} == set(bash("state", ""))


def test_options_and_their_values_are_offered(bash: Typed) -> None:
    """Options by their beginning, a choice by all its words, with or without `=`; a report's format stays open for its file."""
    assert {"--refresh-budget", "--report"} == set(bash("plan", "--re"))
    assert ["text", "json", "markdown", "html"] == bash("plan", "--format", "")
    assert ["json"] == bash("plan", "--format", "=", "js")
    assert [f"{name}=" for name in REPORT_FORMATS] == bash("plan", "--report", "")
    assert [*SCHEMAS] == bash("schema", "")
    assert [*SHELLS] == bash("completion", "")
    assert [code for code in codes() if code.startswith("MP071")] == bash("explain", "mp071")
    assert ["--show-ids"] == bash("plan", "--show")
    assert [] == bash("status", "--show")


def test_addresses_are_offered(bash: Typed) -> None:
    """Where an address belongs, those of the right kinds are offered, from the manifests and from the state."""
    spring, winter, dsar = "web-eu.deletions.spring", "web-eu.deletions.winter", "web-eu.retrievals.dsar"
    assert ["web-eu.sso", dsar] == sorted(bash("confirm", ""), key=len)
    assert [spring, winter, dsar] == bash("import", "") == bash("apply", "--retry", "")
    assert [spring, winter] == bash("state", "rm", "web-eu.d") == bash("state", "show", "web-eu.d") == bash("state", "mv", "web-eu.d")
    assert ["web-us", "web-us.residency"] == bash("plan", "--target", "web-us")


def test_projects_are_offered(bash: Typed) -> None:
    """Where a project belongs, their names are; `sdk` has a word of its own beside them."""
    assert ["web-eu", "web-us"] == bash("endpoints", "")
    assert ["check", "web-eu", "web-us"] == bash("sdk", "")


def test_the_folder_that_is_named_counts(bash: Typed, workspace: Path) -> None:
    """With `-C`, before the command or after, the addresses are those of that workspace."""
    below = workspace / ".other"
    below.mkdir()
    (below / "m.yaml").write_text("version: 1\nprojects:\n  ios: {id: 3, token: {env: A}, residency: in}\n", "utf-8")
    assert ["ios"] == bash("-C", ".other", "endpoints", "") == bash("endpoints", "-C", ".other", "")


@pytest.mark.parametrize("damage", ["version: 1\nprojects: {a: [}\n", "version: 1\nprojects: {a: {}}\n", "\0", "version: 1\nprojects: [" + "a, " * 2**19])
def test_what_is_damaged_offers_less(bash: Typed, workspace: Path, damage: str) -> None:
    """With manifests that have errors, or are too large to be read for a key, what the state knows is offered, without a word."""
    (workspace / "mixpriv.yaml").write_text(damage, "utf-8")
    assert ["web-eu.deletions.spring", "web-eu.deletions.winter"] == bash("import", "")
    (workspace / "mixpriv.state.json").write_text("{", "utf-8")
    assert [] == bash("import", "")


def test_nothing_is_offered_for_nonsense(bash: Typed) -> None:
    """Where the line makes no sense, nothing is offered and nothing is said."""
    assert [] == bash("unlock", "")
    assert [] == bash("plan", "-C", "no/such/folder", "--target", "")


def test_words_that_bash_divides_at_equals_signs() -> None:
    """bash hands over `--report=json=x` in five words; together they are the one that was typed."""
    assert ["plan", "--report=json=x", "-C"] == joined(["plan", "--report", "=", "json", "=", "x", "-C"])
    assert ["--report", "json="] == joined(["--report", "json", "="])


HEAVY = ("asyncio", "httpx", "jsonschema", "msgspec", "numpy", "pathspec", "rich", "starlette", "uvicorn", "cryptography")

PROGRAM = "import sys\nfrom mixpriv_reconcile.cli.main import main\ntry:\n    main()\nfinally:\n    print(*set(sys.modules) & set({heavy}), file=sys.stderr)"


@pytest.mark.parametrize(
    ("typed", "heavy"),
    [(["pl"], (*HEAVY, "yaml")), (["plan", "--ta"], (*HEAVY, "yaml")), (["schema", "m"], (*HEAVY, "yaml")), (["plan", "--target", "w"], HEAVY)],
    ids=" ".join,
)
def test_a_key_loads_little(workspace: Path, typed: list[str], heavy: tuple[str, ...]) -> None:
    """Commands and options need click alone; addresses a reader of YAML besides."""
    asked = {"_MIXPRIV_COMPLETE": "bash", "_MIXPRIV_WORDS": "\n".join(["mixpriv", *typed]), "_MIXPRIV_CURSOR": str(len(typed))}
    command = [sys.executable, "-c", PROGRAM.format(heavy=heavy)]
    ran = subprocess.run(command, cwd=workspace, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("plain,")
    assert ran.stderr.strip() == ""


# Workspaces of somebody who means no good


def test_only_addresses_are_offered(bash: Typed, workspace: Path) -> None:
    """What stands in a state in the place of an address, and a shell would run or a terminal obey, is never offered."""
    keys = ["web-eu.deletions.$(touch${IFS}x)", "web-eu.deletions.`id`", "web-eu.deletions.a;b", "web-eu.deletions.a\nplain,b", "web-eu.deletions.\x1b[2J"]
    (workspace / "mixpriv.state.json").write_text(json.dumps({"records": {"web-eu.deletions.winter": {}, **{key: {} for key in keys}}}), "utf-8")
    assert ["web-eu.deletions.spring", "web-eu.deletions.winter"] == bash("plan", "--target", "web-eu.d")
    assert ["web-eu.deletions.winter"] == bash("state", "rm", "web-eu.d")


@pytest.mark.parametrize("kind", ["fifo", "device", "deep", "list"])
def test_what_is_no_state_offers_nothing(bash: Typed, workspace: Path, kind: str) -> None:
    """A FIFO, a device without an end or JSON without one in the state's place is passed over at once."""
    state = workspace / "mixpriv.state.json"
    state.unlink()
    match kind:
        case "fifo":
            os.mkfifo(state)
        case "device":
            state.symlink_to("/dev/zero")
        case "deep":
            state.write_text('{"records":' + "[" * 100_000, "utf-8")
        case _:
            state.write_text('{"records": ["web-eu.deletions.x"]}', "utf-8")
    assert ["web-eu.deletions.spring"] == bash("import", "web-eu.d")


def test_a_link_to_nowhere_hides_nothing(bash: Typed, workspace: Path) -> None:
    """A *.yaml that is a link to a file that is gone takes no offer away."""
    (workspace / "gone.yaml").symlink_to("nowhere.yaml")
    assert ["web-eu", "web-us"] == bash("endpoints", "")


def test_a_folder_of_very_many_files_is_not_searched(bash: Typed, workspace: Path) -> None:
    """Where looking for manifests would take seconds, only what the state knows is offered."""
    for number in range(MOST_NAMES // 1000 + 1):
        folder = workspace / f"f{number}"
        folder.mkdir()
        for name in range(1000):
            os.close(os.open(folder / f"{name}", os.O_CREAT | os.O_WRONLY))
    assert ["web-eu.deletions.spring", "web-eu.deletions.winter"] == bash("import", "")


def test_the_program_of_the_folder_is_not_run(workspace: Path, tmp_path: Path) -> None:
    """Tab behind `./mixpriv` asks the mixpriv on PATH: a file of the folder runs when Enter is pressed, never before."""
    (workspace / "mixpriv").write_text("#!/bin/sh\ntouch ran\n", "utf-8")
    (workspace / "mixpriv").chmod(0o755)
    command = ["bash", "--norc", "-c", ASKED.replace("_mixpriv_completion mixpriv", "_mixpriv_completion ./mixpriv"), "bash", "./mixpriv", "sta"]
    ran = subprocess.run(command, cwd=workspace, env=environment(tmp_path / "home"), capture_output=True, text=True, check=False)
    assert ["status", "state"] == ran.stdout.splitlines()
    assert not (workspace / "ran").exists()


# Shells that not every machine has


@pytest.mark.engines
@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_of_its_shell(shell: str, tmp_path: Path) -> None:
    """Each shell reads its script without a complaint."""
    script = tmp_path / "script"
    script.write_text(SHELLS[shell], "utf-8")
    ran = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert (0, "", "") == (ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.engines
def test_fish_offers_the_same(workspace: Path, tmp_path: Path) -> None:
    """fish offers commands, values behind `=`, addresses and files."""
    (workspace / "some.plan").write_text("", "utf-8")
    (workspace / "mixpriv").write_text("#!/bin/sh\ntouch ran\n", "utf-8")
    (workspace / "mixpriv").chmod(0o755)
    lines = ("./mixpriv pl", "mixpriv plan --format=js", "mixpriv plan --report js", "mixpriv plan --report json=so", "mixpriv apply so", "mixpriv confirm web-eu.s")
    script = "mixpriv completion fish | source\n" + "".join(f"complete -C '{line}'\n" for line in lines)
    ran = subprocess.run(["fish", "--no-config", "-c", script], cwd=workspace, env=environment(tmp_path / "home"), capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ["plan", "--format=json", "json=", "json=some.plan", "some.plan", "web-eu.sso"] == [line.split("\t")[0] for line in ran.stdout.splitlines()]
    assert not (workspace / "ran").exists()


@pytest.mark.engines
def test_fish_offers_what_may_follow_a_blank(workspace: Path, tmp_path: Path) -> None:
    """Behind a blank, fish offers what may come next, not the word before once more."""
    script = "mixpriv completion fish | source\n"
    for line in ("mixpriv state ", "mixpriv plan --target ", "mixpriv --format "):
        script += f"complete -C '{line}'; echo .\n"
    ran = subprocess.run(["fish", "--no-config", "-c", script], cwd=workspace, env=environment(tmp_path / "home"), capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    subcommands, addresses, formats = ([line.split("\t")[0] for line in part.splitlines() if line] for part in ran.stdout.split(".\n")[:3])
    assert {"show", "migrate"} <= set(subcommands)
    assert "web-eu.deletions.spring" in addresses
    assert {"text", "json"} <= set(formats)
    assert not {"state", "--target", "--format"} & {*subcommands, *addresses, *formats}


@pytest.mark.engines
@pytest.mark.parametrize(
    ("line", "complete"),
    [
        ("mixpriv pla", "mixpriv plan"),
        ("./mixpriv pla", "./mixpriv plan"),
        ("mixpriv plan --format=js", "mixpriv plan --format=json"),
        ("mixpriv plan --report js", "mixpriv plan --report json="),
        ("mixpriv plan --report json=so", "mixpriv plan --report json=some.plan"),
        ("mixpriv apply so", "mixpriv apply some.plan"),
        ("mixpriv confirm web-eu.s", "mixpriv confirm web-eu.sso"),
    ],
)
def test_zsh_offers_the_same(workspace: Path, tmp_path: Path, line: str, complete: str) -> None:
    """On a terminal, Tab in zsh completes commands, values behind `=`, addresses and files."""
    (workspace / "some.plan").write_text("", "utf-8")
    (workspace / "mixpriv").write_text("#!/bin/sh\ntouch ran\n", "utf-8")
    (workspace / "mixpriv").chmod(0o755)
    zsh = shutil.which("zsh")
    assert zsh is not None, "zsh is missing"
    env = environment(tmp_path / "home", TERM="dumb", PS1="> ", PROMPT_EOL_MARK="")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(workspace)
        os.execve(zsh, ["zsh", "-f", "-i"], env)
    try:
        os.write(terminal, b"autoload -U compinit; compinit -u; source <(mixpriv completion zsh); print READY-$((1 + 1))\n")
        read_until(terminal, "READY-2")
        # Ctrl-A and a quote before, a quote behind: what the line has become is printed, not run. (The quote takes the place of the
        # blank behind a whole word.)
        os.write(terminal, line.encode() + b"\t")
        os.write(terminal, b"\x01print -r -- 'GOT:\x05:END'\n")
        assert f"\nGOT:{complete}:END" in read_until(terminal, f"\nGOT:{complete}:END")
        assert not (workspace / "ran").exists()
    finally:
        os.kill(child, 9)
        os.close(terminal)
        os.waitpid(child, 0)


def read_until(terminal: int, text: str, patience_seconds: float = 300) -> str:
    """What the terminal shows until *text* has come, or nothing more comes."""
    shown, end = "", time.monotonic() + patience_seconds
    while text not in shown and (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace").replace("\r", "")
    return shown
