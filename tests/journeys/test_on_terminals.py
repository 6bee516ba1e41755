"""What comes out on a terminal of 80 columns, on one without colours, and on none at all."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.waits import waits_told
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import DiagnosticRaised

from .workspace import Server, Workspace, ago

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PARSED = re.compile(r"^(  # |  [-+~] |Erases |Plan: |Digest: |  mixpriv apply |\S+:\d+:\d+: |  \S+ at \S+:\d+:\d+$)")
"""Lines that programs find by what they say, and commands that are copied whole."""


def on_terminal(workspace: Workspace, *arguments: str, columns: int = 80, **environment: str) -> str:
    """All that a person sees of a run on a terminal of so many columns, both streams, with the lines ended as a file's are."""
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = workspace.start(*arguments, environment={"TERM": "xterm-256color"} | environment, stdin=side, stdout=side, stderr=side)
    os.close(side)
    shown = b""
    try:
        while piece := os.read(terminal, 65536):
            shown += piece
    except OSError:  # the program closed its side
        pass
    finally:
        os.close(terminal)
        running.wait()
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def pressing(workspace: Workspace, server: Server) -> Workspace:
    """A workspace whose plan and status have much to say: long names, requests to send, sent and late, warnings and notes."""
    long = "a-request-with-a-name-as-long-as-they-get-in-practice-2026-11"
    workspace.project("the-web-shop", r0=["u0"])
    workspace.environment["TOKEN_THE-WEB-SHOP"] = "token-canary"
    workspace.manifest["projects"]["the-web-shop"]["token"] = {"env": "TOKEN_SHOP"}
    workspace.environment["TOKEN_SHOP"] = "token-canary-shop-5d41"
    workspace.write()
    workspace.apply()
    block = workspace.manifest["projects"]["the-web-shop"]
    block["deletions"][long] = {"compliance": "gdpr", "received": ago(80), "distinct_ids": ["u1", "u2", "u3", "u3"]}
    block["deletions"]["undated"] = {"compliance": "gdpr", "distinct_ids": ["u4"]}
    block["legal_holds"] = {"distinct_ids": ["u3"]}
    block["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42", "identity_provider": "okta"}
    workspace.manifest["workspace"]["policy"]["opt_out"] = "warn"
    workspace.write()
    return workspace


def too_long(text: str, columns: int) -> list[str]:
    lines = [ESCAPE.sub("", line) for line in text.splitlines()]
    return [line for line in lines if len(line) > columns and not PARSED.match(line) and " " in line.strip() and not is_one_word(line, columns)]


def is_one_word(line: str, columns: int) -> bool:
    """Whether the line is long because of its last word, or its one command in backticks, alone."""
    words = re.findall(r"(?:`[^`]*`|\S)+", line)
    return len(line) - len(line.lstrip()) + len(words[-1]) > columns - 20 and len(words) <= 2


@pytest.mark.parametrize("command", [("plan",), ("status",), ("validate",), ("apply", "--expect", "0" * 64)])
def test_eighty_columns_are_enough(pressing: Workspace, command: tuple[str, ...]) -> None:
    """On a terminal of 80 columns no line of a plan, a status or a finding is longer, but for those that programs read and single words."""
    shown = on_terminal(pressing, *command)
    assert len(shown.splitlines()) > 5
    assert too_long(shown, 80) == []


@pytest.mark.parametrize("command", [("plan",), ("status",), ("validate",)])
def test_colour_only_adds(pressing: Workspace, command: tuple[str, ...]) -> None:
    """`--no-color`, `NO_COLOR` and a dumb terminal take the escape sequences away and nothing else."""
    coloured = on_terminal(pressing, *command)
    plain = on_terminal(pressing, *command, NO_COLOR="1")
    assert "\x1b" in coloured
    assert "\x1b" not in plain
    assert ESCAPE.sub("", coloured) == plain
    assert on_terminal(pressing, "--no-color", *command) == plain
    assert on_terminal(pressing, *command, TERM="dumb") == plain


