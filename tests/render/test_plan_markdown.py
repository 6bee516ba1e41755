"""A plan as a comment on a change request: what a reviewer reads in half a minute, whatever there is of it."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS

from mixpriv_reconcile.kinds.sso import manual_step
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import SsoSpec
from mixpriv_reconcile.render.manual_steps_markdown import manual_step_markdown
from mixpriv_reconcile.render.markdown import code, prose

from .comments import addresses_below, markdown
from .golden import assert_golden
from .orders import is_harmless
from .plans import plans
from .samples import BY_HAND, CONFLICT, CONFLICTING, FORGOTTEN, NOTHING, REFUSED, RICH, plan_of_changes


def test_a_rich_plan() -> None:
    """The marker, one sentence, the table, all else folded, the totals, and the command that carries out exactly this."""
    assert_golden("plan-rich.md", markdown(RICH))


def test_a_plan_that_cant_be_applied_says_so_first() -> None:
    """Conflicts and refusals stand above the table, and no command carries it out."""
    assert_golden("plan-refused.md", markdown(REFUSED, exit_code=6))
    shown = markdown(CONFLICTING, exit_code=1)
    assert "**Not to be applied as it stands: 1 error.**\n\n- **error MP0601** at `manifests/eu.yaml:8:16`" in shown
    assert "**Can't be applied as it stands; it would erase 6,339 distinct ids (1,988 of them submitted again) in web-eu and web-us, and withdraw 12 distinct ids.**" == markdown(REFUSED).splitlines()[2]
    blocked = markdown(dataclasses.replace(plan_of_changes([BY_HAND]), diagnostics=(CONFLICT,)))
    assert "- `web-eu.sso`, not before the errors are settled: at the identity provider" in blocked
    assert "[ ]" not in blocked
    assert "No changes." not in shown
    assert "mixpriv apply" not in shown


def test_nothing_to_do_is_one_line() -> None:
    """The marker, and that there are no changes."""
    marked, empty, said = markdown(NOTHING).splitlines()
    assert marked.startswith("<!-- mixpriv:plan ")
    assert (empty, said) == ("", "**No changes. Your infrastructure matches the configuration.**")


def test_a_bot_finds_its_earlier_comment() -> None:
    """The marker begins with what stays the same for one workspace of a repository, then tells digest, exit code, part and sandbox."""
    options = PlanOptions(targets=("web-*",), sandbox=True)
    partial = plan_of_changes([FORGOTTEN], options=options)
    shown = markdown(partial, folder="privacy/eu/", exit_code=2)
    digest = partial.digest
    assert f'<!-- mixpriv:plan folder="privacy/eu/" sandbox="true" partial="true" digest="{digest}" exit="2" -->' == shown.splitlines()[0]
    assert "**In the sandbox: erases 4,321 distinct ids" in shown
    assert "This plan is partial" in shown
    assert '<!-- mixpriv:plan folder="" sandbox="false" partial="false" ' in markdown(RICH_WHOLE)


RICH_WHOLE = dataclasses.replace(RICH, options=PlanOptions())


@pytest.mark.parametrize("folder", ["a --> b/", "a--b---c/", 'x" exit="0/', "ж/", "x" * 5000, "<!-- mixpriv:plan /", "-/", "a\n/"])
def test_no_folder_breaks_the_marker(folder: str) -> None:
    """Whatever a folder is called, the marker is one comment on one line, and two folders have two."""
    first = markdown(RICH, folder=folder).splitlines()[0]
    assert re.fullmatch(r'<!-- mixpriv:plan( [a-z]+="[^"\s<>]*")+ -->', first)
    assert "--" not in first[4:-3]
    assert len(first) < 1000
    assert first != markdown(RICH, folder=f"{folder}x").splitlines()[0]


def test_code_is_easily_read_and_never_left() -> None:
    """Backticks where nothing in the text could end them, a cell or hide a comment; else an element, escaped."""
    assert ("`opt_outs a@b &amp; https://x.example`", "") == (code("opt_outs a@b &amp; https://x.example"), code(""))
    assert "<code>a\\`b&lt;c \\| d\\\\</code>" == code("a`b<c | d\\")
    assert "write `x_y` or a\\_b, see `https://x.example/a_b`." == prose("write `x_y` or a_b, see https://x.example/a_b.")
    assert "one \\_ \\`backtick" == prose("one _ `backtick")


def test_a_source_is_named_from_the_repository_on() -> None:
    """The workspace's folder stands before a file's name, so that a reviewer finds it in the repository."""
    assert "(`privacy/manifests/eu.yaml:12`)" in markdown(RICH, folder="privacy/")


def test_a_saved_plan_is_applied_by_its_file() -> None:
    """The command names the file that `plan --out` wrote."""
    assert "```\nmixpriv apply saved.plan\n```" in markdown(plan_of_changes([FORGOTTEN]), saved_to="saved.plan")


def test_a_manual_step_is_a_task_to_tick_off() -> None:
    """The field and the exact URL in the task, then the values that stay, in the provider's own words, and how to confirm it."""
    step = manual_step(SsoSpec("eu.mixpanel.com/security/login/42", Region.EU, "entra"), "web-eu.sso")
    first, *details = manual_step_markdown(step, "web-eu.sso")
    assert (
        "- [ ] `web-eu.sso`: at the identity provider (Microsoft Entra ID), set “Sign on URL” to `https://eu.mixpanel.com/security/login/42`"
        == first
    )
    assert "  - then run `mixpriv confirm web-eu.sso --by WHO`, or write `confirmed: {by: …, on: …}` in the manifest" == details[-1]
    assert "`mixpriv confirm --sandbox web-eu.sso" in manual_step_markdown(step, "web-eu.sso", sandbox=True)[-1]
    assert ["web-eu.sso"] == addresses_below("By hand (1)", markdown(plan_of_changes([BY_HAND])))


