"""`${{ }}` of GitHub Actions, as far as the recipes use it; whatever else is met is an error, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Known", "NotKnown", "evaluated", "filled", "holds"]

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|!|\(|\))|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*))")
HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("success", "failure", "cancelled", "always")


class NotKnown(AssertionError):
    """An expression with something in it that this evaluator, or the context, doesn't have."""


@dataclass(frozen=True, slots=True)
class Known:
    """What can be asked: the contexts by name, and how the job stands. A context that is a function answers for one name after it.

    Within `github.event` and `inputs` what isn't there is empty, as on GitHub; anywhere else it is an error.
    """

    contexts: Mapping[str, Any]
    has_failed: bool = False


def filled(text: str, known: Known) -> str:
    """*text* with each `${{ }}` replaced by what it comes to."""
    return HOLE.sub(lambda found: spelled(evaluated(found[1], known)), text)


def holds(condition: str | None, known: Known) -> bool:
    """Whether a job or step with this `if:` runs. Without a status function in it, only while nothing failed."""
    if condition is None:
        return not known.has_failed
    inner = HOLE.fullmatch(condition.strip())
    expression = inner[1] if inner else condition
    asks_status = any(re.search(rf"\b{name}\(\)", expression) for name in STATUS)
    return bool(evaluated(expression, known)) and (asks_status or not known.has_failed)


def evaluated(expression: str, known: Known) -> Any:
    """What *expression* comes to."""
    reader = _Reader(_tokens(expression), known)
    value = reader.either()
    if reader.left:
        raise NotKnown(f"{expression!r}: can't be read from {reader.left[0]!r} on")
    return value


def spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str | int):
        return "" if value is None else str(value)
    raise NotKnown(f"{value!r} has no spelling")


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
            value = value or other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self._took("&&"):
            other = self.compared()
            value = other if value else value
        return value

    def compared(self) -> Any:
        value = self.single()
        for sign, is_wanted in (("==", True), ("!=", False)):
            if self._took(sign):
                return (spelled(value).casefold() == spelled(self.single()).casefold()) is is_wanted
        return value

    def single(self) -> Any:
        if self._took("!"):
            return not self.single()
        if self._took("("):
            value = self.either()
            self._must(")")
            return value
        if not self.left:
            raise NotKnown("an expression ends too early")
        token = self.left.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._took("("):
            self._must(")")
            return self._status(token)
        return self._named(token)

    def _status(self, name: str) -> bool:
        answers: Mapping[str, Callable[[], bool]] = {
            "success": lambda: not self.known.has_failed,
            "failure": lambda: self.known.has_failed,
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        if name not in answers:
            raise NotKnown(f"the function {name} isn't known")
        return answers[name]()

    def _named(self, path: str) -> Any:
        if path in ("true", "false"):
            return path == "true"
        context, *rest = path.split(".")
        if context not in self.known.contexts:
            raise NotKnown(f"the context {context} isn't known")
        value = self.known.contexts[context]
        for depth, name in enumerate(rest):
            if callable(value):
                value = value(name)
            elif isinstance(value, Mapping) and name in value:
                value = value[name]
            elif context == "inputs" or (rest[:1] == ["event"] and depth):
                return None
            else:
                raise NotKnown(f"{path}: there is no {name}")
        return value

    def _took(self, sign: str) -> bool:
        if self.left[:1] == [sign]:
            self.left.pop(0)
            return True
        return False

    def _must(self, sign: str) -> None:
        if not self._took(sign):
            raise NotKnown(f"{sign!r} is missing")
