"""What may be shown of a manifest: keys that the schema knows at their place, and values of the shape that belongs there.

Everything else could be an id or a secret that went astray, a token in the place of its variable's name for one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from mixpriv_reconcile.manifest.schema import manifest_schema
from mixpriv_reconcile.model.address import NAME

__all__ = ["Node", "child_of", "has_shape", "is_name", "root_node"]

Node = dict[str, Any] | None
"""The schema of a place; None where nothing is known."""

TOKEN_LIKE = re.compile(r"[A-Za-z0-9]{24}|[@%\\]")
NUMBER = re.compile(r"[-+]?[0-9][0-9._eE+-]{0,18}")
WORD = re.compile(r"[A-Za-z]{1,16}|s3")
DAY = re.compile(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}")
FORMS = {
    "variable": re.compile(r"[A-Z_][A-Z0-9_]*"),
    "timezone": re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+){0,4}"),
    "path": re.compile(r"[A-Za-z0-9_./*?\[\] {},+-]{1,200}"),
    "host": re.compile(r"(?:[A-Za-z0-9-]{1,40}\.){1,5}[A-Za-z]{2,12}(?::[0-9]{1,5})?"),
    "bucket": re.compile(r"[a-z0-9][a-z0-9._-]{1,62}"),
    "region": re.compile(r"[a-z0-9-]{1,32}"),
    "method": re.compile(r"[A-Za-z]{1,10}"),
    "duration": re.compile(r"[0-9]{1,4}[a-z]{0,2}"),
    "url": re.compile(
        r"(?:[A-Za-z]{2,5}://)?[A-Za-z.-]{1,40}(?::[0-9]{1,5})?/security/(?:login|sso/v2/authorize)/?[?a-z_=]{0,8}[0-9]{0,18}/?"
    ),
}
"""By the annotation `x-shown-as` of a schema."""


@cache
def root_node() -> Node:
    """The schema of a whole manifest."""
    return manifest_schema()


def child_of(node: Node, key: str | int, value: Any = None) -> tuple[Node, bool]:
    """The schema of what stands at *key* below *node*, and whether *key* itself is harmless.

    A name of the user's choice is, where *value*, what it names, is a mapping that has a key of the kind it should.
    """
    if node is None:
        return None, False
    if isinstance(key, int):
        return _resolved(node.get("items")), False
    known = node.get("properties", {})
    if key in known:
        return _resolved(known[key]), True
    named = node.get("additionalProperties")
    if not isinstance(named, dict):
        return None, False
    inner = _resolved(named)
    is_plausible = inner is not None and isinstance(value, dict) and not value.keys().isdisjoint(inner.get("properties", {}))
    return inner, is_plausible and is_name(key)


def is_name(text: str) -> bool:
    """Whether *text* is fit to be a name, and looks like nobody's token."""
    return re.fullmatch(NAME, text) is not None and TOKEN_LIKE.search(text) is None


def has_shape(node: Node, written: str) -> bool:
    """Whether *written*, a scalar as it stands in the file, looks like what belongs at *node*."""
    text = written[1:-1] if len(written) > 1 and written[0] == written[-1] and written[0] in "\"'" else written
    if node is None or TOKEN_LIKE.search(text):
        return False
    form: re.Pattern[str] | None
    if node.get("type") in ("integer", "number") or "const" in node:
        form = NUMBER
    elif "enum" in node:
        form = WORD
    elif node.get("format") == "date":
        form = DAY
    else:
        form = FORMS.get(node.get("x-shown-as", ""))
    return form is not None and form.fullmatch(text) is not None


def _resolved(schema: Any) -> Node:
    if isinstance(schema, dict) and "$ref" in schema:
        found: Any = (root_node() or {}).get("$defs", {}).get(schema["$ref"].rpartition("/")[2])
        return found if isinstance(found, dict) else None
    return schema if isinstance(schema, dict) else None
