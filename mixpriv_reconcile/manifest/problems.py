"""What jsonschema finds, in our words: it is the arbiter, but its texts quote values, and a value may be an id or a secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.fitting import is_fit

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["Problem", "problems", "spelled"]


class Problem(NamedTuple):
    """A finding at *path*, or (*is_key*) at the key there; *is_bad*: what stands there can't be used, rather than lacks something.

    *word* is the key that is missing, or what an unknown key was most likely meant to be, empty where that can't be guessed.
    """

    code: str
    message: str
    hint: str
    path: Path
    is_key: bool = False
    is_bad: bool = True
    word: str = ""


WANTED = {"MP0207": ("distinct_ids", "from")}
"""Keys of which one is enough, by the code of the finding that there is none."""

TYPE_WORDS = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
BOUND_WORDS = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
TOKEN = re.compile(r"[0-9A-Fa-f]{32,}")
REGION_HINT = "write the region that the project was created in: us, eu or in; Mixpanel shows it in the project's settings"
"""No guess by spelling: `uk` looks like `us`, and the wrong region erases nobody."""


def problems(values: Any) -> Iterator[Problem]:
    """Everything in *values* that the manifest's schema doesn't allow, at most one finding a place and kind.

    Of a value of the wrong type nothing else is said.
    """
    if is_fit(values):
        return
    # The library takes a good part of a small workspace's time to load, and nearly all manifests are fit.
    from mixpriv_reconcile.manifest.arbiter import errors_in

    found = [problem for error in errors_in(values) for problem in _of(error)]
    unusable = {problem.path for problem in found if problem.code == "MP0203"}
    unknown = {problem.path[:-1] for problem in found if problem.code == "MP0201"}
    misspelt = {(*problem.path[:-1], problem.word) for problem in found if problem.code == "MP0201"}
    seen: set[tuple[str, Path, bool]] = set()
    for problem in found:
        mark = (problem.code, problem.path, problem.is_key)
        is_echo = problem.code in ("MP0204", "MP0206", "MP0209") and problem.path in unusable
        is_consequence = (problem.code == "MP0212" and problem.path in unknown) or any(
            (*problem.path, word) in misspelt for word in WANTED.get(problem.code, (problem.word,) if problem.code == "MP0202" else ())
        )
        if mark not in seen and not is_echo and not is_consequence:
            seen.add(mark)
            yield problem


def spelled(value: Any) -> str:
    """*value*, an example or a default of the schema, as one would write it in YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {spelled(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spelled, value)) + "]"
    return str(value)


# Our words


def _of(error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    keyword = str(error.validator)
    schema: Any = error.schema
    allowed: Any = error.validator_value
    instance: Any = error.instance
    if keyword == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif keyword == "required":
        for key in allowed:
            if key not in instance and (path, key) != ((), "version"):
                yield Problem("MP0202", f"`{key}` is missing", _missing_hint(key, schema), path, is_key=True, is_bad=False, word=key)
    elif "env" in schema.get("properties", {}):
        yield _reference(path, instance)
    elif path and path[-1] == "env" and keyword in ("pattern", "not", "type"):
        yield _variable(path, instance)
    elif "propertyNames" in error.absolute_schema_path:
        hint = "letters, digits, _ and -, the first a letter or digit"
        yield Problem("MP0211", "this name can't be used", hint, (*path, str(instance)), is_key=True, is_bad=False)
    elif schema.get("format") == "date" and keyword in ("type", "format", "pattern"):
        yield Problem("MP0206", "this must be a day that exists, as YYYY-MM-DD", "e.g. 2026-11-03", path)
    elif keyword == "type":
        wanted = " or ".join(TYPE_WORDS[word] for word in (allowed if isinstance(allowed, list) else [allowed]))
        what = "a value is missing here; it must be" if instance is None else "this must be"
        yield Problem("MP0203", f"{what} {wanted}", _example(schema, path), path)
    elif keyword == "enum":
        hint = REGION_HINT if path and path[-1] == "residency" else _near(error)
        yield Problem("MP0204", f"this must be one of: {', '.join(map(str, allowed))}", hint, path)
    elif keyword == "anyOf":
        yield from _none_of(path)
    elif keyword in BOUND_WORDS:
        yield Problem("MP0205", f"this must be {BOUND_WORDS[keyword]} {allowed}", _bound_hint(schema), path)
    elif keyword == "const":
        yield Problem("MP0208", "this version of mixpriv reads `version: 1`", "write `version: 1`", path)
    else:
        yield Problem("MP0209", "this isn't of the form that is expected here", _example(schema, path), path)


def _unknown_keys(error: ValidationError, path: Path) -> Iterator[Problem]:
    schema: Any = error.schema
    instance: Any = error.instance
    known = list(schema["properties"])
    for key in instance:
        if key not in known:
            near = difflib.get_close_matches(key[:40], known, n=1, cutoff=0.6)
            hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(known))}"
            yield Problem("MP0201", "unknown key", hint, (*path, key), is_key=True, word=near[0] if near else "")


