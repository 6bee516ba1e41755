"""What a command has to show, as a page: a card a section, as far as a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from mixpriv_reconcile.model.page import Block, Code, Facts, Heading, Items, Page, Section, Sentence, Table
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import capitalised, full_stopped
from mixpriv_reconcile.render.findings_html import finding_cards
from mixpriv_reconcile.render.html import NL, Html, Piece, el, joined, prose
from mixpriv_reconcile.render.html_page import card, more, page, table
from mixpriv_reconcile.render.look import instant

__all__ = ["page_html"]

MOST_SHOWN = 2000
"""Items or rows of one block; a page beyond that is no reading."""


def page_html(run: Report, shown: Page) -> str:
    """One self-contained page of *shown*; how *run* ended leads it where it is about what the command did, or that failed."""
    body = _cards(run, shown)
    if shown.title and not run.exit_code:
        return page(run.called, lead=shown.title.replace("`", ""), sub=(), body=body)
    lead = full_stopped(capitalised(run.why))
    return page(run.called, lead=lead, sub=(f"Exit code {run.exit_code}, {instant(run.at)}.",), body=body)


def _cards(run: Report, shown: Page) -> Iterator[Html]:
    failed = [found for found in run.findings if found.is_error]
    yield from finding_cards(failed, MOST_SHOWN, is_sandbox=run.sandbox)
    for number, section in enumerate(shown.sections):
        yield _card(section, f"part-{number + 1}")
    yield from finding_cards([found for found in run.findings if not found.is_error], MOST_SHOWN, is_sandbox=run.sandbox)


def _card(section: Section, name: str) -> Html:
    content = el("div", NL, *(joined(_block(block, section.heading), NL) for block in section.blocks), class_="blocks")
    if section.heading:
        return card(section.heading.replace("`", ""), content, name=name)
    return el("section", NL, content, class_="card", id=name)


def _block(block: Block, label: str) -> Html:
    match block:
        case Sentence(text):
            return el("p", prose(text))
        case Heading(text):
            return el("h3", prose(text))
        case Items(items, noun, plural):
            return joined(el("ul", *(joined(_item(item), NL) for item in items[:MOST_SHOWN])), more(len(items) - MOST_SHOWN, noun, plural))
        case Facts(facts):
            return el("dl", *(el("div", el("dt", prose(name)), el("dd", *_lines(texts))) for name, texts in facts if texts))
        case Table(columns, rows):
            shown = table(label or columns[0], [(column, "") for column in columns], (tuple(map(prose, row)) for row in rows[:MOST_SHOWN]))
            return joined(shown, more(len(rows) - MOST_SHOWN, "row"))
        case Code(text):
            return el("pre", *_plain_lines(text))
        case _:
            assert_never(block)


def _item(text: str) -> Html:
    return el("li", *_lines(text.splitlines()))


def _lines(texts: Iterable[str]) -> Iterator[Piece]:
    for number, text in enumerate(texts):
        yield el("br") if number else None
        yield prose(text)


def _plain_lines(text: str) -> Iterator[Piece]:
    """A sample's lines; a tab, which a page doesn't show the same everywhere, is four blanks as in text."""
    for number, line in enumerate(text.rstrip().splitlines()):
        yield NL if number else None
        yield line.expandtabs(4)
