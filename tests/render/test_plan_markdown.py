"""A plan as Markdown: for a comment on a change request, with what a person does as a task list."""

from __future__ import annotations

import dataclasses
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS

from mixpriv_reconcile.kinds.sso import manual_step
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import SsoSpec
from mixpriv_reconcile.render.manual_steps_markdown import manual_step_markdown
from mixpriv_reconcile.render.markdown import code, marked, table_lines
from mixpriv_reconcile.render.plan_markdown import MAX_ROWS, render_plan_markdown

from .golden import assert_golden
from .orders import is_harmless
from .samples import BY_HAND, CONFLICTING, FORGOTTEN, LEFT, NOTHING, REFUSED, RICH, plan_of_changes


def markdown(plan: Plan) -> str:
    stream = io.StringIO()
    render_plan_markdown(plan, stream)
    return stream.getvalue()


def test_a_rich_plan() -> None:
    """The summary's sentences, one row an address, the manual steps to tick off, the findings."""
    assert_golden("plan-rich.md", markdown(RICH))


def test_a_plan_that_cant_be_applied_says_so_first() -> None:
    """Conflicts and refusals stand above the changes."""
    assert_golden("plan-refused.md", markdown(REFUSED))
    shown = markdown(CONFLICTING)
    assert "**error MP0601**" in shown
    assert "No changes." not in shown


def test_an_empty_plan() -> None:
    """Nothing to do is one sentence."""
    assert markdown(NOTHING).startswith("# Plan\n\n**No changes. Your infrastructure matches the configuration.**")


def test_a_partial_plan_says_so() -> None:
    """The targets are named."""
    assert "It is partial, and holds only what `web-eu.*` names." in markdown(
        plan_of_changes([FORGOTTEN], options=PlanOptions(targets=("web-eu.*",)))
    )


def test_a_large_plan_is_cut() -> None:
    """Of very many addresses so many are shown as a comment holds; the rest is counted."""
    shown = markdown(plan_of_changes([LEFT] * (MAX_ROWS + 7)))
    assert MAX_ROWS == shown.count("`web-us.deletions.typo`")
    assert "… and 7 addresses more (see the JSON)" in shown


def test_a_manual_step_is_a_task_to_tick_off() -> None:
    """The field and the exact URL in the task, then the values that stay, in the provider's own words, and how to confirm it."""
    step = manual_step(SsoSpec("eu.mixpanel.com/security/login/42", Region.EU, "entra"), "web-eu.sso")
    lines = manual_step_markdown(step, "web-eu.sso")
    assert (
        "- [ ] `web-eu.sso`: at the identity provider (Microsoft Entra ID), set “Sign on URL” to `https://eu.mixpanel.com/security/login/42`"
        == lines[0]
    )
    assert "  - leave “Reply URL” at `https://sso.mixpanel.com/sso/saml2` in every region, without a slash at its end" in lines
    assert "  - then run `mixpriv confirm web-eu.sso --by WHO`, or write `confirmed: {by: …, on: …}` in the manifest" == lines[-1]
    assert "  - then run `mixpriv confirm --sandbox web-eu.sso" in manual_step_markdown(step, "web-eu.sso", sandbox=True)[-1]


def test_text_comes_out_as_it_was() -> None:
    """What Markdown would take for its own is escaped outside of code, bars within tables everywhere."""
    assert r"a\_b \*c\* \<img src=x\> \| `x_y|z` \[1\]" == marked("a_b *c* <img src=x> | `x_y|z` [1]")
    assert "one \\_ backtick" == marked("one _` backtick")
    assert "see `https://x.example/a_b`, then" == marked("see https://x.example/a_b, then")
    assert "see `https://x.example/a_b`" == marked("see `https://x.example/a_b`")
    assert "`it's`" == code("it`s")
    assert ["| a |", "| --- |", r"| `x\|y` |"] == table_lines(["a"], [["`x|y`"]])


HOSTILE = st.text(st.sampled_from("<>&`|*_[]()!#\\\n\r\t\x1b:ab ./"), max_size=12)


@settings(deadline=None, derandomize=True)
@given(PLANS, HOSTILE)
def test_no_plan_steers_a_reader(plan: Plan, text: str) -> None:
    """Whatever stands in a finding: no tag is opened, no line is begun, no terminal steered, no order given to a CI system."""
    finding = Diagnostic("MP0001", Severity.WARNING, f"x{text}y", f"x{text}y", address=text)
    shown = markdown(dataclasses.replace(plan, diagnostics=(finding,), refusals=()))
    assert is_harmless(shown)
    outside = "".join(part for number, part in enumerate(shown.split("`")) if not number % 2)
    assert "<" not in outside.replace("\\<", "")


def test_the_step_of_a_plan_stands_below_its_address() -> None:
    """A manual step of a plan is in the section for what is done by hand."""
    shown = markdown(plan_of_changes([BY_HAND]))
    assert "## By hand\n\n- [ ] `web-eu.sso`: at the identity provider" in shown
