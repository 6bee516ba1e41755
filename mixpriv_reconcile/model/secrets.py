"""Values that must never be printed; masking is by type, never by searching strings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["RawIds", "Secret", "SecretRef", "Unmasked"]

MASK = "‹masked›"


class Secret:
    """A token. `repr`, `str` and format print a mask; `reveal()` is the only way to the value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the wire only."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


class Unmasked(Secret):
    """A line of a source with its ids, or an id, for the eyes of a person at a terminal who asked for it with `--show-ids`."""

    __slots__ = ()


class RawIds(Sequence[str]):
    """Distinct ids on their way to the wire; printing them prints their number."""

    __slots__ = ("_ids",)

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        found = self._ids[index]
        return RawIds(found) if isinstance(index, slice) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __repr__(self) -> str:
        return f"‹{len(self._ids)} distinct ids›"

    def __str__(self) -> str:
        return repr(self)

    def __reduce__(self) -> str:
        raise TypeError("RawIds are not pickled")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret lies: the name of an environment variable, or the path of a file. Never the secret."""

    env: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        return f"environment variable {self.env}" if self.env is not None else f"file {self.file}"
