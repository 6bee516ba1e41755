"""From plain values that the schema allows to `Workspace` and `Project`, with what a schema can't say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS
from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import Limits, Policy, Project, StateLocation, TokenRef, Workspace

__all__ = ["is_inside", "project_of", "workspace_of"]

DRIVE = re.compile(r"[A-Za-z]:")


def workspace_of(values: Mapping[str, Any], document: Document, today: Callable[[str], date], report: Report) -> Workspace:
    """The `workspace:` block with defaults filled in; findings go to *report*."""

    def error(code: str, message: str, hint: str, *path: str | int) -> None:
        report(code, Severity.ERROR, message, hint, document, ("workspace", *path))

    timezone = values.get("timezone", "UTC")
    if not is_timezone(timezone):
        error("MP0311", "this timezone isn't known", "write one of the tz database, e.g. Europe/Berlin", "timezone")
        timezone = "UTC"
    state = values.get("state", {})
    if state.get("backend", "local") != "local":
        error("MP0004", "this state backend is not built in this version", "write `backend: local`", "state", "backend")
    path = state.get("path", "mixpriv.state.json")
    if not is_inside(path) or not path.endswith(".json") or path in ("mixpriv.sandbox.state.json",):
        error("MP0312", "the state must be a .json file inside the workspace", "e.g. `path: mixpriv.state.json`", "state", "path")
    credentials = values.get("credentials", {})
    if "service_account" in credentials:
        report(
            "MP0004",
            Severity.ERROR,
            "service_account is not built in this version",
            "leave it out",
            document,
            ("workspace", "credentials", "service_account"),
            key=True,
        )
    return Workspace(
        organization_id=values.get("organization", {}).get("id"),
        timezone=timezone,
        state=StateLocation(path=path),
        gdpr_token=_gdpr_token(credentials.get("gdpr_token"), document, today(timezone), report),
        policy=_policy(values.get("policy", {}), error),
        limits=Limits(
            values.get("limits", {}).get("distinct_ids_per_request", Limits().distinct_ids_per_request),
            float(values.get("limits", {}).get("requests_per_second", Limits().requests_per_second)),
        ),
        span=document.span(("workspace",), key=True),
    )


def _gdpr_token(values: Mapping[str, str] | None, document: Document, today: date, report: Report) -> TokenRef | None:
    if values is None:
        return None
    path: Path = ("workspace", "credentials", "gdpr_token")
    issued = date.fromisoformat(values["issued"]) if "issued" in values else None
    if issued is None:
        hint = "write the day the token was made, e.g. `issued: 2026-03-01`"
        report("MP0313", Severity.WARNING, "without `issued` the token's expiry isn't known (one year)", hint, document, path, key=True)
    elif issued > today:
        report("MP0314", Severity.ERROR, "`issued` lies in the future", f"write a day up to today, {today}", document, (*path, "issued"))
    elif today >= _year_after(issued):
        hint = "make a new one under Profile & Preferences › Data & Privacy"
        report("MP0315", Severity.WARNING, f"the token expired on {_year_after(issued)}", hint, document, (*path, "issued"))
    return TokenRef(_reference(values), issued)


def _year_after(day: date) -> date:
    """The same day a year later; 29 February becomes 28."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day + timedelta(days=365)


def _policy(values: Mapping[str, Any], error: Callable[..., None]) -> Policy:
    if values.get("opt_out") == "require":
        error("MP0004", "`opt_out: require` is not built in this version", "write warn or off", "policy", "opt_out")
    allowed = values.get("allow_placeholder_ids", [])
    for number, text in enumerate(allowed):
        if text.lower() not in PLACEHOLDERS and text:
            hint = "only placeholder ids stand here; other ids need no leave"
            error("MP0316", "this is no placeholder id", hint, "policy", "allow_placeholder_ids", number)
    return Policy(
        max_deletions=values.get("max_deletions", Policy().max_deletions),
        max_withdrawals=values.get("max_withdrawals", Policy().max_withdrawals),
        opt_out=values.get("opt_out", Policy().opt_out),
        due_soon_days=int(values.get("due_soon", "7d").removesuffix("d")),
        allow_placeholder_ids=tuple(sorted(allowed)),
    )


def project_of(name: str, values: Mapping[str, Any], document: Document) -> Project:
    """One project's settings, its resources aside."""
    return Project(
        name=name,
        project_id=values["id"],
        token=_reference(values["token"]),
        region=Region(values["residency"]),
        data_groups=values.get("data_groups", 0),
        span=document.span(("projects", name), key=True),
    )


def _reference(values: Mapping[str, str]) -> SecretRef:
    return SecretRef(env=values.get("env"), file=values.get("file"))


def is_timezone(name: str) -> bool:
    """Whether *name* is a time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError):
        return False
    return True


def is_inside(path: str) -> bool:
    """Whether *path*, relative to the workspace, stays in it: not absolute, no drive, no way up and out, no NUL."""
    if "\0" in path or "\\" in path or path.startswith(("/", "~")) or DRIVE.match(path):
        return False
    normal = posixpath.normpath(path)
    return normal not in (".", "..") and not normal.startswith("../")
