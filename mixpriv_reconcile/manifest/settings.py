"""From plain values that the schema let through to `Workspace` and `Project`, with what a schema can't say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS
from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.credentials import gdpr_token, reference, service_account
from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.state_location import state_location
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.workspace import Limits, Policy, Project, Workspace

__all__ = ["is_timezone", "project_of", "workspace_of"]

Error = Callable[..., None]
"""Reports an error: code, message, hint, then the keys below `workspace:`."""


def workspace_of(source: Checked, today: Callable[[str], date], report: Report) -> Workspace:
    """The `workspace:` block with defaults filled in; findings go to *report*."""
    values, document = source.block("workspace"), source.document

    def error(code: str, message: str, hint: str, *path: str | int, key: bool = False) -> None:
        report.error(code, message, hint, document, ("workspace", *path), key=key)

    timezone = values.get("timezone", "UTC")
    if not is_timezone(timezone):
        if ("workspace", "timezone") not in document.spoiled:  # then it was told that it isn't read as written
            error("MP0311", "this timezone isn't known", "write one of the tz database, e.g. Europe/Berlin", "timezone")
        timezone = "UTC"
    credentials = values.get("credentials", {})
    limits = values.get("limits", {})
    return Workspace(
        organization_id=values.get("organization", {}).get("id"),
        timezone=timezone,
        state=state_location(values.get("state", {}), source, report),
        gdpr_token=gdpr_token(credentials.get("gdpr_token"), source, today(timezone), report),
        service_account=service_account(credentials.get("service_account"), source, report),
        policy=_policy(values.get("policy", {}), error),
        limits=Limits(
            limits.get("distinct_ids_per_request", Limits().distinct_ids_per_request),
            float(limits.get("requests_per_second", Limits().requests_per_second)),
        ),
        span=document.span(("workspace",), key=True),
    )


def _policy(values: Mapping[str, Any], error: Error) -> Policy:
    allowed = values.get("allow_placeholder_ids", [])
    for number, text in enumerate(allowed):
        if isinstance(text, str) and text and text.lower() not in PLACEHOLDERS:
            hint = f"other ids need no leave; known placeholders: {', '.join(sorted(PLACEHOLDERS))}"
            error("MP0316", "this is no placeholder id", hint, "policy", "allow_placeholder_ids", number)
    return Policy(
        max_deletions=values.get("max_deletions", Policy().max_deletions),
        max_withdrawals=values.get("max_withdrawals", Policy().max_withdrawals),
        opt_out=values.get("opt_out", Policy().opt_out),
        due_soon_days=int(values.get("due_soon", "7d").removesuffix("d")),
        allow_placeholder_ids=tuple(sorted(text for text in allowed if isinstance(text, str))),
    )


def project_of(name: str, values: Mapping[str, Any], document: Document, path: Path) -> Project:
    """The settings of the project at *path*, its resources aside; with stand-ins for what was refused or is missing, which is an error."""
    return Project(
        name=name,
        project_id=values.get("id", 0),
        token=reference(values.get("token", {})),
        region=Region(values.get("residency", Region.US.value)),
        data_groups=values.get("data_groups", 0),
        span=document.span(path, key=True),
    )


def is_timezone(name: str) -> bool:
    """Whether *name* is a time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a name that isn't there is a KeyError
        return False
    return True
