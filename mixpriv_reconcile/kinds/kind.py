"""What a kind is: one value of facts and pure functions, in one file of this folder, named `KIND`."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.resource import Block, Spec
from mixpriv_reconcile.model.situation import Situation

__all__ = ["Kind", "Lifecycle"]


class Lifecycle(enum.Enum):
    """How a kind comes true."""

    REQUESTED = "requested"  # once sent it runs for weeks at the other side
    ASSERTED = "asserted"  # only checked; nobody can change it
    RENDERED = "rendered"  # a file that is written
    MANUAL = "manual"  # a person does it
    CONFORMED = "conformed"  # somebody's source file


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name in addresses, its place in the order of work, its manifest schema, its rules.

    *per_name* tells whether the project's key holds a mapping of names (deletions) or the one block (sso); *names* are the only ones
    there are, where they aren't the user's choice. *read* turns a
    block into a spec and findings: what the schema refused is no longer in it, and where something required is missing it says
    what else is wrong, and gives a spec with a stand-in for it (an empty path), or none; *diff*
    says what to do in a situation. Both are pure.
    """

    name: str
    lifecycle: Lifecycle
    order: int
    per_name: bool
    schema: Mapping[str, Any]
    read: Callable[[Block], tuple[Spec | None, Iterable[Diagnostic]]]
    diff: Callable[[Situation], Change | None]
    follows: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
