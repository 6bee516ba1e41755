"""Bounds against hostile or broken input; each is raised only by its own `MIXPRIV_MAX_…` variable (contract §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from mixpriv_reconcile.errors import WrongUsage

__all__ = ["Bounds"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large things may be. The variable of a bound is its name in capitals behind `MIXPRIV_MAX_`.

    *alias_values* are those that all uses of aliases repeat together, which a thousand uses of a long anchor multiply; checking
    that many takes seconds. A hundred ids count as one.
    """

    id_bytes: int = 1024
    manifest_bytes: int = 64 * 2**20
    depth: int = 64
    alias_uses: int = 1000
    alias_values: int = 100_000
    gzip_ratio: int = 200
    ids_per_request: int = 50_000_000
    secret_bytes: int = 64 * 2**10
    opt_out_entries: int = 1_000_000
    pulled_bytes: int = 2**30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Bounds:
        """The bounds in force; a value that isn't a positive whole number raises `WrongUsage`."""
        raised: dict[str, int] = {}
        for bound in fields(cls):
            variable = cls.variable(bound.name)
            text = environment.get(variable)
            if text is None:
                continue
            if not text.isascii() or not text.isdigit() or int(text) < 1:
                raise WrongUsage("MP0006", f"{variable} must be a whole number of at least 1", f"unset {variable}, or set it to a number")
            raised[bound.name] = int(text)
        return cls(**raised)

    @staticmethod
    def variable(name: str) -> str:
        """The environment variable that raises the bound *name*."""
        return f"MIXPRIV_MAX_{name.upper()}"
