"""SSO: the postback URL an identity provider is given. Manual: Mixpanel has no API for it (API §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.identity_providers import IDENTITY_PROVIDERS
from mixpriv_reconcile.model.plan import Action, Change, ManualStep, PutRecord, Step
from mixpriv_reconcile.model.regions import SSO_ACS_URL, SSO_ENTITY_ID, Region, app_host
from mixpriv_reconcile.model.resource import Block, Confirmation, Spec, SsoSpec
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import SsoRecord

__all__ = ["KIND", "manual_step"]

SCHEMA = {
    "title": "Single sign-on",
    "description": "The SSO postback URL of the organization and the region an IdP-initiated login lands in.",
    "type": "object",
    "required": ["postback_url"],
    "additionalProperties": False,
    "properties": {
        "postback_url": {
            "type": "string",
            "x-shown-as": "url",
            "title": "Postback URL",
            "description": "As Mixpanel shows it, with the landing region's host; the scheme may be left out. "
            "Path and query stay as they are.",
            "examples": ["https://eu.mixpanel.com/security/login/42", "https://mixpanel.com/security/sso/v2/authorize/?org_id=42"],
        },
        "region": {
            "type": "string",
            "enum": [region.value for region in Region],
            "title": "Landing region",
            "description": "Where an IdP-initiated login lands; the project's residency if left out.",
        },
        "identity_provider": {
            "type": "string",
            "enum": list(IDENTITY_PROVIDERS),
            "title": "Identity provider",
            "description": "Names the field that takes the URL, and those that must stay as they are.",
        },
        "confirmed": {
            "type": "object",
            "title": "Confirmation",
            "description": "A person pasted this URL at the identity provider. It lapses when the URL changes.",
            "required": ["by", "on"],
            "additionalProperties": False,
            "properties": {
                "by": {
                    "type": "string",
                    "minLength": 1,
                    "title": "By",
                    "description": "Who did it.",
                    "examples": ["ops@example.com"],
                },
                "on": {"$ref": "#/$defs/date", "title": "On", "description": "The day on which it was done.", "examples": ["2026-11-20"]},
            },
        },
    },
}

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LOGIN_FORM = re.compile(r"/security/login/(?P<organization>[0-9]{1,18})/?")
V2_FORM = re.compile(r"/security/sso/v2/authorize/\?org_id=(?P<organization>[0-9]{1,18})")
SLASHLESS = re.compile(r"/security/sso/v2/authorize\?org_id=(?P<organization>[0-9]{1,18})")
ENTITY_ID_PATH = "/security/sso/v2/authorize"
SSO_ACS_HOST, _, ACS_PATH = SSO_ACS_URL.removeprefix("https://").partition("/")
FORMS = "`/security/login/<organization id>` or `/security/sso/v2/authorize/?org_id=<organization id>`"


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    url = block.value.get("postback_url")
    region = Region(block.value["region"]) if "region" in block.value else block.project.region
    findings = list(_url_findings(block, url, region)) if url is not None else []
    given = block.value.get("confirmed", {})
    confirmed = None
    if {"by", "on"} <= given.keys():
        confirmed = Confirmation(given["by"], date.fromisoformat(given["on"]))
        if confirmed.on > block.today:
            findings.append(
                block.diagnostic(
                    "MP0355",
                    Severity.ERROR,
                    "the confirmation lies in the future",
                    "write the day on which it was done",
                    ("confirmed", "on"),
                )
            )
    if url is None:
        return None, findings
    return SsoSpec(url, region, block.value.get("identity_provider"), confirmed), findings


def _url_findings(block: Block, url: str, region: Region) -> Iterable[Diagnostic]:
    """What is wrong with a postback URL: its scheme, its form, its host for the landing region, its organization."""

    def error(code: str, message: str, hint: str) -> Diagnostic:
        return block.diagnostic(code, Severity.ERROR, message, hint, ("postback_url",))

    scheme = SCHEME.match(url)
    host, slash, tail = url[scheme.end() if scheme else 0 :].partition("/")
    path = slash + tail
    form = LOGIN_FORM.fullmatch(path) or V2_FORM.fullmatch(path)
    mistaken = _mistaken(host.lower(), path, region)
    if mistaken is not None:
        yield error(*mistaken)
        return
    if scheme and scheme[0].lower() != "https://":
        # Only a URL of Mixpanel's is repeated: another may hold anything.
        hint = f"write https://{app_host(region)}{path}" if form else "write https instead"
        yield error("MP0351", "the SSO postback URL must be https", hint)
        return
    slashless = SLASHLESS.fullmatch(path)
    if slashless is not None and HOST.fullmatch(host) is not None:
        right = f"{scheme[0] if scheme else ''}{app_host(region)}{ENTITY_ID_PATH}/?org_id={slashless['organization']}"
        yield error("MP0393", "the slash before `?` is missing in this postback URL", f"write {right}")
        return
    if form is None or HOST.fullmatch(host) is None:
        yield error(
            "MP0352",
            "this isn't a postback URL of Mixpanel",
            f"paste it as Mixpanel shows it under Organization Settings › Access Security: {app_host(region)} followed by {FORMS}",
        )
        return
    if host.lower() != app_host(region):
        yield error(
            "MP0353",
            f"the host doesn't match the landing region {region.value}",
            f"write {scheme[0] if scheme else ''}{app_host(region)}{path}",
        )
    organization = block.workspace.organization_id
    if organization is not None and int(form["organization"]) != organization:
        yield error(
            "MP0354",
            f"the URL names organization {int(form['organization'])}, the workspace organization {organization}",
            f"write the id {organization} in the URL, or correct workspace.organization.id",
        )


def _mistaken(host: str, path: str, region: Region) -> tuple[str, str, str] | None:
    """Code, message and hint where one of the two values that no region changes stands in the place of the postback URL."""
    meant = (
        f"the postback URL is {app_host(region)} followed by {FORMS}; Mixpanel shows it under Organization Settings › Access Security "
        "once SSO is switched on"
    )
    if path.removesuffix("/") == ENTITY_ID_PATH and host in [app_host(one) for one in Region]:
        return ("MP0391", f"this is the entity id (audience), not the postback URL; it stays {SSO_ENTITY_ID} in every region", meant)
    if path.removesuffix("/") == f"/{ACS_PATH}" and host in [f"{prefix}{SSO_ACS_HOST}" for prefix in ("", "eu.", "in.")]:
        return ("MP0392", f"this is the ACS URL (reply URL), not the postback URL; it stays {SSO_ACS_URL} in every region", meant)
    return None


def _diff(situation: Situation) -> Change | None:
    """A manual step until somebody confirms it, for this URL; a confirmation in the manifest is remembered with the URL."""
    resource, project = situation.resource, situation.project
    if resource is None or project is None or not isinstance(resource.spec, SsoSpec):
        return None
    spec, remembered = resource.spec, situation.record
    known = remembered if isinstance(remembered, SsoRecord) else None
    if known is not None and _with_scheme(known.postback_url) == _with_scheme(spec.postback_url):
        return None
    steps: tuple[Step, ...]
    if spec.confirmed is not None and (known is None or _is_later(spec.confirmed, known.confirmed)):
        midnight = datetime(situation.today.year, situation.today.month, situation.today.day, tzinfo=UTC)
        record = SsoRecord("sso", resource.address.project, spec.postback_url, spec.confirmed, midnight)
        actions, reasons, steps = (Action.CREATE,), ("confirmed",), (PutRecord(record),)
    else:
        actions, reasons, steps = (Action.UPDATE,), ("manual_step",), (manual_step(spec, str(resource.address)),)
    return Change(
        address=resource.address,
        kind="sso",
        project=resource.address.project,
        project_id=project.project_id,
        actions=actions,
        reasons=reasons,
        before={"postback_url": known.postback_url} if known else None,
        after={"postback_url": spec.postback_url, "region": spec.region.value, "identity_provider": spec.identity_provider},
        steps=steps,
        source=resource.span,
    )


def _is_later(confirmed: Confirmation, known: Confirmation) -> bool:
    """Whether somebody confirmed anew: an older confirmation left in the manifest was for an older URL."""
    return confirmed != known and confirmed.on >= known.on


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def manual_step(spec: SsoSpec, address: str) -> ManualStep:
    """What a person does at the identity provider, with the exact URL, the values that must stay as they are, and their names there."""
    provider = IDENTITY_PROVIDERS[spec.identity_provider or "other"]
    field = f"“{provider.url_field}”" if spec.identity_provider not in (None, "other") else provider.url_field
    back = "; ".join(f"{theirs} goes into “{ours}”" for theirs, ours in provider.taken_back)
    return ManualStep(
        title=f"at the identity provider ({provider.title}), set {field} to {_with_scheme(spec.postback_url)}",
        lines=(
            *provider.unchanged,
            *((provider.note,) if provider.note else ()),
            *((f"back in Mixpanel, under Organization Settings › Access Security, if it isn't there yet: {back}",) if back else ()),
            f"then run `mixpriv confirm {address} --by WHO`, or write `confirmed: {{by: …, on: …}}` in the manifest",
        ),
    )


KIND = Kind(name="sso", lifecycle=Lifecycle.MANUAL, order=20, per_name=False, schema=SCHEMA, read=_read, diff=_diff, follows=("residency",))
