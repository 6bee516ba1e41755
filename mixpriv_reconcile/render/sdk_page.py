"""SDKs as a page, for a wiki or a ticket: a section an SDK, code in its language."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.page import Block, Code, Facts, Heading, Items, Page, Section, Sentence
from mixpriv_reconcile.render.sdk_text import NO_OPT_OUT, NO_VALUE, heading
from mixpriv_reconcile.sdks import OptOut, Sheet, Sheets, Snippet

__all__ = ["sdk_page"]


def sdk_page(sheets: Sheets) -> Page:
    """Every SDK of *sheets*, then what holds for all of them."""
    sections = [Section(f"{sheet.title} (`{sheet.name}`)", tuple(_blocks(sheet))) for sheet in sheets.sdks]
    return Page(heading(sheets), (*sections, Section("For every SDK", (Items(sheets.notes),))))


def _blocks(sheet: Sheet) -> Iterator[Block]:
    yield Facts(tuple(_facts(sheet)))
    if sheet.note:
        yield Sentence(sheet.note)
    yield _code(sheet.call)
    if sheet.leaks:
        yield Heading("Leaks")
        yield Items(tuple(f"{leak.what}\nFix: {leak.fix}" for leak in sheet.leaks))
    if sheet.caveats:
        yield Heading("To know")
        yield Items(sheet.caveats)
    if sheet.mismatches:
        yield Heading("Where the documentation is wrong")
        yield Items(tuple(f"{found.where} says: {found.docs_say}\nIn truth: {found.source_says}" for found in sheet.mismatches))
    yield Heading("Consult the list of opt-outs")
    yield _code(sheet.list_check)


def _facts(sheet: Sheet) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "Option", (sheet.option,)
    yield "Form of the value", (sheet.form.words,)
    yield "Value", tuple(f"`{value}`" for value in sheet.values) or (NO_VALUE,)
    yield "By default", (sheet.default,)
    yield "Or", sheet.also
    yield "Checked", (sheet.version,)
    yield "On Mixpanel's privacy page", ("yes" if sheet.on_privacy_page else "no",)
    yield from _methods(sheet.opt_out)


def _methods(opt_out: OptOut | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    if opt_out is None:
        yield "Opt out", (NO_OPT_OUT,)
        return
    yield "Opt out", opt_out.opt_out
    yield "Opt in", opt_out.opt_in
    yield "Query", opt_out.query or ("none",)
    yield "Opted out at start", (opt_out.by_default,)
    yield "Then the profile is", (opt_out.deletes_profile.words,)


def _code(snippet: Snippet) -> Code:
    return Code(snippet.code, snippet.language)
