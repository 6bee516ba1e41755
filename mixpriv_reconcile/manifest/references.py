"""References to secrets that can't be meant: what lies there would be sent to somebody whom it isn't for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["check_reference", "check_state_secrets"]

OWN_VARIABLES = "MIXPRIV_"
OWN_FILES = frozenset({"mixpriv.key"})

TOKEN_HINT = "a credential is a token that Mixpanel gave you; store it under a name of its own"


def check_reference(ref: SecretRef, document: Document, path: Path, report: Report, hint: str = TOKEN_HINT) -> None:
    """Report the reference at *path* where it leads to what the program itself uses; links are looked through when it is used."""
    if ref.env is not None and ref.env.upper().startswith(OWN_VARIABLES):
        report.error("MP0370", f"variables that begin with {OWN_VARIABLES} are mixpriv's own", hint, document, (*path, "env"))
    if ref.file is not None and posixpath.normpath(ref.file) in OWN_FILES:
        report.error("MP0370", "the digest key is no credential", hint, document, (*path, "file"))


def check_state_secrets(workspace: Workspace, projects: Iterable[Project], document: Document, report: Report) -> None:
    """Report what is sent to the state's server where it is also a credential for Mixpanel: a changed address would get that, too."""
    state, token, account = workspace.state, workspace.gdpr_token, workspace.service_account
    others: dict[tuple[str | None, str], str] = {}
    for project in projects:
        others.setdefault(_place(project.token), f"the token of project {project.name}")
    if token is not None:
        others[_place(token.ref)] = "the GDPR token"
    if account is not None:
        others |= {_place(account.username): "the service account's username", _place(account.secret): "the service account's secret"}
    for key, ref in (("username", state.username), ("password", state.password)) if state.backend == "http" else ():
        # Without a reference the server gets what these variables hold, as Terraform sends it.
        place = _place(ref if ref is not None else SecretRef(env=f"TF_HTTP_{key.upper()}"))
        if place in others and any(place):
            message = f"the {key} for the state's server is looked up at the same place as {others[place]}, which would be sent to it"
            hint = "give the state's server a credential of its own, under a name of its own"
            report.error("MP0397", message, hint, document, ("workspace", "state", *((key,) if ref is not None else ())))
        elif ref is not None and ref.env is not None and (owner := OWNERS.get(ref.env.partition("_")[0])):
            message = f"variables with this name hold credentials for {owner}, which would be sent to the state's server"
            hint = "give the state's server a credential of its own, under a name of its own, e.g. STATE_PASSWORD"
            report.error("MP0397", message, hint, document, ("workspace", "state", key))


OWNERS = {
    "MIXPANEL": "Mixpanel",
    "GITHUB": "GitHub",
    "GH": "GitHub",
    "ACTIONS": "GitHub's runners",
    "AWS": "AWS",
    "AZURE": "Azure",
    "GOOGLE": "Google Cloud",
}
"""By what their names begin with, the variables that every pipeline has and nobody's state server should get: a changed address would."""


def _place(ref: SecretRef) -> tuple[str | None, str]:
    """Where *ref* leads by its letters; files are compared without what their paths say in other words."""
    return (ref.env, "") if ref.file is None else (None, posixpath.normpath(ref.file))
