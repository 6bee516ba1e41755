"""The skeleton of our pages: one self-contained file that runs nothing and fetches nothing, whoever opens it wherever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.html import NL, Html, Piece, el, joined
from mixpriv_reconcile.render.html_style import STYLE

__all__ = ["Column", "card", "more", "page", "table", "tiles"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""No script, font, image, frame, form or connection; only the page's own style."""

Column = tuple[str, str]
"""A heading, and the class of its cells: `num`, `day` or nothing."""


def page(title: str, *, lead: str, sub: Sequence[Piece], body: Iterable[Piece]) -> str:
    """A whole page: *title* above *lead*, the sentence that counts; *sub* are smaller sentences below it, *body* the rest."""
    head = joined(
        el("meta", charset="utf-8"),
        NL,
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        NL,
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        NL,
        el("meta", name="color-scheme", content="light dark"),
        NL,
        el("meta", name="referrer", content="no-referrer"),
        NL,
        el("meta", name="robots", content="noindex"),
        NL,
        el("title", f"{title} · mixpriv"),
        NL,
        Html(f"<style>\n{STYLE}</style>"),
        NL,
    )
    header = el("header", el("h1", title), el("p", lead, class_="lead"), *(el("p", one, class_="sub") for one in sub if one))
    made = f"Made by mixpriv {__version__}. This page holds no distinct id and no token, runs no script and fetches nothing."
    footer = el("footer", el("p", made))
    parts = [header, el("main", NL, *(joined(part, NL) for part in body if part)), footer]
    content = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}</head>\n<body>\n{content}\n</body>\n</html>\n'


def card(heading: str, *content: Piece, name: str, class_: str = "card") -> Html:
    """A section under *heading*; *name* is its id on the page."""
    label = f"{name}-heading"
    return el("section", NL, el("h2", heading, id=label), NL, *content, class_=class_, aria_labelledby=label, id=name)


def tiles(facts: Iterable[tuple[str, str, str]]) -> Html:
    """Numbers that count, each with its words and, where it is urgent, the class of its colour."""
    items = [el("li", el("b", number), el("span", words), class_=colour or None) for number, words, colour in facts]
    return el("ul", *items, class_="tiles", role="list")


def table(label: str, columns: Sequence[Column], rows: Iterable[Sequence[Piece]]) -> Html:
    """A table, called *label* where it is read aloud, whose first cell heads each row.

    On a narrow screen a row is a block, its cells labelled by their headings. The roles repeat what the elements mean, because a
    browser forgets it once their `display` is another.
    """
    heads = [el("th", heading, scope="col", role="columnheader", class_=class_ or None) for heading, class_ in columns]
    lines = []
    for first, *others in rows:
        cells = [el("th", first, scope="row", role="rowheader")]
        for (heading, class_), cell in zip(columns[1:], others, strict=True):
            is_empty = cell is None or cell == ""
            inner = joined(cell) if not is_empty else el("span", "–", aria_label="none")
            classes = " ".join(part for part in (class_, "none" if is_empty else "") if part)
            cells.append(el("td", el("span", inner), role="cell", class_=classes or None, data_label=heading))
        lines.append(joined(el("tr", *cells, role="row"), NL))
    return el(
        "table",
        NL,
        el("thead", el("tr", *heads, role="row"), role="rowgroup"),
        NL,
        el("tbody", NL, *lines, role="rowgroup"),
        NL,
        role="table",
        aria_label=label,
    )


def more(left_out: int, noun: str, plural: str = "") -> Html | None:
    """How many of a sort are *left_out* of a page that would be too long; nothing where none is."""
    if left_out <= 0:
        return None
    return el("p", f"… and {counted(left_out, noun, plural)} more (--report json=FILE has all).", class_="soft")
