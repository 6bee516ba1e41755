"""What is told of a bug: kinds of errors and places in the code. An error's own text might quote a distinct id or a token."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from types import TracebackType

__all__ = ["bug_text", "mask_uncaught", "traceback_text"]


def bug_text(error: BaseException) -> str:
    """The line that a person can pass on, and what to do."""
    places = list(_places(error.__traceback__))
    return (
        f"error[MP0009]: a bug in mixpriv: {type(error).__name__} at {places[-1][0] if places else 'unknown'}\n"
        "hint: nothing that was acknowledged is lost; please report it with this line\n\n"
        "Error: 1 error (MP0009)."
    )


def traceback_text(error: BaseException) -> str:
    """Every place on the way to *error* and to the errors behind it, the newest call last; no text of any of them."""
    return "\n".join(_lines(error, "", set()))


def mask_uncaught() -> None:
    """Have Python tell what nobody catches, in any thread or at the end of an object's life, in the same way."""

    def told(error: BaseException | None) -> None:
        if error is not None:
            print(traceback_text(error), file=sys.stderr)

    sys.excepthook = lambda kind, error, trace: told(error)
    threading.excepthook = lambda uncaught: told(uncaught.exc_value)
    sys.unraisablehook = lambda unraisable: told(unraisable.exc_value)


def _lines(error: BaseException, indent: str, seen: set[int]) -> Iterator[str]:
    if id(error) in seen:
        return
    seen.add(id(error))
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        yield from _lines(behind, indent, seen)
        yield f"{indent}which led to:"
    for place, function in _places(error.__traceback__):
        yield f"{indent}  {place} in {function}"
    yield f"{indent}{type(error).__name__}"
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield f"{indent}with:"
        yield from _lines(one, f"{indent}  ", seen)


def _places(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    """Each call's file and line, and its function; the newest call last."""
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}", code.co_name
        trace = trace.tb_next
