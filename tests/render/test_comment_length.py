"""A comment is never too long, and what can't be undone is left out last."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import Action, Change, Plan, PlanOptions
from mixpriv_reconcile.render.comment import MOST_BYTES, Part, comment, folded

from .comments import addresses_below, markdown
from .samples import ADOPTED, BY_HAND, FORGOTTEN, LEFT, WAITING, batches, ids, plan_of_changes


def large(seed: int) -> Plan:
    """A plan of very many changes of every sort, in any mixture, some with names and texts that are long, hostile or not Latin."""
    dice = random.Random(seed)
    letters = dice.choice(["ab", "a@#|", "жя", "🦊", "<`\\"])
    changes: list[Change] = []
    for number in range(dice.choice([10, 300, 3000])):
        sort = dice.choice([FORGOTTEN, ADOPTED, BY_HAND, WAITING, LEFT])
        project = f"p{number % dice.choice([1, 7, 1000])}" + "".join(dice.choices(letters, k=dice.choice([0, 9, 400])))
        name = f"r{number}" if sort.address.name else ""
        source = SourceSpan("".join(dice.choices(letters, k=dice.choice([3, 600]))), number + 1, 1)
        changes.append(dataclasses.replace(sort, address=Address(project, sort.kind, name), project=project, project_id=number, source=source))

    def findings(severity: Severity) -> list[Diagnostic]:
        text = "".join(dice.choices(letters, k=dice.choice([9, 5000])))
        return [Diagnostic("MP0001", severity, text, text, address=text[:100]) for _ in range(dice.choice([0, 2, 500]))]

    mild = [*findings(Severity.WARNING), *findings(Severity.NOTE)]
    options = PlanOptions(targets=("".join(dice.choices(letters, k=50)),) * dice.choice([0, 1, 3000]))
    return plan_of_changes(changes, [*mild, *(findings(Severity.ERROR) if dice.random() < 0.3 else [])], options=options)


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_is_too_long_for_a_comment(seed: int) -> None:
    """Whatever is in a plan, the comment has at most 60,000 bytes, begins with its sentence and ends with its totals."""
    plan = large(seed)
    shown = markdown(plan, folder="privacy/")
    assert MOST_BYTES >= len(shown.encode()) >= len(shown)
    said = f"it would erase {plan.erases:,} distinct ids in " if plan.conflicts else f"**Erases {plan.erases:,} distinct ids in "
    assert said in shown[:3000]
    assert f"Plan: {plan.summary.add} to add, {plan.summary.change} to change, {plan.summary.destroy} to destroy." in shown
    assert not plan.conflicts or f"**Not to be applied as it stands: {len(plan.conflicts):,} error" in shown


@pytest.mark.parametrize("seed", range(40))
def test_what_cant_be_undone_is_left_out_last(seed: int) -> None:
    """Where an address that erases is left out, no other one is listed, and nothing that is less: and each cut says how much."""
    plan = large(seed)
    shown = markdown(plan)
    erasing = [change for change in plan.pending if change.irreversible]
    others = len(plan.pending) - len(erasing)
    listed = {
        "Erasures, by address": (len(erasing), "address that erases", "addresses that erase"),
        "Other changes, by address": (others, "address", "addresses"),
        "By hand": (sum(change.kind == "sso" for change in plan.pending), "manual step", "manual steps"),
        "Waiting": (sum(bool(change.waits) for change in plan.changes), "address", "addresses"),
        "Warnings": (sum(found.severity is Severity.WARNING for found in plan.diagnostics), "warning", "warnings"),
        "Notes": (sum(found.severity is Severity.NOTE for found in plan.diagnostics), "note", "notes"),
    }
    is_cut = False
    for heading, (count, one, many) in listed.items():
        there = shown.count(f"- **{one} MP0001**") if one in ("warning", "note") else len(addresses_below(heading, shown))
        assert there == 0 if is_cut else there <= count, heading
        if there < count:
            is_cut = True
            assert f"… and {count - there:,} {one if count - there == 1 else many} more, left out here" in shown


def test_rows_that_erase_come_before_all_others() -> None:
    """The table is cut from its end, and those who erase most stand at its beginning."""
    many = [
        dataclasses.replace(ADOPTED, address=Address(f"p{number}", "residency"), project=f"p{number}", project_id=number) for number in range(5000)
    ]
    erasing = dataclasses.replace(FORGOTTEN, address=Address("zz", "deletions", "r"), project="zz", project_id=9999)
    shown = markdown(plan_of_changes([*many, erasing]))
    rows = [line for line in shown.splitlines() if line.startswith("| ")]
    assert rows[2].startswith("| zz (9999")
    assert f"… and {5001 - (len(rows) - 2):,} rows of the table more, left out here" in shown
    assert "address that erases more, left out here" not in shown


def test_no_row_is_shown_in_the_place_of_an_erasure() -> None:
    """With very many projects every address that erases is listed before a row that erases nobody has room."""
    changes = []
    for number in range(280):
        mine = {"project": f"p{number}", "project_id": number}
        changes += [dataclasses.replace(ADOPTED, address=Address(f"p{number}", kind), kind=kind, **mine) for kind in ("residency", "opt_outs", "sso")]
        changes.append(dataclasses.replace(FORGOTTEN, address=Address(f"p{number}", "deletions", "r"), **mine))
    shown = markdown(plan_of_changes(changes))
    assert len(addresses_below("Erasures, by address", shown)) == 280
    assert "rows of the table more, left out here" in shown


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=40), max_size=30), max_size=5), st.integers(1000, 4000))
def test_parts_are_filled_in_their_rank(parts: list[list[str]], most: int) -> None:
    """Whatever the parts: the whole stays within its bound, and where one is cut, none of a higher rank shows anything."""
    made = [folded(f"part {rank}", rank, len(items), [f"- {rank} {item!r}" for item in items], "thing") for rank, items in enumerate(parts)]
    shown = comment(["top"], made[::-1], ["bottom"], most)
    assert len(shown.encode()) <= most
    counts = [shown.count(f"\n- {rank} ") for rank in range(len(parts))]
    cut = next((rank for rank, items in enumerate(parts) if counts[rank] < len(items)), len(parts))
    assert [0] * len(counts[cut + 1 :]) == counts[cut + 1 :]
    assert shown.startswith("top\n")
    assert shown.endswith("\nbottom\n")


def test_more_lines_go_below_their_items() -> None:
    """What belongs to an item stands below it; where there is no room for it, its number is told."""
    below = Part(2, 2, ["  - why", "  - " + "x" * 5000], "reason")
    shown = comment([], [Part(1, 2, ["- a", "- b"], "thing", below=below)], most_bytes=2000)
    assert shown == "- a\n  - why\n- b\n\n… and 1 reason more, left out here (`--report json=FILE` has all).  \n"


def test_a_plan_of_one_giant_erasure() -> None:
    """A request of very many batches is one line."""
    giant = dataclasses.replace(FORGOTTEN, steps=batches(*[2000] * 25_000), submits=ids(50_000_000), actions=(Action.DELETE,))
    assert "erases 50,000,000 distinct ids in 25,000 requests" in markdown(plan_of_changes([giant]))
