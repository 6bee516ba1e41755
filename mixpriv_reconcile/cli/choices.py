"""Words to choose from: who mistypes one is told the nearest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

__all__ = ["Choice", "did_you_mean"]


class Choice(click.Choice[str]):
    """click's choice, which names the values that there are, and after them the one that was most likely meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return super().get_invalid_choice_message(value, ctx) + did_you_mean(str(value), self.choices)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'plan'?`, or nothing where none of *known* is near to *word*; the sentence that click has for options."""
    import difflib  # a run that ends well has no need of it

    near = difflib.get_close_matches(word[:40], known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
