"""Findings on a page: each with how much it weighs as a word, its place, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.render.html import NL, Html, el, joined, prose
from mixpriv_reconcile.render.html_page import card, more
from mixpriv_reconcile.render.look import as_typed

__all__ = ["finding_cards", "finding_list"]

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "amber", Severity.NOTE: "blue"}


def finding_list(found: Iterable[Diagnostic], *, is_sandbox: bool = False) -> Html:
    """*found* in its order. The source line isn't shown: a page may go further than the manifests do."""
    return el("ul", NL, *(joined(_finding(one, is_sandbox), NL) for one in found), class_="find", role="list")


def finding_cards(found: Sequence[Diagnostic], most: int, *, is_sandbox: bool) -> Iterator[Html]:
    """Errors in a card, warnings and notes in another, of each at most *most*."""
    for heading, name, listed in (
        ("Errors", "errors", [one for one in found if one.is_error]),
        ("Warnings and notes", "findings", [one for one in found if not one.is_error]),
    ):
        if listed:
            yield card(heading, finding_list(listed[:most], is_sandbox=is_sandbox), more(len(listed) - most, "finding"), name=name)


def _finding(one: Diagnostic, is_sandbox: bool) -> Html:
    place = ", ".join(part for part in (one.address, f"at {one.span}" if one.span is not None else "") if part)
    head = [el("span", one.severity.value, class_=f"chip {COLOURS[one.severity]}"), " ", el("code", one.code)]
    message = "; ".join(as_typed(one.message, is_sandbox).splitlines())  # no line of a text becomes an element
    return el(
        "li",
        el("p", *head, " ", prose(message)),
        el("p", "What to do: ", prose(as_typed(one.hint, is_sandbox)), class_="soft") if one.hint else None,
        el("p", place, class_="soft") if place else None,
        class_=one.severity.value,
    )
