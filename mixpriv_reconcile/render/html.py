"""HTML that can't be injected into: elements are made by one function, which escapes every text that isn't made by it."""

from __future__ import annotations

import html
import re

from mixpriv_reconcile.render.look import inert

__all__ = ["NL", "Html", "Piece", "breakable", "el", "joined", "prose", "text"]

VOID = frozenset({"br", "hr", "meta", "wbr"})

SPECIAL = re.compile("[&<>\"']")
BREAKS = re.compile(r"(?<=[._/-])(?=[^._/-])")
"""Where a long name may be broken into two lines: behind its dots and hyphens."""


class Html(str):
    """A piece of a page, safe to put into another: made by `el`, `text` and `joined`, and nowhere from a stranger's text."""

    __slots__ = ()


NL = Html("\n")

Piece = str | None
"""A child of an element: `Html` is taken as it is, any other text is escaped, None is nothing."""


def text(value: str) -> Html:
    """*value* as text, or as an attribute's value: no markup comes of it, and nothing that steers a terminal or a CI system."""
    shown = inert(value)
    return Html(html.escape(shown, quote=True) if SPECIAL.search(shown) else shown)


def joined(*pieces: Piece) -> Html:
    """*pieces* one after the other."""
    return Html("".join(piece if isinstance(piece, Html) else text(piece) for piece in pieces if piece is not None))


def el(name: str, /, *children: Piece, **attributes: str | None) -> Html:
    """The element *name*. `class_` and `for_` are spelled with a line below, `aria_label` with one inside; None leaves one out.

    *name* and the names of attributes are the program's own words, never a stranger's.
    """
    given = "".join(f' {key.strip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items() if value is not None)
    if name in VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{joined(*children)}</{name}>")


def breakable(name: str) -> Html:
    """A long name, such as an address, that may be broken behind its dots and hyphens, and is whole where it is copied."""
    return Html(BREAKS.sub("<wbr>", text(name)))  # no reference to a character has one of these within


def prose(value: str) -> Html:
    """A sentence whose commands and words of the manifest, between backticks, are set as code."""
    pieces = value.split("`")
    if len(pieces) % 2 == 0:  # one without its other half is a backtick
        return text(value)
    return joined(*(el("code", piece) if index % 2 else text(piece) for index, piece in enumerate(pieces)))
