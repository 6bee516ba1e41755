"""Options, help and exit codes, the same for every command."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mixpriv_reconcile.cli.main import mixpriv

from .workspace import Server, Workspace


def commands() -> list[tuple[str, ...]]:
    """Every command and sub-command by the words that call it."""
    found: list[tuple[str, ...]] = []
    context = click.Context(mixpriv)
    for name in mixpriv.list_commands(context):
        command = mixpriv.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.list_commands(context)]
    return found


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_every_command_has_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """`--help` of every command ends 0, writes to standard output, and touches nothing."""
    monkeypatch.chdir(tmp_path)
    helped = CliRunner().invoke(mixpriv, [*command, "--help"])  # in this process: twenty more would prove no more
    assert (helped.exit_code, helped.stderr) == (0, "")
    assert "Usage:" in helped.stdout
    assert list(tmp_path.iterdir()) == []


def test_help_of_the_program_itself(workspace: Workspace) -> None:
    """`python -m mixpriv_reconcile --help` ends 0 and explains the exit codes."""
    assert "130/143" in workspace.run("--help").out


def test_usage_errors_end_1(workspace: Workspace) -> None:
    """An unknown option, command or value ends 1, never 2, which means changes to a pipeline."""
    workspace.project("web")
    for arguments in (
        ["plan", "--no-such"],
        ["nonsense"],
        ["plan", "--format", "yaml"],
        ["apply", "--wait", "soon"],
        ["explain", "MP0000"],
    ):
        wrong = workspace.run(*arguments, code=1)
        assert wrong.out == ""
        assert wrong.err != ""


def test_what_a_command_doesnt_have_says_so(workspace: Workspace) -> None:
    """A format that a command doesn't have is an error with a code of its own, never ignored."""
    workspace.project("web")
    for command in (("state", "pull"), ("completion", "bash")):
        assert "MP0004" in workspace.run(*command, "--format", "markdown", code=1).err


def test_shared_options_stand_before_or_after_the_command(workspace: Workspace) -> None:
    """`-C`, `--format` and `--sandbox` mean the same before and after the command."""
    workspace.project("web", r1=["u1"])
    folder, outside = str(workspace.root), workspace.root.parent / "outside"
    outside.mkdir()
    workspace.root = outside
    before = workspace.run("-C", folder, "--format", "json", "--target", "web.*", "plan").document
    after = workspace.run("plan", "-C", folder, "--format", "json", "--target", "web.*").document
    assert before == after
    assert list(outside.iterdir()) == []
    assert "not a folder" in workspace.run("plan", "-C", str(outside / "none"), code=1).err


@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
def test_errors_come_in_the_format_behind_the_commands_name(workspace: Workspace, command: str) -> None:
    """What ends a run is told in the format that stands behind the command's name, where another stands before it."""
    workspace.project("web", residency="uk")
    text = workspace.run(command, code=1)
    assert "error[MP0204]" in text.err
    assert workspace.run("--format", "json", command, "--format", "text", code=1) == text
    told = workspace.run("--format", "text", command, "--format", "json", code=1)
    assert (told.err, "MP0204" in told.out) == ("", True)
    assert [one["type"] for one in told.events][-1] == "outcome" if command == "apply" else told.document["diagnostics"]


@pytest.mark.parametrize("command", ["validate", "status"])
def test_warnings_come_in_the_format_behind_the_commands_name(workspace: Workspace, command: str) -> None:
    """Where a run ends well, standard output has nothing of the format that was overridden, and standard error the warnings."""
    workspace.project("web", r1={"compliance": "gdpr", "distinct_ids": ["u1"]})
    text = workspace.run(command)
    assert "warning[" in text.err
    assert workspace.run("--format", "json", command, "--format", "text") == text
    page = workspace.run("--format", "json", command, "--format", "html")
    assert page.out.startswith("<!DOCTYPE html>")
    assert page.err == text.err


def test_usage_is_told_in_the_format_behind_the_commands_name(workspace: Workspace) -> None:
    """Of a line that isn't understood the last format counts, too: a program that asked for text isn't answered in JSON."""
    workspace.project("web")
    wrong = workspace.run("--format", "json", "plan", "--format=text", "--no-such", code=1)
    assert (wrong.out, "No such option" in wrong.err) == ("", True)
    told = workspace.run("--format", "text", "plan", "--format=json", "--no-such", code=1)
    assert (told.err, told.document["diagnostics"][0]["code"]) == ("", "MP0006")