def _reference(path: Path, instance: Any) -> Problem:
    """What stands in the place of a reference to a secret; most likely the secret."""
    key = path[-1]
    hint = f"write `{key}: {{env: NAME}}` or `{key}: {{file: PATH}}`"
    if isinstance(instance, dict) or instance is None:
        return Problem("MP0212", "a reference to a secret has one of `env` and `file`", hint, path, is_bad=instance is None)
    return Problem("MP0210", "a secret never stands in a manifest", f"{hint}, and put the secret there", path)


def _variable(path: Path, instance: Any) -> Problem:
    hint = "write the variable's name, e.g. MIXPANEL_GDPR_TOKEN, and put the secret there"
    if isinstance(instance, str) and TOKEN.fullmatch(instance):
        return Problem("MP0210", "a secret never stands in a manifest; this looks like one", hint, path)
    return Problem("MP0213", "this must be the name of an environment variable: letters, digits and _", hint, path)


def _none_of(path: Path) -> Iterator[Problem]:
    if path:
        hint = "add `distinct_ids:` or `from:`; an empty list means nobody"
        yield Problem("MP0207", "this request names no ids", hint, path, is_key=True, is_bad=False)


def _missing_hint(key: str, schema: Any) -> str:
    property_schema = schema.get("properties", {}).get(key, {})
    if property_schema.get("$ref") == "#/$defs/secretRef":
        return f"add `{key}: {{env: NAME}}`"
    if "enum" in property_schema:
        return f"add `{key}:`, one of: {', '.join(property_schema['enum'])}"
    examples = property_schema.get("examples")
    return f"add `{key}:`" + (f", e.g. `{key}: {spelled(examples[0])}`" if examples else "")


def _bound_hint(schema: Any) -> str:
    if "maximum" in schema:
        return f"write a number from {schema.get('minimum', 'above 0')} to {schema['maximum']}, which is Mixpanel's own limit"
    return f"e.g. {schema['default']}" if "default" in schema else f"write a number from {schema.get('minimum', 1)}"


MEANT = {"azure": "entra", "azuread": "entra", "aad": "entra", "microsoft": "entra", "gsuite": "google", "md5": "sha256", "sha1": "sha256"}
"""What people call some words of the manifest."""


def _near(error: ValidationError) -> str:
    allowed: Any = error.validator_value
    meant = MEANT.get(str(error.instance)[:40].lower())
    if meant in allowed:
        return f"did you mean `{meant}`?"
    near = difflib.get_close_matches(str(error.instance)[:40].lower(), [str(value) for value in allowed], n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"e.g. {allowed[0]}"


def _example(schema: Any, path: Path) -> str:
    examples = schema.get("examples")
    if examples:
        return f"e.g. {spelled(examples[0])}"
    if "default" in schema:
        return f"e.g. {spelled(schema['default'])}"
    if schema.get("type") == "object":
        return "write the keys below it, indented; or leave it out"
    return "leave it out, or give it a value"
