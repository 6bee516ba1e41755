"""SDKs on a terminal: a block an SDK, code as it is to be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from mixpriv_reconcile.render.look import Look, painted, wrapped
from mixpriv_reconcile.sdks import OptOut, Sheet, Sheets, Snippet

__all__ = ["NO_OPT_OUT", "NO_VALUE", "heading", "render_sdks"]

NO_OPT_OUT = "none: an SDK for servers has no such method, so consult the list before each call"
NO_VALUE = "none, see the note"
WIDTH = 12
"""Columns of a fact's name, with the two before it."""


def render_sdks(sheets: Sheets, stream: TextIO, look: Look) -> None:
    """Every SDK of *sheets*, then what holds for all of them."""
    stream.write(f"{painted(heading(sheets), look, 'bold')}\n")
    for sheet in sheets.sdks:
        title = f"{sheet.title} ({sheet.name})"
        stream.write(f"\n{painted(title, look, 'bold')}\n")
        stream.writelines(f"{line}\n" for line in _block(sheet, look))
    stream.write(f"\n{painted('For every SDK', look, 'bold')}\n")
    stream.writelines(f"{line}\n" for line in _points(sheets.notes, look))


def heading(sheets: Sheets) -> str:
    """`SDKs of web-eu, in the European Union (eu)`."""
    where = f"{sheets.residency.title} ({sheets.residency.value})"
    return f"SDKs of {sheets.project}, region {where}" if sheets.project else f"SDKs, region {where}"


def _block(sheet: Sheet, look: Look) -> Iterator[str]:
    yield from _fact("option", (sheet.option,), look)
    yield from _fact("form", (sheet.form.words,), look)
    yield from _fact("value", sheet.values or (NO_VALUE,), look)
    yield from _fact("by default", (sheet.default,), look)
    yield from _fact("or", sheet.also, look)
    yield from _fact("note", (sheet.note,) if sheet.note else (), look)
    page = "" if sheet.on_privacy_page else "; not on the privacy page"
    yield from _fact("checked", (f"{sheet.version}{page}",), look)
    yield from _code("call", sheet.call)
    if sheet.leaks:
        yield from ("", "  leaks")
        for leak in sheet.leaks:
            yield wrapped(leak.what, look, "    - ", "      ")
            yield wrapped(f"fix: {leak.fix}", look, "      ", "      ")
    yield ""
    yield from _methods(sheet.opt_out, look)
    if sheet.caveats:
        yield from ("", "  to know")
        yield from _points(sheet.caveats, look)
    if sheet.mismatches:
        yield from ("", "  where the documentation is wrong")
        for found in sheet.mismatches:
            yield wrapped(f"{found.where} says: {found.docs_say}", look, "    - ", "      ")
            yield wrapped(f"in truth: {found.source_says}", look, "      ", "      ")
    yield from _code("consult the list of opt-outs", sheet.list_check)


def _methods(opt_out: OptOut | None, look: Look) -> Iterator[str]:
    if opt_out is None:
        yield from _fact("opt out", (NO_OPT_OUT,), look)
        return
    yield from _fact("opt out", opt_out.opt_out, look)
    yield from _fact("opt in", opt_out.opt_in, look)
    yield from _fact("query", opt_out.query or ("none",), look)
    yield from _fact("out at start", (opt_out.by_default,), look)
    yield from _fact("profile", (opt_out.deletes_profile.words,), look)


def _fact(name: str, values: Sequence[str], look: Look) -> Iterator[str]:
    indent = " " * (WIDTH + 3)
    for number, value in enumerate(values):
        yield wrapped(value, look, f"  {'' if number else name:<{WIDTH}} ", indent)


def _points(texts: Sequence[str], look: Look) -> Iterator[str]:
    return (wrapped(text, look, "    - ", "      ") for text in texts)


def _code(title: str, snippet: Snippet) -> Iterator[str]:
    """Code is never wrapped: it is there to be pasted."""
    yield from ("", f"  {title}")
    for line in snippet.code.splitlines():
        yield f"    {line.expandtabs(4)}".rstrip()