def test_a_folder_called_like_a_command_is_none(workspace: Workspace) -> None:
    """An error is told as one document where the command isn't `apply`, whatever the folder is called."""
    workspace.project("web", residency="uk")
    workspace.root.rename(workspace.root.parent / "apply")
    workspace.root = workspace.root.parent
    assert workspace.run("-C", "apply", "--format", "json", "plan", code=1).document["diagnostics"]


def test_init_makes_a_workspace_that_plans(workspace: Workspace) -> None:
    """`init` writes a workspace in which `plan --sandbox` works at once, and overwrites nothing."""
    workspace.run("init", environment={"MIXPRIV_DIGEST_KEY": None})
    files = {path: path.read_bytes() for path in workspace.files()}
    assert (workspace.root / "mixpriv.key").exists()
    workspace.run("plan", "--sandbox", environment={"MIXPRIV_DIGEST_KEY": None})
    workspace.run("init", environment={"MIXPRIV_DIGEST_KEY": None})
    assert {path: path.read_bytes() for path in files} == files


def test_due_requests_fail_a_check(workspace: Workspace, server: Server) -> None:
    """`status --fail-due-within` ends 7 where an unfinished request is due that soon or has to be submitted, names it, and else ends 0."""
    workspace.project("web", r1=["u1"])  # CCPA, received 5 days ago: due in 40 days, to be submitted within 10
    assert "MP0640" not in workspace.run("status", "--fail-due-within", "9d", code=0).err
    ended = workspace.run("status", "--fail-due-within", "10d", code=7)
    assert "1 unfinished request within 10 days of a deadline, or past one: web.deletions.r1 (submit in 10 days)" in ended.err
    assert "web.deletions.r1" in ended.out
    workspace.run("status", "--fail-due-within", "999999999d", code=7)
    assert "write 7d" in workspace.run("status", "--fail-due-within", "10", code=1).err  # ten seconds would look no day ahead
    # submitted: only the answer is due
    workspace.apply()
    workspace.run("status", "--fail-due-within", "39d", code=0)
    workspace.run("status", "--fail-due-within", "40d", code=7)
    # erased: nothing is due any more
    server.force("SUCCESS")
    workspace.run("status", "--refresh", "--fail-due-within", "999d", code=0)


def test_a_calendar_is_a_format_of_status_alone(workspace: Workspace) -> None:
    """`--format ics` is wrong usage of every other command, before and after its name; `status` takes it in both places."""
    workspace.project("web", r1=["u1"])
    assert "ics" in workspace.run("plan", "--format", "ics", code=1).err
    assert "MP0006" in workspace.run("--format", "ics", "plan", code=1).err
    for arguments in (["status", "--format", "ics"], ["--format", "ics", "status"]):
        ended = workspace.run(*arguments)
        assert ended.out.startswith("BEGIN:VCALENDAR")
        assert "web.deletions.r1" in ended.out
        assert ended.err == ""


def test_every_format_of_status_and_show(workspace: Workspace) -> None:
    """`status` and `show` print one document in the format asked for, of a workspace without a state too; findings go to standard error."""
    workspace.project("web", r1=["u1"])
    heads = {"markdown": '<!-- mixpriv:status folder="" ', "html": "<!DOCTYPE html>\n", "json": "{\n", "ics": "BEGIN:VCALENDAR", "text": "ADDRESS "}
    for form, head in heads.items():
        assert workspace.run("status", "--format", form).out.startswith(head), form
    assert workspace.run("show", "--format", "html").out.startswith("<!DOCTYPE html>\n")
    assert "The state is empty." in workspace.run("show", "--format", "markdown").out
    workspace.run("plan", "--out", "saved.plan")
    page = workspace.run("show", "saved.plan", "--format", "html").out
    assert "<p class=\"lead\">Erases 1 distinct id in web (region eu); each task can be stopped until Mixpanel starts it.</p>" in page
    assert "mixpriv apply saved.plan" in page
    assert workspace.run("show", "saved.plan", "--format", "markdown").out.startswith("<!-- mixpriv:plan ")


def test_pages_are_utf_8_whatever_the_terminal_is(workspace: Workspace) -> None:
    """A page says that it is UTF-8, and is, also where the terminal speaks ASCII alone."""
    workspace.project("web", r1=["u1"])
    for form in ("html", "markdown", "ics"):
        ended = workspace.run("status", "--format", form, environment={"PYTHONIOENCODING": "ascii"})
        assert "web" in ended.out
        assert ended.err == ""

