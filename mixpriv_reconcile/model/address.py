"""Addresses: one name for the same thing in plans, state, `--target` and events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

__all__ = ["ADDRESS", "NAME", "Address"]

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
"""How names read, as a pattern without its ends (contract §1)."""

ADDRESS = re.compile(rf"{NAME}\.[a-z_]+(?:\.{NAME})?")
"""How the addresses of a state read; what a person types is only taken apart."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """`web-eu.deletions.2026-11-forgotten`: a project, a kind, and a name where a kind has several."""

    project: str
    kind: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that *text* spells; raises `ValueError` where it isn't `PROJECT.KIND[.NAME]`."""
        parts = text.split(".")
        if len(parts) not in (2, 3) or not all(parts):
            raise ValueError(text)
        return cls(*parts)

    def matches(self, pattern: str) -> bool:
        """Whether *pattern*, an address with `*`, `?` or `[…]`, names this one; a whole project's or kind's name does too."""
        text = str(self)
        return fnmatchcase(text, pattern) or fnmatchcase(text, pattern + ".*")

    def __str__(self) -> str:
        return ".".join(part for part in (self.project, self.kind, self.name) if part)
