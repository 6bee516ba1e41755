"""SDKs as JSON."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.model.plain import plain
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.sdks import Sheets

__all__ = ["sdk_document", "sdk_json"]

FORMAT_VERSION = 1


def sdk_document(sheets: Sheets) -> dict[str, Any]:
    """`schemas/sdk.v1.schema.json` describes it."""
    return {"format_version": FORMAT_VERSION, **plain(sheets)}


def sdk_json(sheets: Sheets) -> str:
    """One document, with a newline at its end."""
    return json_text(sdk_document(sheets))
