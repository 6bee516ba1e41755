"""Text in Markdown, as it is read by GitHub and GitLab: a stranger's text comes out as it was, and never as anything else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence

from mixpriv_reconcile.render.look import inert, printable

__all__ = ["block", "code", "escaped", "flat", "ours", "prose", "table_head", "table_line", "within"]

MARKUP = re.compile(r"[\\`*_\[\]|~$]")
"""ASCII punctuation that Markdown, a table or GitHub's maths takes for markup inside a line; `&`, `<` and `>` become references."""

LINKED = re.compile(
    r"(?<=[@#])|(?<=[!$%&~^])(?=[\w\"'])|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\bGH)(?=-\d)|(?<=:)(?=[\w+-]*[A-Za-z+-][\w+-]*:)", re.IGNORECASE
)
"""Where a comment is put so that GitHub and GitLab, which look at what is rendered, see no mention, no reference to an issue, a merge
request, a label, a snippet or a milestone, no bare URL and no emoji's name."""


OUT_OF_BACKTICKS = re.compile(r"[`<|\\]|^\s|\s$")

URL = re.compile(r"https?://[^\s`]+")


def escaped(text: str) -> str:
    """*text* as text: no markup, HTML, mention or link comes of it, and no line or cell is broken."""
    return _as_text(printable(text))


def ours(text: str) -> str:
    """The same of a sentence of ours, which may say how a plan ended."""
    return _as_text(inert(text))


def _as_text(shown: str) -> str:
    linked = LINKED.sub("\0", shown)  # a character that no printable text holds
    return MARKUP.sub(r"\\\g<0>", html.escape(linked, quote=False)).replace("\0", "<!-- -->")


def code(text: str) -> str:
    """*text* as a span of code, whatever is in it; nothing where it is empty.

    Backticks are read easily also where nobody renders them, but within them nothing is escaped: what would end them, a cell or the
    search for a comment of ours goes into an element instead.
    """
    shown = printable(text)
    if not shown or OUT_OF_BACKTICKS.search(shown):
        return f"<code>{escaped(text)}</code>" if text else ""
    return f"`{shown}`"


def prose(text: str) -> str:
    """A sentence of ours, whatever is quoted in it: what stands between backticks becomes code, all else is text."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one without its other half is a backtick
        return escaped(text)
    return "".join(code(part) if number % 2 else _with_addresses(part) for number, part in enumerate(parts))


def _with_addresses(text: str) -> str:
    """A URL is what a person copies, so it is set as code."""
    made, end = [], 0
    for found in URL.finditer(text):
        url = found[0].rstrip(".,;)")
        made += [escaped(text[end : found.start()]), code(url)]
        end = found.start() + len(url)
    return "".join([*made, escaped(text[end:])])


def within(text: str, most: int, form: Callable[[str], str] = prose) -> str:
    """*text* in the *form*, cut to what fits into *most* bytes of UTF-8, with an ellipsis where something is left out."""
    made, kept = form(text), len(text)
    while len(made.encode()) > most:
        kept = kept * 3 // 4
        made = form(text[:kept] + "…")
    return made


def flat(text: str) -> str:
    """*text* on one line."""
    return " ".join(text.split())


def block(text: str) -> str:
    """*text*, one line that is to be copied as it is, on a line of its own."""
    shown = printable(text)
    # Within a fence nothing is escaped, so that what looks like a comment would stand there for whoever searches the source.
    return f"<pre>{html.escape(shown)}</pre>" if "<" in shown else f"```\n{shown}\n```"


def table_head(headings: Sequence[str], right: int = 0) -> str:
    """The first two lines of a table, with their ends; the last *right* columns hold numbers."""
    rule = ["---"] * (len(headings) - right) + ["---:"] * right
    return f"{table_line(headings)}\n{table_line(rule)}\n"


def table_line(cells: Iterable[str]) -> str:
    """A row of a table, each cell in Markdown already."""
    return f"| {' | '.join(cells)} |"
