"""What a distinct id may not be: empty, a placeholder, or longer than the bound. `sieve` applies it to whole chunks at a time."""

from __future__ import annotations

import functools

from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS

__all__ = ["Rules", "rules_of"]


class Rules:
    """The rules of one run. Ids in *allowed* are let through though they are placeholders."""

    __slots__ = ("id_bytes", "placeholders")

    def __init__(self, id_bytes: int, allowed: frozenset[str]) -> None:
        self.id_bytes = id_bytes
        self.placeholders = frozenset(value.encode() for value in PLACEHOLDERS - {folded(value.encode()).decode() for value in allowed})

    def refuse(self, value: bytes) -> bool:
        """Whether a rule refuses this id."""
        return not 0 < len(value) <= self.id_bytes or folded(value) in self.placeholders

    def wording(self, value: bytes) -> tuple[str, str, str]:
        """Code, message and hint for an id that is refused; the id itself isn't in them."""
        if not value:
            return "MP0411", "this distinct id is empty", "fill it in, or remove the line"
        if len(value) > self.id_bytes:
            message = f"this distinct id has {len(value):,} bytes; at most {self.id_bytes:,} are allowed"
            return "MP0413", message, "check that the file has line ends and the right column; or set MIXPRIV_MAX_ID_BYTES"
        name = folded(value).decode()
        message = f"this distinct id is the placeholder {name!r}, which many users may share"
        return "MP0412", message, "remove it; if it is a real id, list it in `policy.allow_placeholder_ids`"


@functools.lru_cache(maxsize=1)
def rules_of(id_bytes: int, allowed: frozenset[str]) -> Rules:
    """The rules of a run, made once for all of its requests."""
    return Rules(id_bytes, allowed)


def folded(value: bytes) -> bytes:
    """*value* with small ASCII letters; others stay, for placeholders have none."""
    return value.lower()