HOSTILE = st.text(st.sampled_from("<>&`|*_[]()!#\\\n\r\t\x1b:ab ./@-"), max_size=16) | st.sampled_from(
    ["<!-- mixpriv:plan x -->", "--> @a", "</details>", "<details>", "```", "GH-1", "a@b.cc", "https://x.example/_a_", "x | y", "- x", "[a](b)"]
)


@settings(deadline=None, derandomize=True)
@given(PLANS, HOSTILE)
def test_no_plan_steers_a_reader(plan: Plan, text: str) -> None:
    """Whatever stands in a finding: no marker is forged, no tag opened, no line begun, no terminal steered, no order given to a CI system."""
    finding = Diagnostic("MP0001", Severity.WARNING, f"x{text}y", f"x{text}y", SourceSpan(f"x{text}", 1, 1), address=text)
    shown = markdown(dataclasses.replace(plan, diagnostics=(finding, dataclasses.replace(CONFLICT, message=text)), refusals=(finding,)), folder=text)
    assert is_harmless(shown)
    assert 1 == shown.count("<!-- mixpriv:")
    assert shown.count("<details>") == shown.count("</details>")
    rest = re.sub(r"</?(details|summary|code)>|^<!-- mixpriv:[^\n<>]* -->", "", shown).replace("<!-- -->", "\0")
    assert "<" not in rest
    outside = re.sub(r"`[^`\n]+`", "", re.sub(r"^```\n.*\n```$", "", rest, flags=re.MULTILINE).replace("\\`", ""))
    assert re.search(r"[@#]\w|://|www\.|`", outside) is None


@settings(deadline=None, max_examples=60)
@given(plans())
def test_any_plan_is_told(plan: Plan) -> None:
    """Whatever the plan: first how many are erased, each erasing address with its place, and the totals at the end."""
    shown = markdown(plan)
    assert len(shown.encode()) <= 60_000
    said = "it would erase" if plan.conflicts or plan.refusals else "**Erases"
    assert (f"{said} {plan.erases:,} distinct id" in shown) is (plan.erases > plan.resubmits)
    erasing = [str(change.address) for change in plan.pending if change.irreversible]
    assert erasing == addresses_below("Erasures, by address", shown)
