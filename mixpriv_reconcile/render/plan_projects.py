"""A plan project by project, a line or two each: what a reviewer sees first."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import Look, wrapped
from mixpriv_reconcile.render.plan_change import regions_of

__all__ = ["project_lines"]


def project_lines(plan: Plan, look: Look, most: int) -> list[str]:
    """What each project comes to, those that erase most first and at most *most*; nothing where one change says it all."""
    if len(plan.pending) < 2:
        return []
    grouped: dict[tuple[str, int], list[Change]] = {}
    for change in plan.pending:
        grouped.setdefault((change.project, change.project_id), []).append(change)
    regions = regions_of(plan)
    ordered = sorted(grouped.items(), key=lambda item: (-_erased(item[1]), item[0]))
    lines = ["By project:"]
    for (name, project_id), changes in ordered[:most]:
        region = f", region {regions[project_id]}" if project_id in regions else ""
        lines.append(wrapped(f"{name} ({project_id}{region}): {_words(changes)}", look, "  ", "      "))
    if len(ordered) > most:
        lines.append(f"  … and {counted(len(ordered) - most, 'project')} more (see --format json)")
    return lines


def _erased(changes: Sequence[Change]) -> int:
    return sum(change.erased for change in changes)


def _words(changes: Sequence[Change]) -> str:
    requests = sum(len(change.batches) for change in changes if change.irreversible)
    erased = _erased(changes)
    withdrawn = sum(change.withdrawn for change in changes)
    deadlines = [change.deadline for change in changes if change.deadline is not None and change.submits]
    words = []
    if erased:
        words.append(f"erases {people(erased)} in {counted(requests, 'request')}")
    retrieved = sum(change.submits.count for change in changes if change.kind == "retrievals")
    exports = sum(len(change.downloads) for change in changes)
    if retrieved:
        words.append(f"retrieves {people(retrieved)}")
    if exports:
        words.append(f"downloads {counted(exports, 'export')}")
    if withdrawn:
        words.append(f"withdraws {people(withdrawn)}")
    if deadlines:
        words.append(f"next deadline {min(deadlines)}")
    return "; ".join([*words, counted(len(changes), "change")])
