"""How text is laid out: width and colour as arguments, numbers and lengths of time in words, nothing that moves the cursor."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Look", "as_typed", "flowing", "inert", "inert_line", "inert_lines", "instant", "lasting", "painted", "printable", "wrapped"]

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}

MIN_WIDTH = 40
"""Columns below which nothing is laid out any more: the terminal wraps as it likes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the stream can show: colour or not, and how many columns; and whether commands in it are for the sandbox.

    *chdir* is what `-C` was given, as it was typed, for commands to be typed again. *is_terminal* says that a person looks at it: what
    programs find line by line is broken into lines there, too. With *is_terraform* a plan has the heading, the legend and the rules of
    Terraform's text.
    """

    color: bool = False
    width: int = 80
    sandbox: bool = False
    is_terminal: bool = False
    is_terraform: bool = False
    chdir: str | None = None

    @property
    def columns(self) -> int:
        return max(self.width, MIN_WIDTH)


def painted(text: str, look: Look, *styles: str) -> str:
    """*text* in ANSI *styles* (names of `STYLES`), or as it is where there is no colour."""
    if not look.color or not text or not styles:
        return text
    return f"\x1b[{';'.join(STYLES[style] for style in styles)}m{text}\x1b[0m"


COMMAND = re.compile(
    r"\bmixpriv (state (?:list|show|mv|rm|pull|push)|plan|apply|show|status|refresh|confirm|unlock)\b(?![^`\n]*--sandbox)"
)
"""A command that reads the state, and doesn't say yet of which one."""


def as_typed(text: str, is_sandbox: bool) -> str:
    """*text* with its commands as they have to be typed: for the sandbox with `--sandbox`, or they would act on the real state."""
    return COMMAND.sub(r"mixpriv \1 --sandbox", text) if is_sandbox else text


ORDER = re.compile(r"(?<!\S):(?=:)|#(?=#\w*\[)")
"""The first character of what a CI system's log reader takes for an order: `::` before which no word stands (GitHub looks behind
any blanks at a line's start, and lines are wrapped at blanks), and `##[`, `##vso[` and `##teamcity[` anywhere."""

LURE = re.compile(
    r"""
    (?<=Plan:)[ ](?=[ ]*\d) | (?<=No)[ ](?=[ ]*changes) | (?<=Apply)[ ](?=[ ]*complete!)
    | (?<=\d)[ ](?=[ ]*to[ ]+destroy)
    | (?<=Error:)[ ] | (?<=Warning:)[ ] | (?<=Note:)[ ](?=[ ]*Objects) | (?<=Terraform)[ ](?=[ ]*will[ ])
    | (?<!\S)\#(?=[ ].*[ ]will[ ]+be[ ]+(?:created|destroyed|updated[ ]))
    | (?<!\S)(?:-(?=-{4})|─(?=─{4}))
    """,
    re.VERBOSE,
)
"""A character of what tfcmt and Atlantis look for in the text of a plan or an apply: its outcome, its findings, its headings and rules.

`tests/render/companions.py` has their expressions. Some of these hold only at a line's start: but lines are wrapped, and then several
blanks become one, too.
"""

BLANK = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """A stranger's *text*: with a tab as one space, and as `�` every other character that steers a terminal, begins an order to a CI
    system, or would have the tools around Terraform take a name for the outcome of a plan.

    Nothing gets longer or shorter, so that columns stay columns.
    """
    return LURE.sub(BLANK, inert(text))


def inert(text: str) -> str:
    """The same for what may be an outcome: a sentence of ours, or a document that isn't read as a plan's text."""
    if not text.isprintable():
        text = "".join(" " if char == "\t" else char if char.isprintable() else BLANK for char in text)
    return ORDER.sub(BLANK, text)


def inert_line(text: str) -> str:
    """*text* as one line, inert."""
    return inert(" ".join(text.split()))


def inert_lines(text: str) -> str:
    """*text* with its line ends, each line inert; no other character ends a line in it."""
    return "\n".join(inert(line) for line in text.splitlines())


def lasting(seconds: float) -> str:
    """A length of time as people say it: `3 s`, `12 min`, `2 h 47 min`. Rounded up, for these are times to wait."""
    whole = int(-(-seconds // 1))
    if whole < 120:
        return f"{whole} s"
    minutes = -(-whole // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def instant(moment: datetime) -> str:
    """`2026-11-08 09:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


WORD = re.compile(r"(?:`[^`\n]*`|\S)+")
"""What isn't broken into two lines: a word, and a command in backticks, which is copied whole."""


def flowing(text: str, look: Look, taken: int, rest: str) -> str:
    """*text* behind *taken* columns: broken at blanks, further lines after *rest*, where a person looks at it; else as it is."""
    if not look.is_terminal:
        return text
    lines, room = [""], look.columns - taken
    for word in WORD.findall(text):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
            room = look.columns - len(rest)
        lines[-1] += f" {word}" if lines[-1] else word
    return f"\n{rest}".join(lines)


def wrapped(text: str, look: Look, first: str, rest: str) -> str:
    """*text* in lines of at most the look's width, the first after *first*, the others after *rest*; no word is cut."""
    return textwrap.fill(
        printable(text), look.columns, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
