"""From our types to JSON Schema: each field's type hint becomes what `codec.plain` makes of such a value."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from mixpriv_reconcile.model.plain import NOT_IN_JSON
from mixpriv_reconcile.render.schema_words import DESCRIPTIONS, WORDS

__all__ = ["Definitions", "Schema", "nullable", "strict"]

Schema = dict[str, Any]

SIMPLE: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    datetime: {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"},
    Any: {},
}


class Definitions:
    """The `$defs` of one document, gathered while types are walked; each dataclass is defined once."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def properties(self, cls: type[Any], *left_out: str) -> dict[str, Schema]:
        """The fields of dataclass *cls* as properties, with titles and descriptions; without those that no JSON holds."""
        hints = get_type_hints(cls)
        names = [field.name for field in dataclasses.fields(cls) if field.name not in NOT_IN_JSON | set(left_out)]
        return {name: self._described(cls.__name__, name, self.schema(hints[name])) for name in names}

    def object(self, cls: type[Any], *left_out: str, **instead: Schema) -> Schema:
        """A strict object for dataclass *cls*; *instead* replaces or adds properties."""
        return {**_headline(cls), **strict({**self.properties(cls, *left_out), **instead})}

    def define(self, cls: type[Any], name: str = "", *left_out: str, **instead: Schema) -> Schema:
        """A `$ref` to the definition of *cls*, made at its first use; under *name* where the document differs from the type."""
        key = name or cls.__name__
        if key not in self.schemas:
            self.schemas[key] = {}  # holds the place, so that the order is that of first use
            self.schemas[key] = self.object(cls, *left_out, **instead)
        return {"$ref": f"#/$defs/{key}"}

    def schema(self, hint: Any) -> Schema:
        """What a value of type *hint* is in JSON."""
        if hint in SIMPLE:
            return dict(SIMPLE[hint])
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            parts = [self.schema(part) for part in arguments if part is not type(None)]
            union = parts[0] if len(parts) == 1 else {"oneOf": parts}
            return nullable(union) if type(None) in arguments else union
        if origin is tuple:
            return {"type": "array", "items": self.schema(arguments[0])}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            value = self.schema(arguments[1])
            return {"type": "object", "additionalProperties": value or True}
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return {"type": "string", "enum": [member.value for member in hint]}
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.define(hint)
        raise TypeError(f"no JSON Schema for {hint}")

    def _described(self, owner: str, name: str, schema: Schema) -> Schema:
        return {
            "title": _title(name),
            "description": DESCRIPTIONS.get(f"{owner}.{name}") or DESCRIPTIONS[name],
            **_with_words(owner, name, schema),
        }


def strict(properties: Mapping[str, Schema]) -> Schema:
    """An object that has all of *properties* and no others: our documents never leave a key out."""
    named = {
        name: schema if "title" in schema else {"title": _title(name), "description": DESCRIPTIONS[name], **schema}
        for name, schema in properties.items()
    }
    return {"type": "object", "required": list(named), "additionalProperties": False, "properties": named}


def nullable(schema: Schema) -> Schema:
    """*schema*, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _with_words(owner: str, name: str, schema: Schema) -> Schema:
    """*schema* limited to the words that a text field may hold, where these are known."""
    words = WORDS.get(f"{owner}.{name}", WORDS.get(name))
    if not words:
        return schema
    if schema.get("type") == "array":
        return {**schema, "items": {"type": "string", "enum": list(words)}}
    if schema.get("type") == ["string", "null"]:
        return {"enum": [*words, None]}
    return {"type": "string", "enum": list(words)}


def _headline(cls: type[Any]) -> Schema:
    text = " ".join((inspect.getdoc(cls) or "").split()).replace("*", "")
    return {"title": cls.__name__, "description": text}


def _title(name: str) -> str:
    return name.lstrip("@").replace("_", " ").capitalize()
