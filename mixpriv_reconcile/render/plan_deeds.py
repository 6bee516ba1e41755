"""What a plan does, and to how many people, as pieces of a sentence; and who it leaves where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.plan_change import regions_of

__all__ = ["Deed", "deeds", "left_alone", "listed", "of_change"]

MOST_NAMED = 3
"""Projects that a sentence names."""

MOST_CHARACTERS = 100
"""Of a project's name, so that the sentence stays one."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a plan does: `erases`, `erase`, and what."""

    does: str
    do: str
    what: str


def deeds(plan: Plan) -> tuple[Deed, ...]:
    """What *plan* does to people; of one that erases nobody new, all else that it does, so that no plan with changes has none."""
    again = sum(change.resubmitted for change in plan.pending if change.irreversible)
    if plan.erases > again:
        return (_erases(plan, again), *_withdraws(plan, ""), *_retrieves(plan))
    if again:
        told = [change for change in plan.pending if change.withdrawn or change.irreversible]
        number = f"{again:,}" if plan.withdraws else people(again)
        return (*_withdraws(plan, ""), Deed("submits", "submit", f"{number} again{_places(told, plan)}"), *_others(plan))
    told = [change for change in plan.pending if change.withdrawn]
    return (*_withdraws(plan, _places(told, plan)), *_others(plan))


def _erases(plan: Plan, again: int) -> Deed:
    told = [change for change in plan.pending if change.irreversible]
    submitted_again = f" ({again:,} of them submitted again)" if again else ""
    return Deed("erases", "erase", f"{people(plan.erases)}{submitted_again}{_places(told, plan)}")


def _withdraws(plan: Plan, places: str) -> Iterator[Deed]:
    if plan.withdraws:
        doubtful = plan.withdrawn_in_doubt
        which = "" if doubtful == plan.withdraws else f"{doubtful:,} of them "
        in_doubt = f" ({which}in doubt, and erased if they arrived)" if doubtful else ""
        yield Deed("withdraws", "withdraw", f"{people(plan.withdraws)}{in_doubt}{places}")


def _retrieves(plan: Plan) -> Iterator[Deed]:
    if plan.retrieves:
        yield Deed("asks", "ask", f"for the export of {people(plan.retrieves)} (can't be cancelled)")


def _others(plan: Plan) -> Iterator[Deed]:
    """What is done beside erasing and withdrawing; each pending change is in one of the numbers, or in the last."""
    yield from _retrieves(plan)
    exports = sum(len(change.downloads) for change in plan.pending)
    if exports:
        yield Deed("fetches", "fetch", counted(exports, "finished export"))
    lists = sum(len(change.lists) for change in plan.pending)
    if lists:
        yield Deed("writes", "write", counted(lists, "opt-out list"))
    adopted = sum(_adopts(change) for change in plan.pending)
    if adopted:
        yield Deed("adopts", "adopt", counted(adopted, "project"))
    by_hand = sum(len(change.manual_steps) for change in plan.pending)
    if by_hand:
        yield Deed("leaves", "leave", f"{counted(by_hand, 'manual step')} to a person")
    rest = sum(not _is_told(change) for change in plan.pending)
    if rest:
        yield Deed("records", "record", f"{counted(rest, 'change')} without a call to Mixpanel")


def _adopts(change: Change) -> bool:
    return change.kind == "residency"


def _is_told(change: Change) -> bool:
    has_step = change.downloads or change.lists or change.manual_steps
    return bool(change.submits or change.withdrawn or has_step or _adopts(change))


def left_alone(plan: Plan) -> Iterator[str]:
    """Who stays where a reader may not expect them, a clause each."""
    if plan.beyond_recall:
        yield f"{people(plan.beyond_recall)} can't be recalled any more"
    if plan.refused:
        yield f"{people(plan.refused)} {'was' if plan.refused == 1 else 'were'} refused"
    if plan.failed:
        yield f"{people(plan.failed)} failed at Mixpanel"
    if plan.held:
        yield f"{people(plan.held)} {'is' if plan.held == 1 else 'are'} held"
    if plan.waits:
        yield f"{people(plan.waits)} {'waits' if plan.waits == 1 else 'wait'}{_until(plan)}"


def _until(plan: Plan) -> str:
    """` until 2026-12-10`, ` for their export`, or nothing where it is both."""
    waiting = [change for change in plan.changes if change.waits]
    if all("not_before" in change.reasons for change in waiting):
        days = sorted(filter(None, (_day((change.after or {}).get("not_before")) for change in waiting)))
        return (f" until {days[0]}" + (" or later" if days[0] != days[-1] else "")) if days else ""
    return " for their export" if all("after_retrieval" in change.reasons for change in waiting) else ""


def _day(value: object) -> str:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else ""
    except ValueError:
        return ""


def of_change(change: Change) -> str:
    """What *change* does to people: `erases 5 distinct ids (3 of them submitted again); withdraws 2 distinct ids`; empty for nothing."""
    parts = []
    if change.erased:
        again = change.resubmitted
        parts.append(f"erases {people(change.erased)}" + (f" ({again:,} of them submitted again)" if again else ""))
    elif change.submits:
        parts.append(f"asks for the export of {people(change.submits.count)}")
    if change.withdrawn:
        parts.append(f"withdraws {people(change.withdrawn)}")
    return "; ".join(parts)


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`; with a comma before the last where a part has an "and" of its own."""
    parts = list(parts)
    if len(parts) < 2:
        return "".join(parts)
    comma = "," if any(" and " in part for part in parts) else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"


def _places(changes: Sequence[Change], plan: Plan) -> str:
    """` in web-eu (region eu) and web-us (region us)`; of many projects their number."""
    regions = regions_of(plan)
    projects = dict.fromkeys((change.project, change.project_id) for change in changes)
    if not 0 < len(projects) <= MOST_NAMED:
        return f" in {counted(len(projects), 'project')}" if projects else ""
    named = [printable(_short(name)) + (f" (region {regions[number]})" if number in regions else "") for name, number in projects]
    return f" in {listed(named)}"


def _short(name: str) -> str:
    return name if len(name) <= MOST_CHARACTERS else f"{name[: MOST_CHARACTERS - 1]}…"
