"""The ids that a change submits, below its facts: for a person who asked for them with `--show-ids`."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.model.ids_shown import IdsShown
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.id_text import CUT, id_text
from mixpriv_reconcile.render.look import Look, wrapped
from mixpriv_reconcile.render.plan_change import LABEL_WIDTH

__all__ = ["id_lines"]

MOST_FILES = 3
"""Sources that are named where ids are left out; of more it is said how many there are."""

INDENT = " " * 6


def id_lines(ids: IdsShown | None, look: Look) -> list[str]:
    """The ids of one change, one a line below its facts, and in words what isn't shown; nothing where there is none."""
    if ids is None:
        return []
    rest = INDENT + " " * LABEL_WIDTH
    lines = [f"{rest}{piece}" for value in ids.first for piece in _pieces(id_text(value), look.columns - len(rest))]
    if lines:
        lines[0] = f"{INDENT}{'distinct ids':<{LABEL_WIDTH}}{lines[0].removeprefix(rest)}"
    left = ids.count - len(ids.first)
    if left:
        lines.append(wrapped(f"{CUT} and {left:,} more; they are in {_listed(ids.files)}", look, rest, rest))
    if ids.gone:
        why = "its digest alone is kept, so it can't be shown" if ids.gone == 1 else "their digests alone are kept, so they can't be shown"
        said = f"{people(ids.gone)} withdrawn: {why}"
        lines.append(wrapped(said, look, f"{INDENT}{'not shown':<{LABEL_WIDTH}}", rest))
    return lines


def _pieces(text: str, room: int) -> list[str]:
    """*text* in lines of at most *room* columns, the others indented: the terminal itself would begin them at its edge, where an id
    could pass for a line of ours."""
    lines, width = [""], 0
    for char in text:
        columns = 1 if char.isascii() else 2  # as much as any takes
        if width + columns > room:
            lines.append("  ")
            width = 2
        lines[-1] += char
        width += columns
    return lines


def _listed(files: Sequence[str]) -> str:
    named = list(files[:MOST_FILES])
    if len(files) > MOST_FILES:
        named.append(counted(len(files) - MOST_FILES, "more file"))
    return " and ".join([part for part in (", ".join(named[:-1]), named[-1]) if part])
