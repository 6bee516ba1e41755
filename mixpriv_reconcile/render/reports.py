"""The formats of `--report`: which module makes each, loaded only when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mixpriv_reconcile.model.report import Report

__all__ = ["REPORT_FORMATS", "report_text"]

REPORT_FORMATS = ("json", "markdown", "html", "gitlab", "junit", "sarif", "github")
"""As contract §4 names them; each has a module `report_FORMAT` with a function `report(Report) -> str`: a file's whole content."""


def report_text(name: str, report: Report) -> str:
    """*report* in the format *name*, whole."""
    made: str = importlib.import_module(f"mixpriv_reconcile.render.report_{name}").report(report)
    return made
