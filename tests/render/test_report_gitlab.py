"""The counts of GitLab's merge request widget, as GitLab's own parser takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mixpriv_reconcile.render.report_gitlab import report

from .runs import CONFLICTING_PLAN, EVERY, INVALID, PLAN, REFUSED_PLAN, STOPPED

ROOM_BYTES = 5_000_000
"""Of one `artifacts:reports:terraform` on gitlab.com: `ci_max_artifact_size_terraform`, 5 MB."""


def shown(text: str) -> Any:
    """What the widget makes of a report: three counts, or None for one that "failed to generate" (`Tfplan#parse!`)."""
    counts = json.loads(text)
    if not {"create", "update", "delete"} <= set(counts):
        return None
    assert all(type(count) is int for count in counts.values())
    return tuple(min(counts[name], 999_999) for name in ("create", "update", "delete"))


def test_a_plan_is_three_counts() -> None:
    """Addresses by their strongest action; a plan that the policy refuses has its counts, too, and so has an apply: what was planned."""
    assert shown(report(PLAN)) == (1, 2, 2)
    assert shown(report(REFUSED_PLAN)) == (0, 0, 2)
    assert shown(report(STOPPED)) == (1, 2, 2)


@pytest.mark.parametrize("run", [INVALID, CONFLICTING_PLAN])
def test_what_cant_be_applied_is_no_report_of_zeros(run: Any) -> None:
    """Where there is no plan, or one with conflicts, the widget says that the report failed, and not that nothing changes."""
    assert report(run) == "{}\n"
    assert shown(report(run)) is None


@pytest.mark.parametrize("name", EVERY)
def test_it_is_small(name: str) -> None:
    """Every report is one line of JSON, far below what GitLab takes."""
    assert report(EVERY[name]).count("\n") == 1
    assert len(report(EVERY[name])) < ROOM_BYTES