@pytest.mark.parametrize("command", [("status",), ("validate",)])
def test_warnings_keep_to_no_color_wherever_it_stands(pressing: Workspace, command: tuple[str, ...]) -> None:
    """`--no-color` takes the colour from the findings of a run that ends well, before the command's name and behind it."""
    coloured = on_terminal(pressing, *command)
    assert "\x1b[1;33mwarning[" in coloured
    for arguments in (("--no-color", *command), (*command, "--no-color")):
        assert on_terminal(pressing, *arguments) == ESCAPE.sub("", coloured)


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("apply",), ("state", "show", "no.such")], ids=" ".join)
def test_errors_keep_to_no_color_wherever_it_stands(workspace: Workspace, command: tuple[str, ...]) -> None:
    """`--no-color` takes the colour from what ends a run, before the command's name and behind it."""
    workspace.project("web", residency="uk")
    coloured = on_terminal(workspace, *command)
    assert "\x1b[1;31merror[" in coloured
    for arguments in (("--no-color", *command), (*command, "--no-color")):
        assert on_terminal(workspace, *arguments) == ESCAPE.sub("", coloured)


@pytest.mark.parametrize("command", [("plan",), ("status",), ("validate",)])
def test_without_a_terminal_nothing_depends_on_colour(pressing: Workspace, command: tuple[str, ...]) -> None:
    """In a pipe the bytes are the same with and without `NO_COLOR`, `--no-color`, a narrow `COLUMNS`, any `TERM`; no escape sequence in them."""
    bare = pressing.run(*command)
    assert "\x1b" not in bare.both
    for environment in ({"NO_COLOR": "1"}, {"TERM": "xterm-256color"}, {"TERM": "dumb"}, {"COLUMNS": "60"}):
        assert pressing.run(*command, environment=environment) == bare
    assert pressing.run("--no-color", *command) == bare


def test_findings_have_the_terminals_width_beside_a_file(pressing: Workspace, tmp_path: Path) -> None:
    """Where stdout goes to a file, what is said on the terminal still fits into it."""
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    with (tmp_path / "out.txt").open("w") as out:
        running = pressing.start("validate", stdin=subprocess.DEVNULL, stdout=out, stderr=side, environment={"NO_COLOR": "1"})
        os.close(side)
        shown = b""
        try:
            while piece := os.read(terminal, 65536):
                shown += piece
        except OSError:
            pass
        running.wait()
    os.close(terminal)
    assert "warning[" in shown.decode()
    assert too_long(shown.decode().replace("\r\n", "\n"), 60) == []


def test_terraforms_words_in_a_real_run(pressing: Workspace) -> None:
    """`MIXPRIV_COMPAT=terraform` changes the heading of a real plan; a word that nobody knows is an error, and the default is ours."""
    assert "\nTerraform will perform the following actions:\n" in pressing.run("plan", environment={"MIXPRIV_COMPAT": "terraform"}).out
    assert "\nmixpriv will perform the following actions:\n" in pressing.run("plan", environment={"MIXPRIV_COMPAT": ""}).out
    wrong = pressing.run("plan", code=1, environment={"MIXPRIV_COMPAT": "opentofu"})
    assert "error[MP0671]" in wrong.err
    assert wrong.err.endswith("\nError: 1 error (MP0671).\n")


def test_failures_end_with_an_error_line(pressing: Workspace) -> None:
    """A refused plan, a failed validate and an apply that nobody approved end on stderr with a line that starts with `Error: `."""
    pressing.manifest["workspace"]["policy"]["max_deletions"] = 1
    pressing.write()
    refused = pressing.run("plan", code=6)
    assert refused.err.endswith("Error: refused by policy.\n")
    assert "\nError: 1 error (MP0602), " in refused.out
    assert pressing.run("apply", "--auto-approve", code=6).err.endswith("\nError: 1 error (MP0602).\n")
    pressing.manifest["workspace"]["policy"]["max_deletions"] = 9
    pressing.write()
    assert pressing.run("apply", code=1).err.endswith("\nError: 1 error (MP0618).\n")
    pressing.manifest["projects"]["the-web-shop"]["residency"] = "uk"
    pressing.write()
    last = pressing.run("validate", code=1).err.splitlines()[-1]
    assert last.startswith("Error: 1 error (MP0204)")


@pytest.mark.parametrize(("term", "has_color"), [("xterm-256color", True), ("dumb", False)])
def test_what_is_told_while_waiting_has_the_terminals_width(monkeypatch: pytest.MonkeyPatch, term: str, has_color: bool) -> None:
    """A look at tasks, which has no progress of its own, breaks its findings into the terminal's lines, and colours them where it may."""
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    monkeypatch.setenv("TERM", term)
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with open(side, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        waits_told(Shared()).emit(DiagnosticRaised(Diagnostic("MP0716", Severity.WARNING, "a word " * 20)))
        stream.flush()
        shown = os.read(terminal, 65536).decode().replace("\r\n", "\n")
    os.close(terminal)
    assert shown.count("\n") > 2
    assert [] == too_long(shown, 60)
    assert has_color == ("\x1b" in shown)
