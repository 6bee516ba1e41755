"""Answers of Mixpanel and blocks of a manifest, built by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access, Response
from mixpriv_reconcile.model.resource import Block
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.model.workspace import Project, Workspace

TODAY = date(2026, 11, 8)
TOKEN, BEARER, CANARY = "token-canary-5f1d", "bearer-canary-77aa", "person-canary-0c3e"
ACCESS = Access("web-eu", 4242, Region.EU, Secret(TOKEN), Secret(BEARER))
NOON = 1_794_139_200.0
"""8 November 2026, 12:00 UTC, in seconds since the epoch."""


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Response:
    """A response; *body* as JSON, or as it is where it is bytes."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Response(status, dict(headers or {}), content)


def block(
    kind: str, value: Any, *, region: Region = Region.EU, organization: int | None = None, today: date = TODAY, name: str = ""
) -> Block:
    """One block of a manifest, as the reader hands it to its kind; a diagnostic's span says which value is meant."""
    address = Address("web-eu", kind, name)

    def span_of(path: tuple[str, ...] = (), key: bool = False) -> SourceSpan:
        return SourceSpan("/".join(("privacy.yaml", *path)), 1, 1)

    def diagnostic(code: str, severity: Severity, message: str, hint: str, path: tuple[str, ...] = (), key: bool = False) -> Diagnostic:
        return Diagnostic(code, severity, message, hint, span_of(path, key), str(address))

    owner = Project("web-eu", 4242, SecretRef(env="TOKEN"), region)
    return Block(address, value, owner, Workspace(organization_id=organization), today, span_of, diagnostic, IdSources())
