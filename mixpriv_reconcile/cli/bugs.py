"""What is told of what no rule foresees: kinds of errors and places in the code. An error's own text might quote an id or a token."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from types import TracebackType

from mixpriv_reconcile.errors import MixprivError, OutOfMemory

__all__ = ["BUG", "error_text", "mask_uncaught", "output_trouble", "traceback_text", "trouble_of"]

BUG = "MP0009"


def trouble_of(error: Exception) -> MixprivError:
    """*error* as something to act on: what it is already, a want of memory, or a bug, which has the place that a person can pass on."""
    if isinstance(error, MixprivError):
        return error
    if isinstance(error, MemoryError):
        hint = "give it more memory and run it again; what was acknowledged is saved"
        return OutOfMemory("MP0449", "there is no memory left for this", hint)
    places = list(_places(error.__traceback__))
    message = f"a bug in mixpriv: {type(error).__name__} at {places[-1][0] if places else 'unknown'}"
    trouble = MixprivError(BUG, message, "nothing that was acknowledged is lost; please report it with this line")
    trouble.__cause__ = error
    return trouble


def output_trouble(error: OSError) -> MixprivError:
    """That standard output, or standard error, can't be written."""
    hint = "what was done is saved; make room where the output goes, then run `mixpriv status`"
    return MixprivError("MP0533", f"can't write the output: {os.strerror(error.errno or 0)}", hint)


def error_text(error: MixprivError) -> str:
    """*error* as it is printed where nothing more may be loaded, or go wrong, for it."""
    return f"error[{error.code}]: {error.message}\n\nhint: {error.hint}\n\nError: 1 error ({error.code})."


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
