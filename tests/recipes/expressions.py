"""`${{ }}` of GitHub Actions, as far as the recipes use it; whatever else is met is an error, never a guess.

How values compare is in `values.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .values import NotKnown, are_equal, has_in_it, is_more, is_truthy, spelled, starts_with

__all__ = ["HOLE", "STATUS", "Known", "NotKnown", "evaluated", "filled", "holds"]

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||[=!<>]=|[!<>(),])|(?P<number>[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?))"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*))"
)
HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("success", "failure", "cancelled", "always")
TOLD = {"contains": has_in_it, "startsWith": starts_with}
"""Functions of two values."""


@dataclass(frozen=True, slots=True)
class Known:
    """What can be asked: the contexts by name, and how the job stands. A context that is a function answers for one name after it.

    Within `github.event`, `inputs` and the outputs of a step what isn't there is null, as on GitHub; anywhere else it is an error,
    for GitHub would take a slip for null, too.
    """

    contexts: Mapping[str, Any]
    has_failed: bool = False
    is_cancelled: bool = False


def filled(text: str, known: Known) -> str:
    """*text* with each `${{ }}` replaced by what it comes to."""
    return HOLE.sub(lambda found: spelled(evaluated(found[1], known)), text)


def holds(condition: str | None, known: Known) -> bool:
    """Whether a job or step with this `if:` runs. Without a status function in it, `success()` must hold too."""
    is_well = not (known.has_failed or known.is_cancelled)
    if condition is None:
        return is_well
    inner = HOLE.fullmatch(condition.strip())
    expression = inner[1] if inner else condition
    asks_status = any(re.search(rf"\b{name}\(\)", expression) for name in STATUS)
    return is_truthy(evaluated(expression, known)) and (asks_status or is_well)


def evaluated(expression: str, known: Known) -> Any:
    """What *expression* comes to."""
    reader = _Reader(_tokens(expression), known)
    value = reader.either()
    if reader.left:
        raise NotKnown(f"{expression!r}: can't be read from {reader.left[0]!r} on")
    return value


def _tokens(expression: str) -> list[str]:
    found, place = [], 0
    while expression[place:].strip():
        match = TOKEN.match(expression, place)
        if match is None:
            raise NotKnown(f"{expression!r}: nothing known at {expression[place:]!r}")
        found.append(match[0].strip())
        place = match.end()
    return found


@dataclass
class _Reader:
    left: list[str]
    known: Known

    def either(self) -> Any:
        value = self.both()
        while self._took("||"):
            other = self.both()
            value = value if is_truthy(value) else other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self._took("&&"):
            other = self.compared()
            value = other if is_truthy(value) else value
        return value

    def compared(self) -> Any:
        value = self.ordered()
        while sign := self._took("==", "!="):
            value = are_equal(value, self.ordered()) is (sign == "==")
        return value

    def ordered(self) -> Any:
        value = self.single()
        while sign := self._took("<=", ">=", "<", ">"):
            other = self.single()
            low, high = (value, other) if sign[0] == "<" else (other, value)
            value = is_more(high, low) or (sign[1:] == "=" and are_equal(low, high))
        return value

    def single(self) -> Any:
        if self._took("!"):
            return not is_truthy(self.single())
        if self._took("("):
            value = self.either()
            self._must(")")
            return value
        if not self.left:
            raise NotKnown("an expression ends too early")
        token = self.left.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token[0] in "+-0123456789":
            return float(int(token, 16)) if "x" in token else float(token)
        if not token[0].isidentifier():
            raise NotKnown(f"{token!r} stands where a value must")
        return self._called(token) if self._took("(") else self._named(token)

    def _called(self, name: str) -> bool:
        """A function's answer; its first bracket is behind."""
        if name in TOLD:
            first = self.either()
            self._must(",")
            second = self.either()
            self._must(")")
            return TOLD[name](first, second)
        self._must(")")
        known = self.known
        answers: Mapping[str, Callable[[], bool]] = {
            "success": lambda: not (known.has_failed or known.is_cancelled),
            "failure": lambda: known.has_failed and not known.is_cancelled,
            "cancelled": lambda: known.is_cancelled,
            "always": lambda: True,
        }
        if name not in answers:
            raise NotKnown(f"the function {name} isn't known")
        return answers[name]()

    def _named(self, path: str) -> Any:
        if path in ("true", "false", "null"):
            return None if path == "null" else path == "true"
        context, *rest = path.split(".")
        if context not in self.known.contexts:
            raise NotKnown(f"the context {context} isn't known")
        value = self.known.contexts[context]
        for depth, name in enumerate(rest):
            if callable(value):
                value = value(name)
            elif isinstance(value, Mapping) and name in value:
                value = value[name]
            elif context == "inputs" or (rest[:1] == ["event"] and depth) or (context == "steps" and rest[1:depth] == ["outputs"]):
                return None
            else:
                raise NotKnown(f"{path}: there is no {name}")
        return value

    def _took(self, *signs: str) -> str:
        """The sign that comes next, if it is one of these, taken away; empty where it isn't."""
        return self.left.pop(0) if self.left and self.left[0] in signs else ""

    def _must(self, sign: str) -> None:
        if not self._took(sign):
            raise NotKnown(f"{sign!r} is missing")
