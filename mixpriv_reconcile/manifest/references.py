"""References to secrets that can't be meant: what lies there is the program's own, and would be sent to Mixpanel as a token."""

from __future__ import annotations

import posixpath

from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.secrets import SecretRef

__all__ = ["check_reference"]

OWN_VARIABLES = "MIXPRIV_"
OWN_FILES = frozenset({"mixpriv.key"})


def check_reference(ref: SecretRef, document: Document, path: Path, report: Report) -> None:
    """Report the reference at *path* where it leads to what the program itself uses; links are looked through when it is used."""
    hint = "a credential is a token that Mixpanel gave you; store it under a name of its own"
    if ref.env is not None and ref.env.upper().startswith(OWN_VARIABLES):
        report.error("MP0370", f"variables that begin with {OWN_VARIABLES} are mixpriv's own", hint, document, (*path, "env"))
    if ref.file is not None and posixpath.normpath(ref.file) in OWN_FILES:
        report.error("MP0370", "the digest key is no credential", hint, document, (*path, "file"))
