"""`state mv`: what is remembered under one address is remembered under another. Nothing is sent."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.address import NAME, Address
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.journal import Entry, Forgot, Put, PutRequestEntry
from mixpriv_reconcile.model.state import OptOutRecord, ProjectRecord, Record, RequestRecord, ResidencyRecord, SsoRecord, State
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.opening import lock_facts, open_workspace, project_records
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["Moved", "move"]

Pairs: TypeAlias = Sequence[tuple[Address, Address]]


@dataclass(frozen=True, slots=True)
class Moved:
    """The old and the new address of each record that moved, in the order of the old ones."""

    addresses: tuple[tuple[str, str], ...]
    diagnostics: tuple[Diagnostic, ...]


def move(setting: Setting, source: str, destination: str) -> Moved:
    """Remember *source* as *destination*: an address, or a project with all of its addresses.

    Raises `WrongUsage` where one of them can't move, and then none does. Where the process dies in between, the same call moves the
    rest. Once the manifest is renamed alike, nothing is left to plan.
    """
    desired, findings, backend, store = open_workspace(setting)
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        pairs = _pairs(loaded.state, source, destination)
        projects = {**loaded.state.projects, **project_records(desired)}
        for old, new in pairs:
            _check(loaded.state, old, new, projects)
        # A project that is to be renamed in the manifest later must be reachable under its new name until then.
        reached = {new.project: projects.get(new.project, projects.get(old.project)) for old, new in pairs}
        first = dataclasses.replace(
            session.began(setting, desired, loaded.state, facts),
            projects={name: project for name, project in reached.items() if project is not None},
        )

        def work(append: Callable[[Entry], None]) -> None:
            for old, new in pairs:
                for entry in _entries(setting, loaded.state, old, new):
                    append(entry)

        session.journaled(setting, loaded, store, backend, lock, first, work)
    return Moved(tuple((str(old), str(new)) for old, new in pairs), merged(findings, notes))


def _pairs(state: State, source: str, destination: str) -> Pairs:
    """Which address becomes which; raises `WrongUsage` where nothing of *source* is remembered."""
    if _is_name(source) and _is_name(destination):
        addresses = [address for address in map(Address.parse, state.records) if address.project == source]
        pairs = [(address, dataclasses.replace(address, project=destination)) for address in addresses]
    else:
        pairs = [(_parsed(source), _parsed(destination))]
    if not pairs or any(str(old) not in state.records for old, _ in pairs):
        raise WrongUsage("MP0532", "the state has no such address", "`mixpriv state list` shows them")
    return pairs


def _parsed(text: str) -> Address:
    """The address *text*; raises `WrongUsage` where no manifest could ever declare it."""
    parts = text.split(".")
    if len(parts) not in (2, 3) or not all(map(_is_name, parts)):
        raise WrongUsage("MP0006", f"{text} is no address", "write it as `mixpriv state list` shows it, e.g. web-eu.deletions.spring")
    return Address(*parts)


def _is_name(text: str) -> bool:
    return re.fullmatch(NAME, text) is not None


def _check(state: State, old: Address, new: Address, projects: Mapping[str, ProjectRecord]) -> None:
    """Raise `WrongUsage` where *new* is taken, is another kind of thing, or lies in another project of Mixpanel."""
    if str(new) in state.records and not _is_half_moved(state, old, new):
        raise WrongUsage(
            "MP0546", f"{new} is remembered already; nothing was moved", f"choose another name, or forget it: mixpriv state rm {new}"
        )
    if old.kind != new.kind or bool(old.name) != bool(new.name):
        raise WrongUsage(
            "MP0547",
            f"{old} can't become {new}: an address moves within its kind",
            f"write {dataclasses.replace(old, project=new.project)}" if not old.name else f"write {new.project}.{old.kind}.NAME",
        )
    was, becomes = _project_id(state, old, projects), projects.get(new.project)
    if becomes is not None and was is not None and becomes.project_id != was:
        raise WrongUsage(
            "MP0548",
            f"{old} belongs to project {was} of Mixpanel, and {new.project} stands for project {becomes.project_id}; nothing was moved",
            "a task lives in one project of Mixpanel: declare the ids in the other project as a new request",
        )


def _is_half_moved(state: State, old: Address, new: Address) -> bool:
    """Whether a run that died had put *new* there already, and not yet forgotten *old*. A request moves in one step."""
    record = state.records[str(old)]
    return old != new and not isinstance(record, RequestRecord) and state.records[str(new)] == _renamed(record, new)


def _renamed(record: Record, new: Address) -> Record:
    return dataclasses.replace(record, project=new.project)


def _project_id(state: State, address: Address, projects: Mapping[str, ProjectRecord]) -> int | None:
    """The project of Mixpanel that a record belongs to, None where nothing tells."""
    record = state.records[str(address)]
    if isinstance(record, SsoRecord):
        return projects[address.project].project_id if address.project in projects else None
    return record.project_id


def _entries(setting: Setting, state: State, old: Address, new: Address) -> Sequence[Entry]:
    """What the journal says of one move. A request takes its batches, segments and tasks along."""
    record = state.records[str(old)]
    match record:
        case RequestRecord():
            renamed = dataclasses.replace(record, project=new.project)
            return (PutRequestEntry(str(new), renamed, setting.clock.now(), moved_from=str(old)),)
        case ResidencyRecord() | SsoRecord() | OptOutRecord():
            return (Put(str(new), _renamed(record, new)), Forgot(str(old)))
        case _:
            assert_never(record)
