"""tfcmt and Atlantis read our plans as they read Terraform's."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings

from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.render.diagnostics import render_diagnostics
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.plan_summary import apply_summary_text
from mixpriv_reconcile.render.plan_text import RULE, render_plan

from . import companions as their
from .golden import assert_golden
from .plans import plans
from .samples import CONFLICTING, NOTHING, REFUSED, RICH, SMALL

TERRAFORM = Look(is_terraform=True)


def text(plan: Plan, look: Look | None = None) -> str:
    stream = io.StringIO()
    render_plan(plan, stream, look or Look())
    return stream.getvalue()


@pytest.mark.parametrize("look", [Look(), TERRAFORM])
def test_tfcmt_finds_what_is_created_updated_and_destroyed(look: Look) -> None:
    """tfcmt finds that a plan passed, that it destroys, and which addresses are created, updated and destroyed."""
    shown = text(RICH, look)
    seen = their.as_tfcmt(shown)

    assert (seen.has_error, seen.has_destroy, seen.has_no_changes) == (False, True, False)
    assert seen.result == "Plan: 1 to add, 2 to change, 2 to destroy."
    assert ["web-eu.residency"] == their.TFCMT_CREATED.findall(shown)
    assert ["web-eu.sso", "web-us.deletions.typo"] == their.TFCMT_UPDATED.findall(shown)
    assert ["web-eu.deletions.2026-11-forgotten", "web-us.deletions.2026-10-forgotten"] == their.TFCMT_DELETED.findall(shown)


def test_tfcmt_finds_that_nothing_changes() -> None:
    """A plan without changes is one for tfcmt too."""
    seen = their.as_tfcmt(text(NOTHING))

    assert (seen.has_error, seen.has_destroy, seen.has_no_changes) == (False, False, True)


@pytest.mark.parametrize("plan", [REFUSED, CONFLICTING])
@pytest.mark.parametrize("look", [Look(), TERRAFORM])
def test_a_plan_that_fails_never_looks_as_if_it_passed(plan: Plan, look: Look) -> None:
    """A plan that the policy refuses, or that has a conflict, is a failure for tfcmt, although its counts are shown as well."""
    seen = their.as_tfcmt(text(plan, look))

    assert seen.has_error
    assert seen.result.startswith("Error: 1 error (MP06")
    assert (seen.has_destroy, seen.has_no_changes, seen.warning) == (False, False, "")


def test_tfcmt_folds_the_changes_of_a_plan_in_terraforms_words() -> None:
    """With MIXPRIV_COMPAT=terraform the changes, whole and alone, are what tfcmt folds; the warnings are what it shows as such."""
    seen = their.as_tfcmt(text(RICH, TERRAFORM))
    folded = seen.folded.strip("\n").splitlines()

    assert folded[0] == "  # web-eu.residency will be created"
    assert "Digest" not in seen.folded
    assert "Plan:" not in seen.folded
    for address in ("web-eu.deletions.2026-11-forgotten", "web-us.deletions.2026-10-forgotten", "web-us.deletions.typo"):
        assert f"  # {address} will be" in seen.folded
    assert seen.warning.startswith("Warning: 1 warning, 1 note\n")
    assert "warning[MP" in seen.warning
    assert "Digest" not in seen.warning
    assert_golden("plan-rich-terraform.txt", text(RICH, TERRAFORM))


def test_terraforms_words_change_nothing_else() -> None:
    """Besides heading, legend, rules and the line above the warnings, both texts are the same."""
    ours, theirs = text(RICH).splitlines(), text(RICH, TERRAFORM).splitlines()
    apart = {line for line in ours if line not in theirs} | {line for line in theirs if line not in ours}

    assert {line for line in apart if not line.startswith(("Terraform ", "mixpriv ", "Resource actions", "with the"))} == {
        RULE,
        "Warning: 1 warning, 1 note",
    } | {line for line in apart if line.startswith(("execution plan", "plan. Resource", "actions are", "following symbols"))}


def test_atlantis_finds_the_counts() -> None:
    """Atlantis finds the counts in the summary line, and the sentence of a plan without changes."""
    found = their.ATLANTIS_PLAN.search(text(RICH))

    assert found
    assert ("1", "2", "2") == found.group(2, 3, 4)
    assert their.ATLANTIS_NO_CHANGES.search(text(NOTHING))
    assert not their.ATLANTIS_PLAN.search(text(NOTHING))
    assert not their.ATLANTIS_OUTSIDE.search(text(RICH))


def test_the_end_of_an_apply() -> None:
    """An apply that did everything is complete for tfcmt, one that stopped early is not, and one that failed is an error."""
    done, stopped = apply_summary_text(SMALL.summary), apply_summary_text(SMALL.summary, complete=False)
    failed = io.StringIO()
    render_diagnostics(REFUSED.refusals, failed, Look())

    assert their.TFCMT_APPLY_PASS.search(done)
    assert their.TERRAGRUNT_APPLY.search(done)
    assert not their.TFCMT_APPLY_FAIL.search(done)
    assert not their.TFCMT_APPLY_PASS.search(stopped)
    assert their.TFCMT_APPLY_FAIL.search(stopped + failed.getvalue())


@settings(deadline=None, max_examples=60)
@given(plans())
def test_whatever_the_plan_both_texts_are_read_alike(plan: Plan) -> None:
    """Any plan passes, fails, destroys and has no changes in Terraform's words exactly as in our own."""
    ours, theirs = their.as_tfcmt(text(plan)), their.as_tfcmt(text(plan, TERRAFORM))
    has_errors = bool(plan.conflicts or plan.refusals)

    assert ours.has_error == theirs.has_error == has_errors
    if not has_errors:
        assert (ours.result, ours.has_destroy, ours.has_no_changes) == (theirs.result, theirs.has_destroy, theirs.has_no_changes)
        assert ours.has_destroy == (plan.summary.destroy > 0)
    assert bool(theirs.folded) == bool(plan.pending)
