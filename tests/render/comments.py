"""Reports as their readers get them, and what is in a comment."""

from __future__ import annotations

import re
from typing import Any

from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.report_markdown import report

from .samples import MORNING

__all__ = ["addresses_below", "markdown", "of_a_plan"]


def of_a_plan(plan: Plan, **more: Any) -> Report:
    """A run of `plan` that came to *plan*."""
    return Report(**{"command": "plan", "tool_version": "1.2.3", "at": MORNING, "exit_code": 0, "why": "done", "plan": plan} | more)


def markdown(plan: Plan, **more: Any) -> str:
    """The comment of *plan*."""
    return report(of_a_plan(plan, **more))


def addresses_below(heading: str, shown: str) -> list[str]:
    """The addresses that are listed in the fold of *heading*."""
    fold = re.search(rf"<summary>{re.escape(heading)}[^\n]*</summary>\n(.*?)\n</details>", shown, re.DOTALL)
    found = re.findall(r"^- (?:\[ \] )?(?:`(.*?)`|<code>(.*?)</code>)", fold[1], re.MULTILINE) if fold else []
    return [plain or element for plain, element in found]
