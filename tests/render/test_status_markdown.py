"""The requests as a table on GitHub."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.render.markdown import escaped
from mixpriv_reconcile.render.report_markdown import report
from mixpriv_reconcile.render.status_markdown import MAX_ROWS

from .golden import assert_golden
from .orders import ORDERS, STEERING, is_harmless
from .samples import DAY, MORNING, STATUS

MARKUP = ["|", "`", "``", "*", "_", "[x](y)", "![x](y)", "<b>", "</code>", "<!--", "-->", "&lt;", "@somebody", "#12", "~~", "\\", "$x$", "https://example.com", "www.example.com"]


def status_markdown(status: StatusReport, *, within_days: int | None = None) -> str:
    return report(Report("status", "1.2.3", MORNING, 0, "done", status=status, due_within_days=within_days))


HOSTILE = st.lists(st.sampled_from([*MARKUP, *ORDERS, *STEERING, "a", " ", "\n"]), max_size=6).map("".join)


def test_golden() -> None:
    """The table reads exactly like this."""
    assert_golden("status.md", status_markdown(STATUS))


def test_deadlines_come_first() -> None:
    """The first columns are the deadline and what is left of it, and the most urgent request is the first row."""
    rows = [line for line in status_markdown(STATUS).splitlines() if line.startswith("|")]
    assert rows[0].startswith("| due | time left | submit by | request |")
    assert rows[2].startswith("| 2026-11-05 | **overdue, submit overdue**: overdue by 3 days |")


def test_nothing() -> None:
    """A workspace without requests says so, without a table."""
    assert "|" not in status_markdown(StatusReport(DAY, (), 0))


def test_what_presses_is_named_first() -> None:
    """With `--fail-due-within` the requests that press stand above the table."""
    shown = status_markdown(STATUS, within_days=30)
    assert "**Within 30 days of a deadline, or past one: 2 requests.**\n\n- `web-eu.deletions.2026-10-late`: **overdue" in shown
    assert shown.index("Within 30 days") < shown.index("| due |")
    assert "Within" not in status_markdown(STATUS)


def test_very_many_requests() -> None:
    """A table stays within what GitHub takes, and says how many requests it leaves out."""
    many = tuple(dataclasses.replace(STATUS.requests[2], address=f"web-us.deletions.request-{number:05}") for number in range(1000))
    shown = status_markdown(dataclasses.replace(STATUS, requests=many))
    assert len(shown.encode()) <= 60_000
    assert MAX_ROWS == shown.count("request-")
    assert "… and 750 less urgent requests more" in shown


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_text(text: str) -> None:
    """What would be markup, a mention or a link is shown as it is written."""
    shown = escaped(text)
    assert re.search(r"(?<!\\)[|`*_\[\]~$]", re.sub(r"\\\\", "", shown)) is None
    assert re.search(r"<(?!!-- -->)|[@#]\w|://|www\.", shown) is None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(HOSTILE)
def test_no_name_breaks_out(name: str) -> None:
    """Whatever an address holds, the table has the rows and columns it had, and no line orders anything."""
    request = dataclasses.replace(STATUS.requests[2], address=name)
    shown = status_markdown(dataclasses.replace(STATUS, requests=(request,)))
    rows = [line for line in shown.splitlines() if line.startswith("| ")]
    assert 3 == len(rows)
    assert {9} == {len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", row))) for row in rows}
    assert is_harmless(shown)
