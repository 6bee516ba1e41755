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

from mixpriv_reconcile.cli.main import COMMANDS, mixpriv
from mixpriv_reconcile.model.exit_codes import EXIT_CODES

PAGES = ("README.md", "docs/tutorial.md", "docs/reference/reports.md", *sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs/how-to").glob("*.md")))

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d+")
LEFT_OUT = "…"
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


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    """Every `mixpriv …` that a page names, run or not, is a command of this version with options that it takes."""
    wrong = []
    for words in commands(page):
        try:
            check_usage(words)
        except Exception as error:
            wrong.append((" ".join(words), str(error)))
    assert wrong == []


def commands(page: str) -> Iterator[list[str]]:
    """The words after `mixpriv`, of code blocks and of code within the text."""
    text = FENCE.sub("", (CHECKOUT / page).read_text("utf-8"))
    typed = [line for block in blocks(page) if block.language in ("sh", "console") for line in block.lines]
    for line in [*typed, *re.findall(r"`(mixpriv [^`]*)`", text)]:
        words = [word for word in shlex.split(line.strip(), comments=True) if not OPTIONAL.fullmatch(word)]
        if words[:1] == ["mixpriv"] and len(words) > 1:
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
