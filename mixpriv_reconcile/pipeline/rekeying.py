"""`state rekey`: the memory is made anew under another digest key, of what the sources and the tasks still tell."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from mixpriv_reconcile import __version__
from mixpriv_reconcile.errors import Interrupted, KeyProblem, ManifestInvalid, WrongUsage
from mixpriv_reconcile.ids.keys import DigestKey, derive
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.opt_out_list import OptOutList, entry_of
from mixpriv_reconcile.model.remote import TaskSeen
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import BatchPhase, KeyRecord, OptOutRecord, State, TaskKey, TaskRecord
from mixpriv_reconcile.model.tasks import MISSING
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.former_key import FormerKey, former_key
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.opening import lock_facts, open_workspace
from mixpriv_reconcile.pipeline.plan import scanned
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import running
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan.regaining import Found, Share, regained, shares
from mixpriv_reconcile.plan.rekeying import Lost, Proven, Rekeyed, rekeyed
from mixpriv_reconcile.ports import EventSink, Lock
from mixpriv_reconcile.refresh.echoes import Asked, ask
from mixpriv_reconcile.state import find_key

__all__ = ["NotRebuilt", "Rebuilt", "RekeyEnded", "rekey"]


@dataclass(frozen=True, slots=True)
class NotRebuilt:
    """*missing* of the *count* ids that a request has in these batches are lost, and *why*; *is_declared* while a manifest has it."""

    address: str
    batches: tuple[int, ...]
    count: int
    missing: int
    tracking_id: str | None
    why: str
    is_declared: bool


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the memory would be: of *count* remembered ids those in *lost* would be forgotten."""

    count: int = 0
    lost: tuple[NotRebuilt, ...] = ()

    @property
    def missing(self) -> int:
        return sum(lost.missing for lost in self.lost)


@dataclass(frozen=True, slots=True)
class RekeyEnded:
    """How it ended, *why* in a sentence; the state's *serial* now. Nothing was written unless *is_changed*."""

    exit_code: int
    why: str
    serial: int
    is_changed: bool
    rebuilt: Rebuilt
    diagnostics: tuple[Diagnostic, ...]


