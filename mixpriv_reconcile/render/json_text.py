"""JSON as it is printed: for any stream, and without what a CI system's log reader takes for an order."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["LONG", "json_text"]

LONG = 2**16
"""Characters beyond which a document is indented by msgspec, twenty times as fast as by the library; it isn't worth loading for less."""


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """*document* in ASCII (so that no stream's encoding matters), with a newline at its end.

    Of `##`, with which `##[…]` begins, the second is written as an escape: a reader of the JSON gets the same text.
    """
    text = json.dumps(document)
    if indent is not None:
        text = _indented(text, indent) if len(text) > LONG else json.dumps(document, indent=indent)
    return text.replace("##", "#\\u0023") + "\n"


def _indented(text: str, indent: int) -> str:
    import msgspec  # what prints a long document has loaded it already, for the plan or the state in it

    try:
        return msgspec.json.format(text, indent=indent)
    except msgspec.DecodeError:  # NaN and the infinities, which the library writes although they are no JSON
        return json.dumps(json.loads(text), indent=indent)
