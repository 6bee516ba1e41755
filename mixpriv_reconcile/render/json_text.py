"""JSON as it is printed: for any stream, and without what a CI system's log reader takes for an order."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["json_text"]


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """*document* in ASCII (so that no stream's encoding matters), with a newline at its end.

    Of `##`, with which `##[…]` begins, the second is written as an escape: a reader of the JSON gets the same text.
    """
    return json.dumps(document, indent=indent).replace("##", "#\\u0023") + "\n"
