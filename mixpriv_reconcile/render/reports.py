"""The formats of `--report`: which module makes each, loaded only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from mixpriv_reconcile.model.report import Report

__all__ = ["REPORT_FORMATS", "report_text"]

REPORT_FORMATS: Mapping[str, str] = {
    "json": "report_json",
    "markdown": "report_markdown",
    "html": "report_html",
    "gitlab": "report_gitlab",
    "junit": "report_junit",
    "sarif": "report_sarif",
    "github": "report_github",
}
"""Format → its module in this package, which has one public function `report(Report) -> str`: a file's whole content."""


def report_text(name: str, report: Report) -> str:
    """*report* in the format *name*, whole."""
    made: str = importlib.import_module(f"mixpriv_reconcile.render.{REPORT_FORMATS[name]}").report(report)
    return made
