"""Whether a manifest keeps to its schema, answered faster than by jsonschema, and without loading that.

jsonschema stays the arbiter: it is asked whenever the answer here is not yes, and every finding is its own. What is here knows the
keywords that the manifest's schema has, each as jsonschema takes it; a schema with another one fits
nothing, and schemas that refer to themselves are not for it. A test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, TypeAlias

from mixpriv_reconcile.manifest.schema import manifest_schema

__all__ = ["check_for", "compiled_pattern", "is_fit", "is_whole_number"]

Check: TypeAlias = Callable[[Any], bool]

WORDS_FOR_READERS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "default", "x-shown-as"})
"""Keywords that validate nothing."""

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _UnknownKeyword(Exception):
    """A keyword that only jsonschema knows."""


def is_fit(values: Any) -> bool:
    """Whether jsonschema is sure to find nothing in *values*, the content of a manifest."""
    return _manifest_check()(values)


def is_whole_number(value: Any) -> bool:
    """1.0 is no whole number here, other than in JSON Schema."""
    return isinstance(value, int) and not isinstance(value, bool)


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """*pattern*, whose `$` is the end of the text, as in JSON Schema and other than in Python."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def check_for(root: Mapping[str, Any]) -> Check:
    """The check for a whole schema; one that holds a keyword which only jsonschema knows finds nothing fit."""
    shared: dict[str, Check] = {}

    def reference(target: str) -> Check:
        """The check of a shared schema, made when it is first needed."""
        name = target.removeprefix("#/$defs/")
        if name not in shared:
            shared[name] = _check(root["$defs"][name], reference)
        return shared[name]

    try:
        return _check(root, reference)
    except _UnknownKeyword:
        return lambda _: False


@cache
def _manifest_check() -> Check:
    return check_for(manifest_schema())


def _check(schema: Mapping[str, Any], reference: Callable[[str], Check]) -> Check:
    """The check for *schema*; raises `_UnknownKeyword`."""
    checks = []
    for keyword, wanted in schema.items():
        if keyword in WORDS_FOR_READERS or (keyword == "additionalProperties" and "properties" in schema):
            continue
        match keyword:
            case "$ref":
                checks.append(reference(wanted))
            case "properties":
                checks.append(_properties({key: _check(inner, reference) for key, inner in wanted.items()}, schema, reference))
            case "additionalProperties" if isinstance(wanted, dict):
                checks.append(_every_value(_check(wanted, reference)))
            case "propertyNames":
                checks.append(_every_key(_check(wanted, reference)))
            case "items":
                checks.append(_every_item(_check(wanted, reference)))
            case "anyOf":
                checks.append(_any_of([_check(inner, reference) for inner in wanted]))
            case "oneOf":
                checks.append(_one_of([_check(inner, reference) for inner in wanted]))
            case "not":
                checks.append(_not(_check(wanted, reference)))
            case _:
                checks.append(_plain(keyword, wanted))
    return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)


TYPES: Mapping[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": is_whole_number,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def _plain(keyword: str, wanted: Any) -> Check:
    """The check for a keyword that holds no other schemas. A bound says nothing of what isn't a number, nor a form of what isn't text.

    Raises `_UnknownKeyword`.
    """
    is_number = TYPES["number"]
    match keyword:
        case "type":
            return _any_of([TYPES[name] for name in wanted]) if isinstance(wanted, list) else TYPES[wanted]
        case "required":
            return lambda value: not isinstance(value, dict) or all(key in value for key in wanted)
        case "enum" if all(isinstance(one, str) for one in wanted):
            return lambda value: isinstance(value, str) and value in wanted
        case "const" if is_number(wanted):
            return lambda value: is_number(value) and value == wanted
        case "pattern":
            search = compiled_pattern(wanted).search
            return lambda value: not isinstance(value, str) or search(value) is not None
        case "format" if wanted == "date":
            return lambda value: not isinstance(value, str) or _is_day(value)
        case "minLength":
            return lambda value: not isinstance(value, str) or len(value) >= wanted
        case "minimum":
            return lambda value: not is_number(value) or not value < wanted
        case "exclusiveMinimum":
            return lambda value: not is_number(value) or not value <= wanted
        case "maximum":
            return lambda value: not is_number(value) or not value > wanted
        case _:
            raise _UnknownKeyword


def _properties(known: Mapping[str, Check], schema: Mapping[str, Any], reference: Callable[[str], Check]) -> Check:
    """`properties` and `additionalProperties` in one pass over the keys that are there."""
    rest = schema.get("additionalProperties", True)
    others: Check = _check(rest, reference) if isinstance(rest, dict) else lambda _: bool(rest)
    get = known.get

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for key, item in value.items():
                if not get(key, others)(item):
                    return False
        return True

    return check


def _every_value(check: Check) -> Check:
    return lambda value: not isinstance(value, dict) or all(map(check, value.values()))


def _every_key(check: Check) -> Check:
    return lambda value: not isinstance(value, dict) or all(map(check, value))


def _every_item(check: Check) -> Check:
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _any_of(checks: list[Check]) -> Check:
    def check(value: Any) -> bool:
        return any(one(value) for one in checks)

    return check


def _one_of(checks: list[Check]) -> Check:
    return lambda value: sum(one(value) for one in checks) == 1


def _not(check: Check) -> Check:
    return lambda value: not check(value)


def _is_day(text: str) -> bool:
    if DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
