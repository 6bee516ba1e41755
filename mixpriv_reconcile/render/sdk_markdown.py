"""SDKs as Markdown, for a wiki page or a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mixpriv_reconcile.render.sdk_text import NO_OPT_OUT, NO_VALUE, heading
from mixpriv_reconcile.sdks import OptOut, Sheet, Sheets, Snippet

__all__ = ["sdk_markdown"]


def sdk_markdown(sheets: Sheets) -> str:
    """A section an SDK, code in fences that name its language."""
    return "\n".join(_lines(sheets)) + "\n"


def _lines(sheets: Sheets) -> Iterator[str]:
    yield f"# {heading(sheets)}"
    for sheet in sheets.sdks:
        yield from ("", f"## {sheet.title} (`{sheet.name}`)", "")
        yield from _section(sheet)
    yield from ("", "## For every SDK", "")
    yield from _points(sheets.notes)


def _section(sheet: Sheet) -> Iterator[str]:
    yield from ("| | |", "| --- | --- |")
    yield _row("Option", _cell(sheet.option))
    yield _row("Form of the value", sheet.form.words)
    yield _row("Value", "<br>".join(f"`{value}`" for value in sheet.values) or NO_VALUE)
    yield _row("By default", sheet.default)
    if sheet.also:
        yield _row("Or", "<br>".join(map(_cell, sheet.also)))
    yield _row("Checked", sheet.version)
    yield _row("On Mixpanel's privacy page", "yes" if sheet.on_privacy_page else "no")
    yield from _methods(sheet.opt_out)
    if sheet.note:
        yield from ("", _prose(sheet.note))
    yield from ("", *_fenced(sheet.call))
    if sheet.leaks:
        yield from ("", "### Leaks", "")
        for leak in sheet.leaks:
            yield from (f"- {_prose(leak.what)}  ", f"  **Fix:** {_prose(leak.fix)}")
    if sheet.caveats:
        yield from ("", "### To know", "", *_points(sheet.caveats))
    if sheet.mismatches:
        yield from ("", "### Where the documentation is wrong", "")
        for found in sheet.mismatches:
            yield from (f"- {_prose(found.where)} says: {_prose(found.docs_say)}  ", f"  **In truth:** {_prose(found.source_says)}")
    yield from ("", "### Consult the list of opt-outs", "", *_fenced(sheet.list_check))


def _methods(opt_out: OptOut | None) -> Iterator[str]:
    if opt_out is None:
        yield _row("Opt out", NO_OPT_OUT)
        return
    yield _row("Opt out", "<br>".join(map(_cell, opt_out.opt_out)))
    yield _row("Opt in", "<br>".join(map(_cell, opt_out.opt_in)))
    yield _row("Query", "<br>".join(map(_cell, opt_out.query)) or "none")
    yield _row("Opted out at start", _cell(opt_out.by_default))
    yield _row("Then the profile is", opt_out.deletes_profile.words)


def _row(name: str, text: str) -> str:
    return f"| {name} | {text} |"


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


def _prose(text: str) -> str:
    """*text* with nothing that Markdown would take for a tag or for emphasis; what stands between backticks is code already."""
    parts = text.split("`")
    parts[::2] = [part.replace("_", "\\_").replace("<", "&lt;").replace("*", "\\*").replace("$", "\\$") for part in parts[::2]]
    return "`".join(parts)


def _points(texts: Sequence[str]) -> Iterator[str]:
    return (f"- {_prose(text)}" for text in texts)


def _fenced(snippet: Snippet) -> Iterator[str]:
    yield f"```{snippet.language}"
    yield from snippet.code.splitlines()
    yield "```"
