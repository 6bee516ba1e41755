"""How GitHub Actions compares values in `${{ }}`: null, booleans, numbers and texts.

As in `EvaluationResult` and `ExpressionUtility` of github.com/actions/runner, and on
https://docs.github.com/actions/reference/workflows-and-actions/expressions#operators: values of two kinds are compared as numbers, so
`null == '0'` holds, and nothing is equal to, less or more than NaN.
"""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["NotKnown", "are_equal", "has_in_it", "is_more", "is_truthy", "spelled", "starts_with"]

DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class NotKnown(AssertionError):
    """An expression with something in it that this evaluator, or the context, doesn't have."""


def are_equal(left: Any, right: Any) -> bool:
    """`==`; texts whatever their case."""
    if isinstance(left, str) and isinstance(right, str):
        return _folded(left) == _folded(right)
    if left is None and right is None:
        return True
    return _number(left) == _number(right)


def is_more(left: Any, right: Any) -> bool:
    """`>`."""
    if isinstance(left, str) and isinstance(right, str):
        return _folded(left) > _folded(right)
    if left is None and right is None:
        return False
    return _number(left) > _number(right)


def is_truthy(value: Any) -> bool:
    """All but null, false, 0, NaN and the empty text."""
    return bool(value) and value == value  # NaN isn't itself


def has_in_it(whole: Any, part: Any) -> bool:
    """`contains`, of a text or a list."""
    if isinstance(whole, list | tuple):
        return any(are_equal(one, part) for one in whole)
    return _folded(spelled(part)) in _folded(spelled(whole))


def starts_with(whole: Any, part: Any) -> bool:
    """`startsWith`."""
    return _folded(spelled(whole)).startswith(_folded(spelled(part)))


def spelled(value: Any) -> str:
    """What stands in the place of `${{ }}`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int | float) and not math.isnan(value) and not math.isinf(value):
        return f"{value:.15g}"
    raise NotKnown(f"{value!r} has no spelling")


def _number(value: Any) -> float:
    if value is None:
        return 0.0
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        raise NotKnown(f"{value!r} is compared, and is no single value")
    text = value.strip()
    if not text or DECIMAL.fullmatch(text):
        return float(text or 0)
    if re.fullmatch("0x[0-9a-fA-F]+|0o[0-7]+", text):
        return float(int(text, 0))
    return {"Infinity": math.inf, "-Infinity": -math.inf}.get(text, math.nan)


def _folded(text: str) -> str:
    """*text* in capitals, a letter for a letter: an `ß` stays one."""
    return "".join(one.upper() if len(one.upper()) == 1 else one for one in text)
