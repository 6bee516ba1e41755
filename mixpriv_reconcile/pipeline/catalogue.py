"""The ids of every request of a workspace: scanned once, counted by digest, read again batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from mixpriv_reconcile.errors import OutOfMemory, SourceMoved
from mixpriv_reconcile.ids.beside import both
from mixpriv_reconcile.ids.findings import doubles_note
from mixpriv_reconcile.ids.guarded import Guarded
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.origins import Origins
from mixpriv_reconcile.ids.proofs import Prover
from mixpriv_reconcile.ids.raw import id_set_of
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.scan import Scan, scan
from mixpriv_reconcile.ids.sets import difference, intersection
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet, IdSources, InlineIds
from mixpriv_reconcile.model.resource import DesiredState, sources_of
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import RequestRecord, SourceRecord, State
from mixpriv_reconcile.pipeline.private import opened_private_folder
from mixpriv_reconcile.ports import ReadingProgress

__all__ = ["Catalogue"]

T = TypeVar("T")


def too_long(address: str, count: int, bounds: Bounds) -> tuple[Diagnostic, ...]:
    """An error where the opt-out list at *address* would have more entries than may be."""
    if count <= bounds.opt_out_entries:
        return ()
    message = f"this opt-out list would have {count:,} entries; at most {bounds.opt_out_entries:,} are allowed"
    hint = f"a list of this size is better kept in a database; or set {bounds.variable('opt_out_entries')}"
    return (Diagnostic("MP0387", Severity.ERROR, message, hint, None, address),)


_WORTH_A_THREAD = 1 << 18  # ids whose set takes longer to hash than a thread to start


class Catalogue:
    """Ids by request. Implements the port `RawIdSource`; what it unpacked of compressed sources is gone when the `with` block ends.

    Of *known*, a state under the same key, it takes the ids of requests whose sources are proven unchanged. *sends* says that ids are
    going to be read again for Mixpanel, and that the state is to remember the sources. *progress* hears how far a reading is.
    With *show_ids* findings have the ids they are about, for a terminal alone.
    """

    def __init__(
        self,
        root: Path,
        key: DigestKey,
        bounds: Bounds,
        guarded: Guarded,
        known: State | None = None,
        *,
        sends: bool = False,
        progress: ReadingProgress | None = None,
        show_ids: bool = False,
    ) -> None:
        self._show_ids = show_ids
        self._root = root
        self._guarded = guarded
        self._key = key
        self._bounds = bounds
        self._known = known
        self._known_proofs = _by_address(known.sources if known is not None else ())
        self._sends = sends
        self._progress = progress
        self._allowed: frozenset[str] = frozenset()
        self._sources: dict[str, IdSources] = {}
        self._proofs: dict[str, Sequence[SourceRecord]] = {}
        self._origins: dict[str, Origins] = {}
        self._declared: dict[str, IdSet] = {}
        self._by_project: dict[str, list[IdSet]] = {}
        self._diagnostics: list[Diagnostic] = []

    def __enter__(self) -> Catalogue:
        self._diagnostics += opened_private_folder(self._root)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for origins in self._origins.values():
            origins.close()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong in the sources, in the order of addresses."""
        return tuple(self._diagnostics)

    def scan(self, desired: DesiredState) -> Mapping[Address, IdSet]:
        """The ids of each request; findings are kept in `diagnostics`. Raises `OutOfMemory`."""
        self._allowed = frozenset(desired.workspace.policy.allow_placeholder_ids)
        prover = Prover(self._key, self._bounds, self._allowed)
        return self._within_memory(
            lambda: {
                resource.address: self._ids(resource.address, sources, prover)
                for resource in desired.resources
                if (sources := sources_of(resource.spec)) is not None
            }
        )

    def _within_memory(self, work: Callable[[], T]) -> T:
        """What *work* gives; raises `OutOfMemory` where it runs out of it."""
        try:
            return work()
        except MemoryError:
            pass  # raised below: in here, the error would keep alive all that was read
        finally:
            if self._progress is not None:
                self._progress.end()
        message = "the distinct ids of all requests together take more memory than there is"
        hint = "about 40 bytes an id are needed, doubles counted: give it more memory, or divide the workspace"
        raise OutOfMemory("MP0445", message, hint)

    def _ids(self, at: Address, sources: IdSources, prover: Prover) -> IdSet:
        address = str(at)
        self._sources[address] = sources
        unchanged = self._unchanged(address, sources, prover)
        if unchanged is not None:
            found, doubles = unchanged
            self._proofs[address] = self._known_proofs[address]
            if doubles > 0:
                self._diagnostics.append(replace(doubles_note(doubles), address=address))
        else:
            proving = prover if self._sends and sources.entries else None
            scanned = self._scanned(address, with_origins=self._sends, prover=proving, progress=self._progress)
            found = scanned.ids
            if scanned.origins is not None:
                self._origins[address] = scanned.origins
            self._diagnostics.extend(scanned.diagnostics)
            self._proofs[address] = scanned.proofs
        if at.kind == "opt_outs":
            self._diagnostics += too_long(address, found.count, self._bounds)
        self._declared[address] = found
        if at.kind == "deletions":
            self._by_project.setdefault(at.project, []).append(found)
        return found

    def _unchanged(self, address: str, sources: IdSources, prover: Prover) -> tuple[IdSet, int] | None:
        """The ids of a request whose sources are those of the last apply, if the state knows just these, and how many doubles
        the sources have; None where that isn't proven."""
        proofs = self._known_proofs.get(address, ())
        record = self._known.records.get(address) if self._known is not None else None
        if not proofs or self._known is None or not isinstance(record, RequestRecord):
            return None
        declared = record.declared
        if any(proof.sha256 != declared.sha256 for proof in proofs):
            return None  # they belong to another set than the one remembered as declared
        found = prover.alike(self._root, sources, self._guarded, proofs)
        if found is None:  # before anything is hashed
            return None
        known = remembered(self._known, address)

        def prove() -> bool:
            return prover.are_unchanged(self._root, found, proofs)

        if declared.count < _WORTH_A_THREAD:
            every, is_same = known.all(), prove()
        else:
            every, is_same = both(known.all, prove, prover.stop)
        if every.sha256 != declared.sha256 or not is_same:
            known.let_go()  # the sources are read now, which needs room
            return None
        return every, sum(proof.count for proof in proofs) - declared.count

    def _scanned(self, address: str, *, with_origins: bool, prover: Prover | None, progress: ReadingProgress | None) -> Scan:
        return scan(
            self._root,
            self._sources[address],
            self._key,
            bounds=self._bounds,
            allowed_placeholders=self._allowed,
            address=address,
            guarded=self._guarded,
            progress=progress.advance if progress is not None else None,
            with_origins=with_origins,
            prover=prover,
            show_ids=self._show_ids,
        )

    def proofs(self, state: State) -> tuple[SourceRecord, ...]:
        """What *state* is to remember of the sources: of each request those that its declared ids were read from, sorted."""
        kept: list[SourceRecord] = []
        for address, record in state.requests.items():
            fitting = [proof for proof in self._proofs.get(address, ()) if proof.sha256 == record.declared.sha256]
            kept += sorted(fitting, key=lambda proof: (proof.file, proof.keyed_hash))
        return tuple(kept)

    def prepare(self, addresses: Iterable[str]) -> None:
        """Find out now where the ids of these requests stand, so that nothing long is read while calls are under way.

        Raises `SourceMoved`, `OutOfMemory`.
        """
        for address in addresses:
            self._origins_of(address, self._progress)

    def raw_ids(self, address: str, ids: IdSet) -> RawIds:
        """The ids of one batch, in the order of their digests; raises `SourceMoved` where a source changed since the scan."""
        return self._origins_of(address).raw_ids(ids.digests)

    def files(self, address: str) -> tuple[str, ...]:
        """The manifest and the files that the ids of a request stand in, in the order they are read; raises as `prepare` does."""
        sources = self._origins_of(address, self._progress).sources
        return tuple(dict.fromkeys(source.file if isinstance(source, InlineIds) else source.path for source in sources))

    def place(self, address: str, ids: IdSet) -> SourceSpan | None:
        """Where the first of *ids* stands; None where its source can't be read again."""
        try:
            return self._origins_of(address).place(ids.digests)
        except (SourceMoved, OutOfMemory):
            return None

    def _origins_of(self, address: str, progress: ReadingProgress | None = None) -> Origins:
        """Where the ids of a request stand: for proven sources they are read for it now. Raises `SourceMoved`, `OutOfMemory`."""
        if address not in self._origins:
            scanned = self._within_memory(lambda: self._scanned(address, with_origins=True, prover=None, progress=progress))
            if scanned.ids != self._declared[address] or scanned.origins is None:
                message = f"the sources of {address} no longer hold the ids that were planned"
                raise SourceMoved("MP0441", message, "run `mixpriv plan` again")
            self._origins[address] = scanned.origins
        return self._origins[address]

    def digests(self, ids: RawIds) -> IdSet:
        """*ids* by digest."""
        return id_set_of(self._key, ids)

    def withdrawn(self, address: str, ids: RawIds) -> IdSet:
        """Those of *ids* that the request at *address* doesn't declare, by digest."""
        return difference(id_set_of(self._key, ids), self._declared.get(address, EMPTY_IDS))

    def held(self, project: str, ids: RawIds) -> IdSet:
        """Those of *ids* that *project* has under a legal hold, by digest."""
        held = self._declared.get(str(Address(project, "legal_holds")), EMPTY_IDS)
        return intersection(id_set_of(self._key, ids), held) if held else EMPTY_IDS

    def undeclared(self, project: str, ids: RawIds) -> int:
        """How many of *ids* no deletion of *project* declares, and no legal hold."""
        rest = difference(id_set_of(self._key, ids), self.held(project, ids))
        for declared in self._by_project.get(project, ()):
            rest = difference(rest, declared)
        return rest.count


def _by_address(proofs: Iterable[SourceRecord]) -> Mapping[str, Sequence[SourceRecord]]:
    grouped: dict[str, list[SourceRecord]] = {}
    for proof in proofs:
        grouped.setdefault(proof.address, []).append(proof)
    return grouped
