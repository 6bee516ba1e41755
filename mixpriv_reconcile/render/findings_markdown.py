"""Findings as items of a list in a comment: how much each weighs, where it is, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import capitalised, full_stopped
from mixpriv_reconcile.render.comment import Part, comment, folded, marker
from mixpriv_reconcile.render.look import as_typed
from mixpriv_reconcile.render.markdown import code, escaped, flat, prose, within

__all__ = ["MOST_ERRORS", "finding_item", "finding_parts", "findings_markdown", "first_errors", "outcome_sentence"]

MOST_ERRORS = 5
"""Errors that are told at the top of a comment whatever else is in it."""

LONGEST = {"code": 40, "place": 400, "message": 1000, "line": 200, "hint": 600}
"""Bytes of each piece of a finding: one may quote the names of very many addresses."""

MOST_LINES = 8
"""Further lines of a message, each an item below it: what moved, and the last, the digest."""

LONGEST_WHY = 2000
"""Bytes of the sentence that tells how a run ended."""


def findings_markdown(run: Report) -> str:
    """A run that came to nothing else to show: why, in one sentence, then what was found, errors first."""
    name = (run.command or "mixpriv").replace(" ", "-")
    top = [marker(name, run.folder, sandbox=run.sandbox, exit=run.exit_code), outcome_sentence(run)]
    top += first_errors(run.findings, run.folder, is_sandbox=run.sandbox)
    return comment(top, tuple(finding_parts(run.findings, (0, 1, 2), run.folder, is_sandbox=run.sandbox)))


def outcome_sentence(run: Report) -> str:
    """`mixpriv apply`: how it ended, and with which code."""
    why = within(full_stopped(flat(capitalised(run.why))), LONGEST_WHY, prose)
    return f"**`{run.called}{' --sandbox' if run.sandbox else ''}`: {why}** Exit code {run.exit_code}."


def finding_item(found: Diagnostic, folder: str = "", *, is_sandbox: bool = False) -> str:
    """One item, with its hint below it; files are named from the *folder* on, which leads to the workspace."""
    place = _place(found, folder)
    first, *others = as_typed(found.message, is_sandbox).splitlines() or [""]
    listed = others if len(others) <= MOST_LINES else [*others[: MOST_LINES - 2], f"… and {len(others) - MOST_LINES + 1} more", others[-1]]
    message = within(flat(first), LONGEST["message"], prose)
    head = f"- **{found.severity.value} {within(found.code, LONGEST['code'], escaped)}**{f' {place}' if place else ''}: {message}"
    head = "\n".join([head, *(f"  - {within(flat(line), LONGEST['line'], prose)}" for line in listed)])
    if not found.hint:
        return head
    return f"{head}\n  - What to do: {within(flat(as_typed(found.hint, is_sandbox)), LONGEST['hint'], prose)}"


def _place(found: Diagnostic, folder: str) -> str:
    """` at FILE:LINE:COLUMN`, or of which address it is."""
    if found.span is not None:
        return f"at {within(folder + str(found.span), LONGEST['place'], code)}"
    return f"of {within(found.address, LONGEST['place'], code)}" if found.address else ""


def first_errors(found: Iterable[Diagnostic], folder: str, *, is_sandbox: bool) -> list[str]:
    """The first errors among *found*, one paragraph for the top of a comment; none where there is none."""
    errors = [one for one in found if one.is_error][:MOST_ERRORS]
    return ["\n".join(finding_item(one, folder, is_sandbox=is_sandbox) for one in errors)] if errors else []


def finding_parts(found: Iterable[Diagnostic], ranks: tuple[int, int, int], folder: str, *, is_sandbox: bool) -> Iterator[Part]:
    """*found*, but for the `first_errors`, by what they weigh, folded, each sort with its rank: errors, warnings, notes."""
    listed = tuple(found)
    for severity, rank in zip(Severity, ranks, strict=True):
        mine = [one for one in listed if one.severity is severity]
        said = f"{severity.value.capitalize()}s"
        if severity is Severity.ERROR:
            mine, said = mine[MOST_ERRORS:], "Further errors"
        items = (finding_item(one, folder, is_sandbox=is_sandbox) for one in mine)
        yield folded(f"{said} ({len(mine):,})", rank, len(mine), items, severity.value)
