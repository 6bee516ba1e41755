"""What is told of a bug names places, and no text that could quote an id or a token."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.bugs import error_text, traceback_text, trouble_of

CANARY = "canary.person@example.com"


def deep() -> None:
    """An error of Python's own that quotes what it was given, with one behind it and a group around it."""
    try:
        try:
            int(CANARY)
        except ValueError:
            {}[CANARY]
    except KeyError as error:
        error.add_note(CANARY)
        try:
            raise ValueError(CANARY) from error
        except ValueError as one:
            raise ExceptionGroup(CANARY, [one, OSError(2, "no file", CANARY)]) from None


def raised() -> BaseException:
    with pytest.raises(ExceptionGroup) as caught:
        deep()
    return caught.value


def test_a_bug_is_told_by_kind_and_place() -> None:
    """The line to report names the kind of error and the file and line where it was raised, not its text."""
    told = error_text(trouble_of(raised()))
    assert "ExceptionGroup at test_bugs.py:" in told
    assert CANARY not in told


def test_a_traceback_names_every_place_and_no_text() -> None:
    """A traceback holds all errors of a chain and of a group with the way to each, and nothing that any of them quotes."""
    told = traceback_text(raised())
    assert CANARY not in told
    for kind in ("ValueError", "KeyError", "ExceptionGroup", "FileNotFoundError"):
        assert kind in told
    assert " in deep" in told
    assert "which led to:" in told


def test_an_error_without_a_place() -> None:
    """An error that was never raised, or that is its own cause, is told all the same."""
    error = ValueError(CANARY)
    error.__cause__ = error
    assert "ValueError at unknown" in error_text(trouble_of(error))
    assert traceback_text(error).split() == ["which", "led", "to:", "ValueError"]


UNCAUGHT = {
    "main": "raise ValueError(canary)",
    "thread": "import threading; thread = threading.Thread(target=int, args=(canary,)); thread.start(); thread.join()",
    "finaliser": "type('C', (), {'__del__': lambda self: int(canary), '__repr__': lambda self: canary})()",
}


@pytest.mark.parametrize("where", UNCAUGHT)
def test_what_nobody_catches_shows_no_text(where: str) -> None:
    """An error that nobody catches, in whatever thread or at an object's end, is told by its kind."""
    code = f"import os; from mixpriv_reconcile.cli.bugs import mask_uncaught; mask_uncaught(); canary = os.environ['CANARY']; {UNCAUGHT[where]}"
    environment = {**os.environ, "CANARY": CANARY, "PYTHONPATH": str(Path(__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-X", "dev", "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "ValueError" in ran.stderr
    assert CANARY not in ran.stdout + ran.stderr
