"""A page of `mixpriv explain`, for the formats that aren't its own Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mixpriv_reconcile.model.page import Block, Code, Items, Page, Section, Sentence, Table

__all__ = ["codes_page", "explain_page"]

FENCE = re.compile(r"^```([\w-]*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"(?:    .*(?:\n|$))+")
BOLD = re.compile(r"\*\*([^*`]+)\*\*")
CELL_END = re.compile(r"(?<!\\)\|")


def codes_page(titles: Mapping[str, str]) -> Page:
    """Every code with the title of its page."""
    return Page("Codes of diagnostics", (Section("", (Table(("Code", "What it says"), tuple(titles.items())),)),))


def explain_page(text: str) -> Page:
    """*text*, in as much of Markdown as the pages use: headings, paragraphs, lists, tables, and samples in fences or behind four blanks."""
    title, _, rest = text.partition("\n")
    first, *others = re.split(r"^## ", rest, flags=re.MULTILINE)
    sections = [Section("", tuple(_blocks(first)))]
    for other in others:
        heading, _, below = other.partition("\n")
        sections.append(Section(heading.strip(), tuple(_blocks(below))))
    return Page(title.removeprefix("# "), tuple(sections))


def _blocks(text: str) -> Iterator[Block]:
    end = 0
    for fence in FENCE.finditer(text):
        yield from _paragraphs(text[end : fence.start()])
        yield Code(fence[2], fence[1] or "text")
        end = fence.end()
    yield from _paragraphs(text[end:])


def _paragraphs(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*?\n", text.strip("\n")):
        if INDENTED.fullmatch(paragraph):
            yield Code("\n".join(line[4:] for line in paragraph.splitlines()), "text")
        elif paragraph.startswith("|"):
            head, _, *rows = (_cells(line) for line in paragraph.splitlines())
            yield Table(head, tuple(rows))
        elif paragraph.startswith("- "):
            yield Items(tuple(_flat(item) for item in re.split(r"^- ", paragraph, flags=re.MULTILINE) if item))
        elif paragraph.strip():
            yield Sentence(_flat(paragraph))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(_flat(cell.replace("\\|", "|")) for cell in CELL_END.split(line.strip())[1:-1])


def _flat(text: str) -> str:
    """*text* in one line, without what makes it bold: a page's sentences have no other markup but code."""
    return BOLD.sub(r"\1", " ".join(text.split()))
