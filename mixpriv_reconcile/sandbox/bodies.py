"""Request bodies: the JSON of a POST, checked, or the reason why it is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from mixpriv_reconcile.sandbox.faults import Kind

__all__ = ["Body", "InvalidBody", "body_parsed", "ids_in"]

COMPLIANCE_TYPES = ("GDPR", "CCPA")
DISCLOSURE_TYPES = ("DATA", "CATEGORIES", "SOURCES")
"""Compared without regard to case. Source: API §1.2 and §1.8, rows 12 and 13."""


class InvalidBody(Exception):
    """The body can't be used; the text says why, for the client to read."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a POST asks for; the types are in upper case."""

    distinct_ids: tuple[str, ...] = field(repr=False)
    compliance: str
    disclosure: str


def body_parsed(content: bytes, kind: Kind, most_ids: int) -> Body:
    """The request in *content*; InvalidBody where it is none, or has more than *most_ids* ids."""
    if not content.strip():
        raise InvalidBody("a JSON body is required")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidBody("the body is not valid JSON") from None
    if not isinstance(document, dict):
        raise InvalidBody("the body must be a JSON object")
    compliance = _choice(document, "compliance_type", COMPLIANCE_TYPES)
    disclosure = DISCLOSURE_TYPES[0]
    if kind == "retrieval":
        disclosure = _choice(document, "disclosure_type", DISCLOSURE_TYPES)
    return Body(_ids(document.get("distinct_ids"), most_ids), compliance, disclosure)


def ids_in(content: bytes) -> tuple[str, ...]:
    """Whatever ids a body seems to have, for the call log and for faults; () where there are none."""
    try:
        ids = json.loads(content)["distinct_ids"]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError):
        return ()
    return tuple(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()


def _ids(ids: object, most_ids: int) -> tuple[str, ...]:
    if not isinstance(ids, list):
        raise InvalidBody("distinct_ids must be a list of strings")
    if not ids:
        raise InvalidBody("distinct_ids must not be empty")
    if not all(isinstance(one, str) and one for one in ids):
        raise InvalidBody("distinct_ids must hold nothing but non-empty strings")
    if len(ids) > most_ids:
        raise InvalidBody(f"too many distinct_ids: {len(ids)}; the limit is {most_ids}")
    try:
        "\0".join(ids).encode()
    except UnicodeEncodeError:
        # JSON can spell half of a surrogate pair, which is no character.
        raise InvalidBody("distinct_ids must be valid Unicode") from None
    return tuple(ids)


def _choice(document: dict[str, object], key: str, choices: tuple[str, ...]) -> str:
    value = document.get(key, choices[0])
    if isinstance(value, str) and value.upper() in choices:
        return value.upper()
    raise InvalidBody(f"{key} must be one of {', '.join(choices)}")
