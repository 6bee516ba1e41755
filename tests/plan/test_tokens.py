"""A plan whose tasks may still run when the GDPR token has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import TokenRef
from mixpriv_reconcile.plan import plan

from .building import FORGOTTEN, NOTHING, TODAY, Memory, desired, ids, wish


def wishes(issued: date | None) -> DesiredState:
    """A request, and a token made on *issued*."""
    made = desired(wish(FORGOTTEN, ids(1, 2)))
    return replace(made, workspace=replace(made.workspace, gdpr_token=TokenRef(SecretRef(env="GDPR_TOKEN"), issued)))


@pytest.mark.parametrize(
    ("issued", "told"),  # it is 2026-11-08; 30 days later it is 2026-12-08
    [(date(2025, 12, 8), False), (date(2025, 12, 7), True), (date(2025, 11, 9), True), (date(2025, 11, 8), False), (None, False)],
)
def test_a_deletion_that_could_outlive_the_token_is_flagged(issued: date | None, told: bool) -> None:
    """Where Mixpanel may still be at work when the token has expired, the plan warns with the day."""
    found = [one for one in plan(wishes(issued), NOTHING, (), TODAY).diagnostics if one.code == "MP0660"]
    assert told is bool(found)
    if issued is not None and found:
        assert found[0].severity is Severity.WARNING
        assert str(issued.replace(year=issued.year + 1)) in found[0].message


def test_a_plan_that_submits_nothing_says_nothing_of_the_token() -> None:
    """Once all is submitted, the plan has nothing more to risk; the manifest's own warning stays."""
    memory = Memory().declared(FORGOTTEN, ids(1, 2)).sent(FORGOTTEN, ids(1, 2))
    assert "MP0660" not in [one.code for one in plan(wishes(date(2025, 11, 20)), memory.state(), (), TODAY).diagnostics]


def test_the_sandbox_takes_made_up_tokens() -> None:
    """Against the sandbox no token can end."""
    made = plan(wishes(date(2025, 11, 20)), NOTHING, (), TODAY, PlanOptions(sandbox=True))
    assert "MP0660" not in [one.code for one in made.diagnostics]
