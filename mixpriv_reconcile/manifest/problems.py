"""What jsonschema finds, in our words: it is the arbiter, but its texts quote values, and a value may be an id or a secret."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.schema import manifest_schema

__all__ = ["Problem", "problems"]

Problem = tuple[str, str, str, Path, bool]
"""Code, message, hint, path, and whether the path's key is meant rather than its value."""

TYPE_WORDS = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
SECRETS = frozenset({"token", "gdpr_token"})


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(manifest_schema(), format_checker=FormatChecker(["date"]))


def problems(values: Any) -> Iterator[Problem]:
    """Everything in *values* that the manifest's schema doesn't allow, at most one finding a place and kind."""
    seen: set[tuple[Path, bool, str]] = set()
    for error in _validator().iter_errors(values):
        for problem in _of(error):
            mark = (problem[3], problem[4], problem[0])
            if mark not in seen:
                seen.add(mark)
                yield problem


def _of(error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    keyword = str(error.validator)
    schema: Any = error.schema
    allowed: Any = error.validator_value
    instance: Any = error.instance
    if keyword == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif keyword == "required":
        missing = [key for key in allowed if key not in instance]
        for key in missing:
            if (path, key) != ((), "version"):
                yield ("MP0202", f"`{key}` is missing", f"add `{key}:`", path, True)
    elif path and path[-1] in SECRETS and keyword in ("type", "minProperties", "maxProperties", "oneOf"):
        yield (
            "MP0210",
            "a secret never stands in a manifest",
            f"write a reference: `{path[-1]}: {{env: NAME}}` or `{path[-1]}: {{file: PATH}}`, and put the secret there",
            path,
            False,
        )
    elif keyword == "type":
        wanted = allowed if isinstance(allowed, list) else [allowed]
        yield ("MP0203", f"this must be {' or '.join(TYPE_WORDS[word] for word in wanted)}", _example(schema), path, False)
    elif keyword == "enum":
        yield ("MP0204", f"this must be one of: {', '.join(map(str, allowed))}", _near(error), path, False)
    elif keyword == "anyOf":
        yield from _none_of(path)
    elif keyword in ("minimum", "maximum", "exclusiveMinimum"):
        yield ("MP0205", _bound_words(keyword, allowed), "", path, False)
    elif schema.get("format") == "date" or keyword == "format":
        yield ("MP0206", "this must be a day that exists, as YYYY-MM-DD", "e.g. 2026-11-03", path, False)
    elif "propertyNames" in error.absolute_schema_path:
        yield from _bad_name(error, path)
    elif keyword == "const":
        yield ("MP0208", "this version of mixpriv reads `version: 1`", "write `version: 1`", path, False)
    else:
        yield ("MP0209", "this isn't of the form that is expected here", _example(schema), path, False)


def _unknown_keys(error: ValidationError, path: Path) -> Iterator[Problem]:
    schema: Any = error.schema
    instance: Any = error.instance
    known = list(schema["properties"])
    for key in instance:
        if key in known:
            continue
        near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.6)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(known))}"
        yield ("MP0201", "unknown key", hint, (*path, key), True)


def _none_of(path: Path) -> Iterator[Problem]:
    if path:
        yield ("MP0207", "this request names no ids", "add `distinct_ids:` or `from:`; an empty list means nobody", path, True)
    else:
        yield ("MP0202", "neither `workspace` nor `projects` is here", "add one of them", path, False)


def _bad_name(error: ValidationError, path: Path) -> Iterator[Problem]:
    hint = "letters, digits, _ and -, the first a letter or digit"
    yield ("MP0211", "this name can't be used", hint, (*path, str(error.instance)), True)


def _bound_words(keyword: str, bound: Any) -> str:
    words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
    return f"this must be {words[keyword]} {bound}"


def _near(error: ValidationError) -> str:
    allowed: Any = error.validator_value
    near = difflib.get_close_matches(str(error.instance).lower(), [str(value) for value in allowed], n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else ""


def _example(schema: Any) -> str:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return f"e.g. {examples[0]}" if examples else ""
