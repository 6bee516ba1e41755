"""Ids to erase, held against the same project's opt-outs."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.codec import plan_document, plan_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.files import FileSeen, Origin
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.journal import Forgot, Put
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState, OptOutSpec, Resource
from mixpriv_reconcile.model.state import OptOutRecord, State
from mixpriv_reconcile.model.workspace import Policy
from mixpriv_reconcile.plan import changes_moved, expected, plan

from .building import FORGOTTEN, NOTHING, NOW, SPAN, TODAY, Memory, codes, decided, desired, ids, project, refused, wish

ELSEWHERE = "web-us.deletions.forgotten"
LIST = Address("web-eu", "opt_outs")


def opting(wishes: DesiredState, **lists: IdSet) -> DesiredState:
    """The same wishes, and by project (`_` for `-`) the ids that are opted out."""
    addresses = {Address(name.replace("_", "-"), "opt_outs"): wanted for name, wanted in lists.items()}
    resources = tuple(Resource(at, OptOutSpec(IdSources(), f"{at.project}.json", "none"), SPAN) for at in addresses)
    return DesiredState(
        wishes.workspace, wishes.projects, (*wishes.resources, *resources), wishes.fingerprint, ids={**wishes.ids, **addresses}
    )


def wishes(rule: str) -> DesiredState:
    return desired(wish(FORGOTTEN, ids(range(3))), wish(ELSEWHERE, ids(1, 2)), policy=Policy(opt_out=rule))


def said(made: Plan) -> str:
    return " ".join(found.message for found in (*made.diagnostics, *made.refusals) if found.code == "MP0606")


@pytest.mark.parametrize("rule", ["off", "warn", "require"])
def test_nothing_is_said_where_everybody_is_opted_out(rule: str) -> None:
    """Who is in the list of the same project needs no word, and neither do others in it."""
    made = decided(opting(wishes(rule), web_eu=ids(range(5)), web_us=ids(1, 2)))
    assert "" == said(made)
    assert [] == refused(made)


def test_a_list_of_another_project_does_not_count() -> None:
    """The same id in two projects may be two people: each project's own list counts."""
    made = decided(opting(wishes("warn"), web_us=ids(range(5))))
    assert "3 of 5 distinct ids to erase are in no opt-out list (3 of web-eu)" in said(made)


def test_the_warning_counts_those_who_are_in_no_list() -> None:
    """`warn` says how many of the ids to erase lack an opt-out, by project where several erase."""
    made = decided(opting(wishes("warn"), web_eu=ids(0)))
    assert "4 of 5 distinct ids to erase are in no opt-out list (2 of web-eu, 2 of web-us)" in said(made)
    assert [] == refused(made)


def test_require_refuses_and_names_the_requests() -> None:
    """`require` refuses the plan as long as one id to erase is in no list, and names the requests that have such."""
    made = decided(opting(wishes("require"), web_eu=ids(range(3)), web_us=ids(1)))
    assert ["MP0606"] == refused(made)
    assert "1 of 5 distinct ids to erase is in no opt-out list" in said(made)
    assert ELSEWHERE in said(made)
    assert FORGOTTEN not in said(made)


def test_ids_that_are_submitted_already_need_no_opt_out() -> None:
    """Only what this plan erases is held against the list."""
    memory = Memory().declared(FORGOTTEN, ids(range(3))).sent(FORGOTTEN, ids(range(3)))
    made = decided(opting(desired(wish(FORGOTTEN, ids(range(4))), policy=Policy(opt_out="require")), web_eu=ids(3)), memory)
    assert [] == refused(made)


@pytest.mark.parametrize(
    ("rule", "targets", "answers"),
    [
        ("require", ("web-eu.deletions.*",), ["MP0654"]),
        ("require", ("web-eu.*",), []),
        ("require", (), []),
        ("warn", ("web-eu.deletions.*",), []),
    ],
)
def test_a_list_that_is_left_out_is_refused_where_it_is_required(rule: str, targets: tuple[str, ...], answers: list[str]) -> None:
    """With `require`, --target can't erase people whose list is yet to be written without writing it."""
    wanted = opting(desired(wish(FORGOTTEN, ids(1)), policy=Policy(opt_out=rule)), web_eu=ids(1))
    assert answers == refused(decided(wanted, targets=targets))


def test_the_list_comes_before_the_deletions() -> None:
    """People are opted out first and erased then."""
    made = decided(opting(wishes("off"), web_eu=ids(1)))
    assert [str(LIST), FORGOTTEN, ELSEWHERE] == [str(change.address) for change in made.pending]
    assert (1, 0, 2) == (made.summary.add, made.summary.change, made.summary.destroy)


RECORD = OptOutRecord("opt_outs", "web-eu", 1978118, "web-eu.json", "none", 1, ids(1).sha256, 9, "a" * 64, NOW)


def remembering() -> Memory:
    memory = Memory()
    memory.entries.append(Put(str(LIST), RECORD))
    return memory


def test_a_block_that_leaves_the_manifests_leaves_its_list() -> None:
    """The file stays, a note says that nobody keeps it up to date, and there is nothing to do."""
    made = decided(desired(projects=[project("web-eu")]), remembering())
    assert (["MP0653"], ()) == (codes(made), made.pending)


def test_the_feature_is_named_as_long_as_a_list_is_remembered() -> None:
    """A program that doesn't know lists must not read the state, until the last list is forgotten."""
    memory = remembering()
    assert ("opt_outs",) == memory.state().features
    memory.entries.append(Forgot(str(LIST)))
    assert () == memory.state().features


def decided_with(wanted: DesiredState, state: State = NOTHING, *seen: FileSeen) -> Plan:
    return plan(wanted, state, (), TODAY, PlanOptions(), files={file.path: file for file in seen})


def test_a_saved_plan_holds_the_list_without_ids() -> None:
    """The list's step survives a plan's file with its count and hash, and the same plan still fits."""
    made = decided_with(opting(desired(projects=[project("web-eu")]), web_eu=ids(1, 2)))
    read = plan_of(plan_document(made))
    (step,) = read.changes[0].lists
    assert (2, ids(1, 2).sha256, "web-eu.json", "none", None) == (
        step.ids.count, step.ids.sha256, step.write_to, step.digest, step.replaces
    )  # fmt: skip
    assert () == changes_moved(read, made)


def test_a_file_that_came_meanwhile_is_not_what_was_approved() -> None:
    """A plan that creates the list doesn't allow to replace one."""
    wanted = opting(desired(projects=[project("web-eu")]), web_eu=ids(1))
    before = decided_with(wanted)
    fresh = decided_with(wanted, NOTHING, FileSeen("web-eu.json", 9, "b" * 64, Origin.OURS))
    assert 1 == len(changes_moved(plan_of(plan_document(before)), fresh))
    assert "a file on disk" in " ".join(expected(before.digest).moved(fresh))


def test_other_ids_are_not_what_was_approved() -> None:
    """A saved plan writes the list of the ids it was made with, and no other."""
    before = decided_with(opting(desired(projects=[project("web-eu")]), web_eu=ids(1)))
    now = decided_with(opting(desired(projects=[project("web-eu")]), web_eu=ids(1, 2)))
    assert 1 == len(changes_moved(plan_of(plan_document(before)), now))
