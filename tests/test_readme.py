"""The README and the pages for newcomers: what they tell people to type works, and what they show is what comes out."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from newcomer import CHECKOUT, environment, run
from stand_ins import IN_PLACE_OF, NOT_RUN, prepared, stand_ins

from mixpriv_reconcile.cli.main import COMMANDS, mixpriv
from mixpriv_reconcile.model.exit_codes import EXIT_CODES

PAGES = ("README.md", *sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs").rglob("*.md")))

RUN = ("sh", "console")
"""Languages of the blocks that are run: `sh` as it stands, `console` with `stand_ins` for what a newcomer's shell doesn't have."""

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d+")
STEP = re.compile(r"^ *(?:- )?(?:run: |script: )?(mixpriv (?!.*\$\{\{).*)$", re.MULTILINE)
"""A command in a pipeline's file, but for one that the platform fills in first."""

LEFT_OUT = "…"
ALTERNATIVES = re.compile(r"\b(\w+)(?:\\?\|\w+)+")
NAMED_IN = ("docs/reference/", "docs/explanation/", "docs/adr/", "docs/architecture.md")
OPTIONAL = re.compile(r"\[[A-Z]+\]")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, and its lines without the fence's indent."""

    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def blocks(page: str) -> list[Block]:
    text = (CHECKOUT / page).read_text("utf-8")
    return [Block(found[2], re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE)) for found in FENCE.finditer(text)]


def without_changing(line: str) -> str:
    """A line without what differs from day to day: numbers, dates, digests, task ids; and without its padding."""
    return " ".join(CHANGING.sub("0", line).split())


@pytest.mark.parametrize("page", PAGES)
def test_commands_work_and_show_what_the_page_shows(page: str, tmp_path: Path) -> None:
    """Typed in order into a shell in an empty folder, the page's commands work, and each line it shows comes out."""
    start = tmp_path / "start"
    start.mkdir()
    if page == "README.md":
        shutil.copytree(CHECKOUT / "examples", start / "examples")
    script = "\n".join(block.text for block in blocks(page) if block.language == "sh")
    ran = run(["sh", "-eu", "-c", script], start, environment(tmp_path / "home"))
    assert ran.returncode == 0, ran.stdout
    came_out = {without_changing(line) for line in ran.stdout.splitlines()}
    shown = [line for block in blocks(page) if block.language == "text" for line in block.lines]
    missing = [line for line in shown if LEFT_OUT not in line and without_changing(line) not in came_out]
    assert missing == [], ran.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.language == "console" for block in blocks(page))])
def test_commands_for_the_real_thing_work(page: str, tmp_path: Path) -> None:
    """Typed in order, the commands that a page has for a real account, bucket or runner work where others stand in for those."""
    start = tmp_path / "start"
    start.mkdir()
    lines = [line for block in blocks(page) if block.language == "console" for line in block.lines]
    script = "\n".join(line for line in lines if line.strip() not in NOT_RUN)
    for written, stand_in in IN_PLACE_OF.items():
        script = script.replace(written, stand_in)
    with stand_ins(tmp_path / "home") as env:
        ran = run(["sh", "-eu", "-c", f"{prepared(page)}\n{script}"], start, env)
    assert ran.returncode == 0, ran.stdout


def test_what_is_not_run_is_on_a_page() -> None:
    """The list of exceptions holds nothing that no page says any more."""
    said = {line.strip() for page in PAGES for block in blocks(page) if block.language == "console" for line in block.lines}
    assert NOT_RUN.keys() <= said


@pytest.mark.parametrize("page", PAGES)
def test_no_command_line_stands_in_a_block_that_is_not_run(page: str) -> None:
    """A command line stands in a block of a language that is run; what comes out (`text`) and files are something else."""
    escaped = [line for block in blocks(page) if block.language not in (*RUN, "text") for line in block.lines if re.match(r"(\$ |mixpriv )", line)]
    assert escaped == []
    assert [block.language for block in blocks(page) if block.language in ("bash", "shell", "zsh", "shell-session")] == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    """Every `mixpriv …` that a page names, run or not, is a command of this version with options that it takes."""
    wrong = []
    for words in commands(page):
        try:
            check_usage(words)
        except click.UsageError as error:
            # Pages of reference and explanation speak of commands, with arguments left out; the others say what to type.
            if isinstance(error, click.NoSuchOption) or not page.startswith(NAMED_IN):
                wrong.append((" ".join(words), str(error)))
        except click.exceptions.Exit:  # --help, --version
            pass
        except Exception as error:
            wrong.append((" ".join(words), str(error)))
    assert wrong == []


def commands(page: str) -> Iterator[list[str]]:
    """The words after `mixpriv`, of code blocks and of code within the text."""
    text = FENCE.sub("", (CHECKOUT / page).read_text("utf-8"))
    typed = [line for block in blocks(page) if block.language in RUN for line in block.lines]
    typed += [line for block in blocks(page) if block.language == "yaml" for line in re.findall(STEP, block.text)]
    for line in [*typed, *re.findall(r"`(mixpriv [^`]*)`", text)]:
        line = ALTERNATIVES.sub(r"\1", line)
        words = [word for word in shlex.split(line.strip(), comments=True) if not OPTIONAL.fullmatch(word)]
        if words[:1] == ["mixpriv"] and len(words) > 1 and words[1] not in ("--help", "--version", "COMMAND"):
            operators = [index for index, word in enumerate(words) if word in ("|", "||", "&&", "&", ">", ">>", "<")]
            yield words[1 : operators[0] if operators else None]


def check_usage(words: list[str]) -> None:
    """Parse the words as the program would, without running anything."""
    context = click.Context(mixpriv, info_name="mixpriv")
    command = mixpriv.get_command(context, words[0])
    while isinstance(command, click.Group) and len(words) > 1:
        if command.invoke_without_command and words[1] not in command.list_commands(context):
            break  # a group that is a command, too
        words = words[1:]
        command = command.get_command(context, words[0])
    assert command is not None, f"there is no {words[0]}"
    command.make_context(words[0], words[1:], parent=context)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every link to a file of the checkout leads to one."""
    text = (CHECKOUT / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not ((CHECKOUT / page).parent / link).exists()] == []


def test_the_table_of_commands_is_complete() -> None:
    """The README names every command of this version."""
    text = (CHECKOUT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"`mixpriv {name}" not in text] == []


def test_the_table_of_exit_codes_is_the_programs() -> None:
    """The README's table of exit codes says what `mixpriv --help` says, code by code."""
    table = (CHECKOUT / "README.md").read_text("utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d[\d, ]*) \| (.*) \|$", table, re.MULTILINE) == [
        (", ".join(map(str, each.codes)), each.short) for each in EXIT_CODES
    ]
