"""What libyaml stumbled over, in words that never quote the file."""

from __future__ import annotations

import re

import yaml

from mixpriv_reconcile.manifest.document import Flaw, Place
from mixpriv_reconcile.manifest.lines import Lines, lines_of

__all__ = ["TAB_HINT", "TAB_MESSAGE", "syntax_flaw"]

TAB_MESSAGE = "a tab stands where YAML wants spaces"
TAB_HINT = "write spaces; inside an id or another value in quotes a tab may stay"
UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TAB_INDENT = re.compile(r" *\t")


def syntax_flaw(error: yaml.YAMLError, text: str) -> Flaw:
    """The place where *text* stops being YAML, and why."""
    unfit = UNFIT.search(text) if getattr(error, "problem_mark", None) is None else None
    if unfit is not None:
        message = "this isn't YAML: a control character stands here"
        hint = 'remove it, or write it as an escape in double quotes, e.g. "\\x01"'
        return Flaw("MP0104", message, hint, Place(*Lines(text).at(unfit.start())), is_syntax=True)
    line, column = _line_and_column(error, text)
    shown = lines_of(text)[line - 1]
    # Tabs are what the eye can't see, so they are named wherever they are to blame.
    tab = shown.find("\t") if TAB_INDENT.match(shown) else column - 1 if shown[column - 1 : column] == "\t" else -1
    if tab >= 0:
        return Flaw("MP0105", TAB_MESSAGE, TAB_HINT, Place(line, tab + 1), is_syntax=True)
    problem = getattr(error, "problem", None)  # one of libyaml's constant texts
    words = problem if isinstance(problem, str) and problem.isascii() else "it is malformed here"
    hint = "look at the indentation, quotes, brackets and colons of this line and the one before"
    return Flaw("MP0104", f"this isn't YAML: {words}", hint, Place(line, column), is_syntax=True)


def _line_and_column(error: yaml.YAMLError, text: str) -> tuple[int, int]:
    """Where the problem is; what is never closed is shown where it begins, and not at the end of the file."""
    problem, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    mark = context if problem is not None and context is not None and problem.index >= len(text) else problem
    return Lines(text).at(min(mark.index, len(text))) if mark is not None else (1, 1)
