"""How an apply that left work is carried on, in the words of a hint."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Repeat", "of_digest", "of_file"]

PLAN_ANEW = "run `mixpriv plan` and have it approved"


@dataclass(frozen=True, slots=True)
class Repeat:
    """What to run, before a word such as `later`: *same* where only what this apply was about is left, *anew* where that takes another
    plan than the one that was carried out. Without an approval of one plan both are the same.
    """

    same: str = "run `mixpriv apply` again"
    anew: str = "run `mixpriv apply` again"


def of_file(words: str) -> Repeat:
    """After an apply of a saved plan, *words* on its command line: it is carried on with, or nobody has approved what would be done."""
    return Repeat(f"run `mixpriv apply {words}` again", PLAN_ANEW)


def of_digest() -> Repeat:
    """After an apply with `--expect`: what is left has another digest."""
    return Repeat(PLAN_ANEW, PLAN_ANEW)