def rekey(
    setting: Setting,
    sink: EventSink,
    *,
    is_approved: bool,
    approve: Callable[[Rebuilt], bool] | None,
    show: Callable[[Rebuilt], None],
    on_answer: Callable[[TaskRecord, TaskSeen | str], None],
    max_seconds: float | None,
) -> RekeyEnded:
    """Make the state's digests anew under the key at hand. Nothing is sent but GETs; nothing is written before all of them are answered.

    What would be lost is *shown*; then *approve* is asked, unless it *is_approved* already. Raises what keeps it from starting.
    """
    desired, findings, backend, store = open_workspace(setting)
    with session.locked(setting, backend, lock_facts(setting)) as (lock, notes), ExitStack() as stack:
        loaded = session.recovered(setting, store)
        state, known = loaded.state, loaded.state.digest_key
        if not loaded.exists or known is None:
            hint = "run `mixpriv apply` first, or give -C DIR"
            raise WrongUsage("MP0585", "there is no state with digests yet, so there is nothing to rekey", hint)
        key = _new_key(setting)
        if key.check == known.check:
            why = "the state was made with this very key; nothing to do"
            return RekeyEnded(0, why, state.serial, False, Rebuilt(), merged(findings, notes))
        former = former_key(setting, known)
        guards = guarded(setting, desired, state.projects)

        def catalogue(with_key: DigestKey, *, sends: bool) -> Catalogue:
            return stack.enter_context(Catalogue(setting.root, with_key, setting.bounds, guards, sends=sends, progress=setting.reading))

        under_new = catalogue(key, sends=False)
        desired, findings = scanned(setting, desired, (*findings, *notes), under_new)
        declared = _by_text(desired.ids)
        exact = None
        if former is not None:
            under_former = catalogue(former, sends=True)
            exact = FormerKey(state, former, key, under_former, _by_text(under_former.scan(desired)))
            if any(finding.is_error for finding in under_former.diagnostics):
                raise ManifestInvalid(under_former.diagnostics)
            exact.read_sources()
        every = shares(state)
        answers = _Answers(setting, under_new, exact, every, on_answer)
        asked, interrupted_by = _ask(setting, desired, state, lock, sink, answers, max_seconds)
        if interrupted_by is not None:
            raise Interrupted(interrupted_by)
        if asked.unseen:
            why = f"{asked.unseen:,} of {len(answers.asked):,} tasks could not be asked for their distinct ids; nothing was changed"
            found = merged(findings, asked.diagnostics)
            return RekeyEnded(1 if asked.is_denied else 3, why, state.serial, False, Rebuilt(), found)
        if exact is not None:
            found_ids: Found = exact.found
            proven = Proven(exact.same_sets(declared), _lists(desired, state, under_new))
        else:
            statuses = {name: polled.status for name, polled in answers.seen.items()}
            found_ids = regained(state, every, answers.shown, declared, statuses)
            proven = Proven({}, _lists(desired, state, under_new))
        made = rekeyed(
            state,
            every,
            found_ids,
            proven,
            seen=answers.seen,
            declared={str(resource.address) for resource in desired.resources},
            key=KeyRecord(key.scheme, key.check),
            tool_version=__version__,
        )
        rebuilt = _told(made, answers, state)
        show(rebuilt)
        findings = merged(findings, _warnings(rebuilt))
        if not is_approved:
            if approve is None:
                hint = "look at what would be lost, then pass --auto-approve"
                nobody = Diagnostic("MP0582", Severity.ERROR, "state rekey needs an approval, and there is nobody to ask", hint)
                return RekeyEnded(1, "not approved; nothing was changed", state.serial, False, rebuilt, (*findings, nobody))
            if not approve(rebuilt):
                return RekeyEnded(1, "not approved; nothing was changed", state.serial, False, rebuilt, findings)
        lock.verify()
        store.publish(made.state, expected=loaded.version, now=setting.clock.now())
    kept = rebuilt.count - rebuilt.missing
    why = f"rebuilt {kept:,} of {people(rebuilt.count)} under the new key; the state before is its backup, and needs the former key"
    return RekeyEnded(0, why, made.state.serial, True, rebuilt, findings)


def _new_key(setting: Setting) -> DigestKey:
    """The key at hand; raises `KeyProblem` where there is none: a new one is made by a person, who keeps a copy of it."""
    text = find_key(setting.root, setting.environment)
    if text is None:
        hint = "`(umask 077; openssl rand -hex 32 > mixpriv.key)`, or set MIXPRIV_DIGEST_KEY; keep a copy of it"
        raise KeyProblem("MP0580", "there is no new digest key to rekey with", hint)
    return derive(text)


def _by_text(ids: Mapping[Address, IdSet]) -> Mapping[str, IdSet]:
    return {str(address): found for address, found in ids.items()}


class _Answers:
    """What the tasks tell: ids are turned into digests as they come, and no raw one is kept."""

    def __init__(
        self,
        setting: Setting,
        catalogue: Catalogue,
        exact: FormerKey | None,
        every: Sequence[Share],
        on_answer: Callable[[TaskRecord, TaskSeen | str], None],
    ) -> None:
        self._clock, self._catalogue, self._exact, self._on_answer = setting.clock, catalogue, exact, on_answer
        self.seen: dict[TaskKey, Polled] = {}
        self.shown: dict[TaskKey, IdSet] = {}
        self.silent: dict[TaskKey, str] = {}
        self.asked: dict[TaskKey, list[Share]] = {}
        for share in every:
            if share.task is not None and (exact is None or not exact.is_whole(share)):
                self.asked.setdefault(share.task, []).append(share)

    def take(self, task: TaskRecord, answer: TaskSeen | str) -> None:
        self._on_answer(task, answer)
        if isinstance(answer, str):
            self.silent[task.key] = f"the answer about the task tells nothing: {answer}"
            return
        self.seen[task.key] = Polled(task.project_id, task.tracking_id, answer.status, self._clock.now())
        if answer.status == MISSING:
            self.silent[task.key] = "Mixpanel no longer knows the task; suspects are the region and the project token"
        elif answer.ids is None:
            self.silent[task.key] = f"the task ({answer.status}) doesn't show its distinct ids"
        elif self._exact is not None:
            self._exact.take_echo(self.asked[task.key], answer.ids)
        else:
            self.shown[task.key] = self._catalogue.digests(answer.ids)


