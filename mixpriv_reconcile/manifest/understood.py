"""What is understood of manifests that have errors: enough to look for all the other ones in the same run."""

from __future__ import annotations

from dataclasses import dataclass, field

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.resource import DesiredState

__all__ = ["NAMELESS", "Part"]

NAMELESS = "?"
"""Stands in addresses for a name that can't be one: it may be an id or a secret that went astray."""


@dataclass(frozen=True, slots=True)
class Part:
    """Wishes that are checked by themselves: the workspace, or a project whose name is another one's too, or none.

    Where there are errors *desired* has stand-ins for what was refused or is missing: an empty path for one that isn't known, every
    placeholder id allowed where it isn't known which are. Nothing is ever planned from it. *unsure* are the addresses of what depends on
    something that isn't known, such as an SDK on its project's region.
    """

    desired: DesiredState
    unsure: frozenset[Address] = field(default_factory=frozenset)
