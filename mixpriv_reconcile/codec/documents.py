"""What every document has in common: its version, its one spelling, and strict reading."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from mixpriv_reconcile.model import sound
from mixpriv_reconcile.model.address import ADDRESS

__all__ = ["FORMAT_VERSION", "PORTABLE_VERSION", "as_filed", "canonical", "checked_address", "typed"]

FORMAT_VERSION = 1
"""Of state and plan documents, and of the journal: final; a later one is refused by name."""

PORTABLE_VERSION = 1
"""Of the part that a portable state has beyond the state."""

T = TypeVar("T")


def canonical(document: Any) -> bytes:
    """The one spelling of a document that hashes are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def as_filed(document: Any) -> bytes:
    """A document as a file holds it: indented by one space, UTF-8, a newline at its end. Raises `ValueError` for NaN and the infinities.

    The library's own indenting is written in Python and takes twenty times as long.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return msgspec.json.format(text.encode(), indent=1) + b"\n"


def typed(document: Any, cls: type[T]) -> T:
    """*document* as a *cls*; raises `ValueError` where it is none."""
    try:
        value = msgspec.convert(document, type=cls, strict=True)
        sound.check(value)
        return value
    except (msgspec.ValidationError, RecursionError, OverflowError):
        # The library's text may quote a value of the document, so only the kind of document is passed on.
        raise ValueError(f"not a {getattr(cls, '__name__', cls)}") from None


def checked_address(text: str) -> str:
    """*text*, if it reads as an address."""
    if not isinstance(text, str) or ADDRESS.fullmatch(text) is None:
        raise ValueError("not an address")
    return text
