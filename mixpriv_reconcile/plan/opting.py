"""Erasure and opting out, held against each other: an erased person whom code goes on tracking is soon known again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mixpriv_reconcile.ids.sets import difference
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.resource import DesiredState, OptOutSpec
from mixpriv_reconcile.model.state import OptOutRecord, State
from mixpriv_reconcile.model.wording import people

__all__ = ["left_lists", "lists_left_out", "not_opted_out"]

MOST_NAMED = 5
"""Projects or addresses that are named in one sentence."""


@dataclass(slots=True)
class _Lack:
    """Of one project: distinct ids to erase, how many of them its list lacks, and the requests that these are of."""

    erases: int = 0
    lacking: int = 0
    addresses: list[str] = field(default_factory=list)


def not_opted_out(desired: DesiredState, changes: Iterable[Change], severity: Severity) -> Iterator[Diagnostic]:
    """How many of the distinct ids to erase the same project's `opt_outs` don't name; nothing where none is left out."""
    lacks = _lacks(desired, changes)
    erases, lacking = sum(lack.erases for lack in lacks.values()), sum(lack.lacking for lack in lacks.values())
    if not lacking:
        return
    counted = f"{lacking:,} of {people(erases)} to erase {'is' if lacking == 1 else 'are'} in no opt-out list"
    if severity is Severity.ERROR:
        addresses = _few([address for lack in lacks.values() for address in lack.addresses])
        message = f"{counted}, and policy.opt_out requires it: {addresses}"
        hint = "name them under `opt_outs:` of the same project, whose `from:` may name the same files; or set `opt_out: warn`"
        yield Diagnostic("MP0606", severity, message, hint)
        return
    by_project = _few([f"{lack.lacking:,} of {project}" for project, lack in lacks.items() if lack.lacking])
    named = f" ({by_project})" if len(lacks) > 1 else ""
    yield Diagnostic(
        "MP0606",
        severity,
        f"{counted}{named}: erasure doesn't stop new data about them",
        "opt them out where your applications and servers track, with `opt_outs:` for example; "
        "`opt_out: off` under workspace.policy silences this",
        desired.workspace.span,
    )


def _lacks(desired: DesiredState, changes: Iterable[Change]) -> Mapping[str, _Lack]:
    """By project, in order, what its list lacks; projects that erase nobody aren't there."""
    lacks: dict[str, _Lack] = {}
    for change in changes:
        if not change.irreversible or not change.submits:
            continue
        lack = lacks.setdefault(change.project, _Lack())
        listed = desired.ids.get(Address(change.project, "opt_outs"), EMPTY_IDS)
        missing = difference(change.submits, listed).count
        lack.erases += change.submits.count
        lack.lacking += missing
        if missing:
            lack.addresses.append(str(change.address))
    return lacks


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def lists_left_out(desired: DesiredState, changes: Iterable[Change], targeted: Iterable[Change]) -> tuple[Diagnostic, ...]:
    """A refusal for each project whose ids would be erased under `opt_out: require` while its list, which isn't targeted, waits."""
    if desired.workspace.policy.opt_out != "require":
        return ()
    targeted = tuple(targeted)
    kept = {change.address for change in targeted}
    erasing = {change.project for change in targeted if change.irreversible and change.submits}
    return tuple(
        Diagnostic(
            "MP0654",
            Severity.ERROR,
            f"{change.address} is yet to be written, --target leaves that out, and policy.opt_out requires it before ids are erased",
            f"add `--target {change.address}`",
        )
        for change in changes
        if change.kind == "opt_outs" and change.is_pending and change.address not in kept and change.project in erasing
    )


def left_lists(desired: DesiredState, state: State) -> Iterator[Diagnostic]:
    """A note for each list that was written for a block that is no longer in the manifests, and that no other block writes now."""
    wished = {str(resource.address) for resource in desired.resources}
    written = {resource.spec.write_to for resource in desired.resources if isinstance(resource.spec, OptOutSpec)}
    for address, record in state.records.items():
        if isinstance(record, OptOutRecord) and address not in wished and record.file not in written:
            yield Diagnostic(
                "MP0653",
                Severity.NOTE,
                f"{address} left the manifests: {record.file} stays as it was written last and is no longer kept up to date",
                f"remove the file when nothing reads it any more; `mixpriv state rm {address}` ends this note",
                address=address,
            )
