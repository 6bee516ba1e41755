"""jsonschema over the manifest's schema: what it refuses is refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from mixpriv_reconcile.manifest.fitting import compiled_pattern, is_whole_number
from mixpriv_reconcile.manifest.schema import manifest_schema

__all__ = ["errors_in"]


def errors_in(values: Any) -> Iterator[ValidationError]:
    """Everything in *values* that the schema doesn't allow. The errors' own texts quote values, and are for nobody's eyes."""
    errors: Iterator[ValidationError] = _validator().iter_errors(values)
    return errors


@cache
def _validator() -> Any:
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: is_whole_number(value))
    strict = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _pattern, "type": _type}, type_checker=types
    )
    return strict(manifest_schema(), format_checker=FormatChecker(["date"]))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and compiled_pattern(pattern).search(instance) is None:
        yield ValidationError("does not match")


def _type(validator: Any, wanted: str | list[str], instance: Any, schema: Any) -> Iterator[ValidationError]:
    # The library's own writes the value into its text, which takes more stack than there is for one that is nested very deep.
    if not any(validator.is_type(instance, each) for each in ([wanted] if isinstance(wanted, str) else wanted)):
        yield ValidationError("is of another type")
