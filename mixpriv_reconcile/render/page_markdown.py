"""What a command has to show, as Markdown: as a page of its own, or as parts of a comment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import assert_never

from mixpriv_reconcile.model.page import Block, Code, Facts, Heading, Items, Page, Sentence, Table
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.comment import Part, comment, marker
from mixpriv_reconcile.render.findings_markdown import finding_parts, first_errors, outcome_sentence
from mixpriv_reconcile.render.markdown import block, prose, table_head, table_line, within

__all__ = ["page_comment", "page_markdown"]

LONGEST_TITLE = 400
"""Bytes of a title, which may hold an address."""


def page_markdown(page: Page) -> str:
    """*page* whole, below its title."""
    return comment([f"# {prose(page.title)}"], tuple(_parts(page, 2)), most_bytes=sys.maxsize)


def page_comment(run: Report, page: Page) -> str:
    """*page* as a comment: how *run* ended, what is wrong, the page as far as there is room for it, and what else was found."""
    name = (run.command or "mixpriv").replace(" ", "-")
    top = [marker(name, run.folder, sandbox=run.sandbox, exit=run.exit_code)]
    if not page.title or run.exit_code:
        top.append(outcome_sentence(run))
    top += first_errors(run.findings, run.folder, is_sandbox=run.sandbox)
    if page.title:
        top.append(f"## {within(page.title, LONGEST_TITLE, prose)}")
    shown = tuple(_parts(page, 3))
    ranks = (len(shown), len(shown) + 1, len(shown) + 2)
    return comment(top, (*shown, *finding_parts(run.findings, ranks, run.folder, is_sandbox=run.sandbox)))


def _parts(page: Page, level: int) -> Iterator[Part]:
    """The blocks of *page* in their order, each filled before the one that comes after it; headings are of this *level*."""
    rank = 0
    for section in page.sections:
        before = f"{'#' * level} {prose(section.heading)}\n\n" if section.heading else ""
        for shown in section.blocks:
            yield _part(shown, rank, before, level + 1)
            rank, before = rank + 1, ""


def _part(shown: Block, rank: int, before: str, level: int) -> Part:
    match shown:
        case Sentence(text):
            return Part(rank, 1, (prose(text),), "paragraph", before=before)
        case Heading(text):
            return Part(rank, 1, (f"{'#' * level} {prose(text)}",), "heading", before=before)
        case Items(items, noun, plural):
            return Part(rank, len(items), map(_item, items), noun, plural, before=before)
        case Facts(facts):
            rows = [table_line((prose(name), _cell(texts))) for name, texts in facts if texts]
            return Part(rank, len(rows), rows, "line", before=before + table_head(("", "")))
        case Table(columns, cells):
            lines = (table_line(map(prose, row)) for row in cells)
            return Part(rank, len(cells), lines, "row", before=before + table_head(columns))
        case Code(text, language):
            return Part(rank, 1, (_fenced(text, language) if language else block(text),), "example", before=before)
        case _:
            assert_never(shown)


def _item(text: str) -> str:
    """An item, its further lines below the first."""
    return "- " + "  \n  ".join(map(prose, text.splitlines()))


def _cell(texts: tuple[str, ...]) -> str:
    return "<br>".join(map(prose, texts))


def _fenced(text: str, language: str) -> str:
    """A sample of ours, which is to be pasted: not a character of it is another one."""
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
