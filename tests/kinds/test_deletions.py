"""Deletion requests as the manifest writes them: days and deadlines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mixpriv_reconcile.kinds.deletions import KIND
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.resource import DeletionSpec, Extension

from .building import block


def findings(today: date = date(2026, 11, 8), **value: Any) -> list[tuple[Severity, str, str]]:
    _, found = KIND.read(block("deletions", {"compliance": "gdpr", **value}, today=today, name="forgotten"))
    return [(one.severity, one.code, str(one.span).partition(":")[0].removeprefix("privacy.yaml")) for one in found]


def test_a_request_is_read_with_its_days() -> None:
    """Law, receipt, cooling-off and extension become typed dates."""
    value = {
        "compliance": "ccpa",
        "received": "2026-11-03",
        "not_before": "2026-11-10",
        "extension": {"notified": "2026-11-05", "reason": "complex request"},
    }
    spec, found = KIND.read(block("deletions", value))
    assert [] == list(found)
    assert isinstance(spec, DeletionSpec)
    assert ("ccpa", date(2026, 11, 3), date(2026, 11, 10)) == (spec.compliance, spec.received, spec.not_before)
    assert Extension(date(2026, 11, 5), "complex request") == spec.extension


def test_without_a_receipt_there_is_no_deadline() -> None:
    """A request without `received` is a warning."""
    assert [(Severity.WARNING, "MP0361", "")] == findings()


@pytest.mark.parametrize(("received", "expected"), [("2026-11-08", []), ("2026-11-09", ["MP0362"]), ("9999-12-31", ["MP0362"])])
def test_a_receipt_in_the_future_is_an_error(received: str, expected: list[str]) -> None:
    """A request can't have arrived after today."""
    assert expected == [code for _, code, _ in findings(received=received)]


@pytest.mark.parametrize(
    ("compliance", "notified", "today", "expected"),
    [
        ("gdpr", "2026-01-31", "2026-03-10", []),
        ("gdpr", "2026-02-28", "2026-03-10", []),
        ("gdpr", "2026-03-01", "2026-03-10", ["MP0363"]),
        ("gdpr", "2026-01-30", "2026-03-10", ["MP0363"]),
        ("gdpr", "2026-02-20", "2026-02-19", ["MP0363"]),
        ("ccpa", "2026-03-17", "2026-03-20", []),
        ("ccpa", "2026-03-18", "2026-03-20", ["MP0363"]),
    ],
)
def test_an_extension_is_notified_in_time(compliance: str, notified: str, today: str, expected: list[str]) -> None:
    """An extension counts only if the person was told after the receipt, by the first deadline, and not in the future."""
    extension = {"notified": notified, "reason": "complex request"}
    found = findings(date.fromisoformat(today), compliance=compliance, received="2026-01-31", extension=extension)
    assert [(Severity.ERROR, code, "/extension/notified") for code in expected] == found


@pytest.mark.parametrize(
    ("compliance", "received", "last_day"),
    [
        ("gdpr", "2028-01-31", "2028-02-29"),
        ("gdpr", "2100-01-31", "2100-02-28"),
        ("gdpr", "2026-12-31", "2027-01-31"),
        ("ccpa", "2028-01-31", "2028-03-16"),
        ("ccpa", "2026-12-31", "2027-02-14"),
    ],
)
def test_the_last_day_to_notify_an_extension(compliance: str, received: str, last_day: str) -> None:
    """On the day of the first deadline an extension is in time, on the day after it is an error."""
    told = date.fromisoformat(last_day)
    for notified, expected in ((told, []), (told + timedelta(days=1), ["MP0363"])):
        extension = {"notified": notified.isoformat(), "reason": "complex request"}
        found = findings(told + timedelta(days=30), compliance=compliance, received=received, extension=extension)
        assert expected == [code for _, code, _ in found]


def test_an_impossible_receipt_with_an_extension_is_an_error_all_the_same() -> None:
    """The last days of the calendar don't break the reading."""
    found = findings(received="9999-12-31", extension={"notified": "9999-12-31", "reason": "complex request"})
    assert ["MP0362"] == [code for _, code, _ in found]
