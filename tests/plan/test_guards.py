"""Thresholds and warnings of the whole plan."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.journal import Put
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import ResidencySpec, Resource
from mixpriv_reconcile.model.state import PolicyRecord, ResidencyRecord
from mixpriv_reconcile.model.workspace import Policy

from .building import FORGOTTEN, NOW, OTHERS, PROJECTS, SPAN, Memory, codes, decided, desired, ids, project, refused, wish

ELSEWHERE = "web-us.deletions.forgotten"


def policy(deletions: int = 10_000, withdrawals: int = 1_000, opt_out: str = "off") -> Policy:
    return Policy(max_deletions=deletions, max_withdrawals=withdrawals, opt_out=opt_out)


@pytest.mark.parametrize(("allowed", "answers"), [(5, []), (4, ["MP0602"])])
def test_deletions_of_all_projects_count_together(allowed: int, answers: list[str]) -> None:
    """`max_deletions` is held against the ids to submit in all projects together."""
    made = decided(desired(wish(FORGOTTEN, ids(range(3))), wish(ELSEWHERE, ids(1, 2)), policy=policy(allowed)))
    assert 5 == made.erases
    assert answers == refused(made)


@pytest.mark.parametrize(("allowed", "answers"), [(4, []), (3, ["MP0602"])])
def test_resubmissions_count_as_deletions(allowed: int, answers: list[str]) -> None:
    """Ids submitted again after a withdrawal from their batch count in `max_deletions` too."""
    memory = Memory().declared(FORGOTTEN, ids(range(5))).sent(FORGOTTEN, ids(range(5)))
    made = decided(desired(wish(FORGOTTEN, ids(range(4))), policy=policy(allowed)), memory)
    assert (4, 4) == (made.erases, made.resubmits)
    assert answers == refused(made)


def test_only_what_is_targeted_counts() -> None:
    """With --target only the targeted requests count, and the plan says that it is partial."""
    wishes = desired(wish(FORGOTTEN, ids(range(3))), wish(ELSEWHERE, ids(1, 2)), policy=policy(2))
    made = decided(wishes, targets=("web-us.*",))
    assert [] == refused(made)
    assert [ELSEWHERE] == [str(change.address) for change in made.changes]
    assert made.options.is_partial


@pytest.mark.parametrize(("allowed", "answers"), [(5, []), (4, ["MP0603"])])
def test_withdrawals_count_unsent_ids_of_a_vanished_request(allowed: int, answers: list[str]) -> None:
    """`max_withdrawals` counts ids whose task is cancelled and ids of a vanished request that were never sent."""
    memory = Memory().declared(FORGOTTEN, ids(range(4))).sent(FORGOTTEN, ids(range(2)))
    memory.declared(ELSEWHERE, ids(9)).unsettled(ELSEWHERE, ids(9), "refused")
    made = decided(desired(projects=[project("web-eu")], policy=policy(withdrawals=allowed)), memory)
    assert 5 == made.withdraws
    assert answers == refused(made)


def test_withdrawing_a_few_of_many_counts_the_few() -> None:
    """Ids that are only resubmitted aren't withdrawn."""
    memory = Memory().declared(FORGOTTEN, ids(range(50))).sent(FORGOTTEN, ids(range(50)))
    made = decided(desired(wish(FORGOTTEN, ids(range(1, 50))), policy=policy(withdrawals=1)), memory)
    assert 1 == made.withdraws
    assert [] == refused(made)


@pytest.mark.parametrize(("status", "answers"), [("PENDING", ["MP0604"]), ("STARTED", ["MP0604"]), ("SUCCESS", []), ("REVOKED", [])])
def test_no_project_at_all_is_refused_while_tasks_are_open(status: str, answers: list[str]) -> None:
    """An empty folder against a state with open tasks is refused: it is most likely the wrong folder."""
    memory = Memory().declared(FORGOTTEN, ids(1)).sent(FORGOTTEN, ids(1), "task-1", status)
    assert answers == refused(decided(desired(), memory))


def test_a_workspace_that_keeps_one_project_isnt_refused() -> None:
    """Where one project is left, the others may be withdrawn."""
    memory = Memory().declared(FORGOTTEN, ids(1)).sent(FORGOTTEN, ids(1))
    assert [] == refused(decided(desired(projects=[project("web-us")]), memory))


LAST = PolicyRecord(10, 10, "warn", ("anonymous",))


@pytest.mark.parametrize(
    "now",
    [
        Policy(11, 10, "warn", allow_placeholder_ids=("anonymous",)),
        Policy(10, 11, "warn", allow_placeholder_ids=("anonymous",)),
        Policy(10, 10, "off", allow_placeholder_ids=("anonymous",)),
        Policy(10, 10, "warn", allow_placeholder_ids=("anonymous", "null")),
    ],
)
def test_a_loosened_policy_is_a_warning(now: Policy) -> None:
    """A policy that allows more than at the last apply is a warning in the plan, whatever was loosened."""
    made = decided(desired(policy=now), Memory(policy=LAST))
    assert ["MP0605"] == codes(made)
    assert all(found.severity is Severity.WARNING for found in made.diagnostics)


@pytest.mark.parametrize("now", [Policy(10, 10, "warn", allow_placeholder_ids=("anonymous",)), Policy(1, 1, "require")])
def test_the_same_or_a_tighter_policy_is_no_warning(now: Policy) -> None:
    """A policy that stays or gets stricter needs no word."""
    assert [] == codes(decided(desired(policy=now), Memory(policy=LAST)))


@pytest.mark.parametrize(("rule", "warned", "answers"), [("off", [], []), ("warn", ["MP0606"], []), ("require", [], ["MP0606"])])
def test_ids_to_erase_should_be_opted_out(rule: str, warned: list[str], answers: list[str]) -> None:
    """Erasing ids that nothing keeps out is a warning, a refusal where the policy requires an opt-out, or nothing where it is off."""
    made = decided(desired(wish(FORGOTTEN, ids(1)), policy=policy(opt_out=rule)))
    assert (warned, answers) == (codes(made), refused(made))


def test_a_plan_that_erases_nothing_needs_no_opt_out() -> None:
    """No ids to erase, no word about opting out."""
    memory = Memory().declared(FORGOTTEN, ids(1)).sent(FORGOTTEN, ids(1), "task-1", "STARTED")
    made = decided(desired(wish(FORGOTTEN, ids(1)), policy=policy(opt_out="require")), memory)
    assert ([], []) == (codes(made), refused(made))


def test_a_refused_plan_is_still_whole() -> None:
    """A plan that a threshold refuses shows every change all the same."""
    made = decided(desired(wish(FORGOTTEN, ids(1)), wish(OTHERS, ids(2)), policy=policy(1)))
    assert 2 == len(made.pending)
    assert ["MP0602"] == refused(made)


def test_a_changed_region_is_a_conflict_of_the_plan() -> None:
    """A changed region is an error in the plan and no change to count; the other changes are still shown."""
    address = Address("web-eu", "residency")
    memory = Memory()
    memory.entries.append(Put(str(address), ResidencyRecord("residency", "web-eu", PROJECTS["web-eu"][0], Region.US, NOW)))
    made = decided(desired(wish(FORGOTTEN, ids(1)), resources=[Resource(address, ResidencySpec(Region.EU), SPAN)]), memory)
    assert ["MP0601"] == [found.code for found in made.conflicts]
    assert [FORGOTTEN] == [str(change.address) for change in made.pending]
    assert (0, 0, 1) == (made.summary.add, made.summary.change, made.summary.destroy)
