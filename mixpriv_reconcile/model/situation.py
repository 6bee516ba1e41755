"""What a kind looks at to decide one address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Resource
from mixpriv_reconcile.model.state import Record, State, TaskKey
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["Situation"]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a kind may look at to decide one address: what is wished, what is remembered, what day it is.

    *resource* is None for something that left the manifest. *cap* is the most ids in one request. *retry* says that the
    user asked for a new attempt by name. *elsewhere* holds, for a task, the addresses that still want ids of it. *files* are those
    that stand where the program writes, by their paths in the workspace. *held* are the project's ids under a legal hold, *awaited* those
    whose export is yet to be downloaded. *live_region* is where Mixpanel says that
    the project lives; None where it wasn't asked, or didn't say.
    """

    address: Address
    resource: Resource | None
    project: Project | None
    workspace: Workspace
    ids: IdSet
    state: State
    today: date
    cap: int
    retry: bool = False
    moved_from: str | None = None
    elsewhere: Mapping[TaskKey, Collection[str]] = field(default_factory=dict)
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    held: IdSet = EMPTY_IDS
    awaited: IdSet = EMPTY_IDS
    live_region: Region | None = None

    @property
    def record(self) -> Record | None:
        """What is remembered of the address, under its old name where it moved."""
        return self.state.records.get(self.moved_from or str(self.address))