def _ask(
    setting: Setting, desired: DesiredState, state: State, lock: Lock, sink: EventSink, answers: _Answers, max_seconds: float | None
) -> tuple[Asked, int | None]:
    """Ask each task that has something to tell, the oldest first."""
    tasks = sorted((state.tasks[key] for key in answers.asked if key in state.tasks), key=lambda task: (task.submitted_at, task.key))
    if not tasks:
        return Asked(0, False, ()), None

    async def look() -> tuple[Asked, int | None]:
        with running(setting, max_seconds, sink) as run, open_lanes(setting, desired, state, run.patience, lock) as lanes:
            asked = await ask(tasks, lanes, setting.clock, run.patience, parallelism=setting.parallelism, on_answer=answers.take)
            return asked, run.interrupted_by

    return asyncio.run(look())


def _lists(desired: DesiredState, state: State, catalogue: Catalogue) -> Mapping[str, str]:
    """By address, the set hash of each opt-out list whose file is just what the list declared now would be."""
    found: dict[str, str] = {}
    for address, ids in _by_text(desired.ids).items():
        record = state.records.get(address)
        if not isinstance(record, OptOutRecord) or record.count != ids.count or not ids:
            continue
        entries = sorted(entry_of(one, record.digest) for one in catalogue.raw_ids(address, ids))
        hashed = hashlib.sha256()
        for piece in OptOutList(record.project, record.project_id, record.digest, entries).pieces():
            hashed.update(piece)
        if hashed.hexdigest() == record.sha256:
            found[address] = ids.sha256
    return found


def _told(made: Rekeyed, answers: _Answers, state: State) -> Rebuilt:
    lost = (
        NotRebuilt(
            each.share.address,
            each.share.numbers,
            each.share.count,
            each.missing,
            each.share.tracking_id,
            _why(each, answers, state),
            each.is_declared,
        )
        for each in made.lost
    )
    return Rebuilt(made.count, tuple(lost))


def _why(lost: Lost, answers: _Answers, state: State) -> str:
    key = lost.share.task
    if key is None:
        before = {
            BatchPhase.IN_DOUBT: "it is in doubt",
            BatchPhase.RETURNED: "it was never accepted",
            BatchPhase.REFUSED: "Mixpanel refused it",
        }.get(lost.phase, "it was never acknowledged")
        return f"{before}, so that there is no task to ask for its distinct ids"
    if key in answers.silent:
        return answers.silent[key]
    if key not in state.tasks:
        return "the state has no such task"
    if state.tasks[key].foreign:
        return "the task holds other people's distinct ids too, and no source has the missing ones any more"
    return "the task shows fewer distinct ids than were put into it, or the others went out again in another one that shows none"


def _warnings(rebuilt: Rebuilt) -> tuple[Diagnostic, ...]:
    """One for each request that lost ids, with what becomes of them."""
    by_address: dict[str, list[NotRebuilt]] = {}
    for lost in rebuilt.lost:
        by_address.setdefault(lost.address, []).append(lost)
    return tuple(_warning(address, found) for address, found in sorted(by_address.items()))


def _warning(address: str, found: Sequence[NotRebuilt]) -> Diagnostic:
    missing = sum(lost.missing for lost in found)
    message = f"{people(missing)} of {address} can't be found again and {'counts' if missing == 1 else 'count'} as unsent"
    if found[0].is_declared:
        hint = "the next plan submits those that the sources still have; a live task that has them is named by a 409, and adopted"
    else:
        hint = "no manifest has this request: nothing is sent, and what its tasks still hold can't be withdrawn any more"
    return Diagnostic("MP0583", Severity.WARNING, message, hint, address=address)
