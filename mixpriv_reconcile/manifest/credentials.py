"""`workspace.credentials`: where the secrets lie that the whole workspace shares, and how long the one with an expiry is good for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.references import check_reference
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.token_life import expiry_of, warning_due
from mixpriv_reconcile.model.workspace import ServiceAccountRef, TokenRef

__all__ = ["gdpr_token", "reference", "service_account"]

WHERE = "Profile & Preferences › Data & Privacy"

URGENCY: Mapping[int, tuple[str, str]] = {
    60: ("the token expires in {days} days, on {day}", "plan for a new one, made under {where}; a person has to do it, nothing renews it"),
    30: (
        "the token expires in {days} days, on {day}: tasks submitted from now on may still run then",
        "make a new one under {where}, and write the day it was made",
    ),
    7: (
        "the token expires in {days} day{s}, on {day}; from then on nothing can be erased, looked at or withdrawn",
        "make a new one under {where} today, and write the day it was made",
    ),
}
"""By the number of days that are left at most: what is said, and what to do."""


def gdpr_token(values: Mapping[str, str] | None, source: Checked, today: date, report: Report) -> TokenRef | None:
    """The GDPR token's reference. An expired one is a warning here: `status` and others work without it, `validate` and `plan` don't."""
    if values is None:
        return None
    document = source.document
    path: Path = ("workspace", "credentials", "gdpr_token")
    issued = date.fromisoformat(values["issued"]) if "issued" in values else None
    if issued is None:
        if not source.is_unsure(*path, "issued"):  # else it is there, misspelt or refused
            hint = "write the day the token was made, e.g. `issued: 2026-03-01`"
            report.warning("MP0313", "without `issued` the token's expiry isn't known (one year)", hint, document, path, key=True)
    elif issued > today:
        report.error("MP0314", "`issued` lies in the future", f"write a day up to today, {today}", document, (*path, "issued"))
    else:
        code, message, hint = _life(issued, today)
        if code:
            report.warning(code, message, hint, document, (*path, "issued"))
    check_reference(reference(values), document, path, report)
    return TokenRef(reference(values), issued)


def _life(issued: date, today: date) -> tuple[str, str, str]:
    """Code, message and hint for a token that has expired or is going to; empty for one that is good for long."""
    day = expiry_of(issued)
    days = (day - today).days
    if days <= 0:
        return "MP0315", f"the token expired on {day}", f"make a new one under {WHERE}"
    due = warning_due(days)
    if due is None:
        return "", "", ""
    message, hint = URGENCY[due]
    return "MP0390", message.format(days=days, day=day, s="" if days == 1 else "s"), hint.format(where=WHERE)


def service_account(values: Mapping[str, Any] | None, source: Checked, report: Report) -> ServiceAccountRef | None:
    """Where username and secret of the service account lie, each checked; None where there is none, or not a whole one."""
    if values is None:
        return None
    path: Path = ("workspace", "credentials", "service_account")
    found = {key: reference(values[key]) for key in ("username", "secret") if isinstance(values.get(key), dict)}
    for key, ref in found.items():
        check_reference(ref, source.document, (*path, key), report)
    if len(found) < 2:
        return None  # what is missing was reported
    return ServiceAccountRef(found["username"], found["secret"])


def reference(values: Mapping[str, Any]) -> SecretRef:
    """*values* as a reference to a secret."""
    return SecretRef(env=values.get("env"), file=values.get("file"))
