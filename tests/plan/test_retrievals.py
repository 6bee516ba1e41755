"""Retrievals: asked for once, never cancelled, fetched when they are finished; who waits for one isn't erased before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.plan import Action, Download, Plan, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState, Resource, RetrievalSpec
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import plan, status_report

from .building import FORGOTTEN, SPAN, TODAY, Memory, change_of, codes, desired, ids, people, project, sets, wish

ACCESS = "web-eu.retrievals.dsar"
RENAMED = "web-eu.retrievals.dsar-4711"
EXPORT = {"tracking_id": "task-9", "file": "exports/export-task-9.zip", "size": "7", "sha256": "a" * 64, "downloaded_at": "2026-11-08T09:00:00Z"}
FILES = {EXPORT["file"]: FileSeen(EXPORT["file"], 7, "a" * 64)}


def retrieving(wanted: IdSet, wishes: DesiredState | None = None, address: str = ACCESS) -> DesiredState:
    """The manifests with an access request for these ids too."""
    wishes = wishes or desired(projects=[project("web-eu")])
    resource = Resource(Address.parse(address), RetrievalSpec("ccpa", IdSources(), "exports", date(2026, 11, 3), "sources"), SPAN)
    return dataclasses.replace(wishes, resources=(*wishes.resources, resource), ids={**wishes.ids, resource.address: wanted})


def finished(wanted: IdSet, *, export: Mapping[str, str] | None = None, status: str = "SUCCESS") -> State:
    """A memory in which the request's only task ended so, with this export."""
    state = Memory().declared(ACCESS, wanted).sent(ACCESS, wanted, "task-9", status).state()
    record = dataclasses.replace(state.requests[ACCESS], downloads=(export,) if export else ())
    return dataclasses.replace(state, records={**state.records, ACCESS: record})


def decided(wishes: DesiredState, state: State | Memory | None = None, files: Mapping[str, FileSeen] | None = None, **options: tuple[str, ...]) -> Plan:
    state = state or Memory()
    return plan(wishes, state.state() if isinstance(state, Memory) else state, (), TODAY, PlanOptions(**options), files=files or {})


def test_a_retrieval_is_an_addition() -> None:
    """It destroys nothing: its batches of at most 2,000 ids count as created."""
    made = decided(retrieving(ids(range(4_001))))
    change = change_of(made, ACCESS)

    assert change is not None
    assert ((Action.CREATE,), [2000, 2000, 1], False) == (change.actions, [batch.ids.count for batch in change.batches], change.irreversible)
    assert (1, 0, 0, 4_001) == (made.summary.add, made.summary.destroy, made.erases, made.retrieves)
    assert date(2026, 12, 18) == change.deadline


def test_group_analytics_lowers_only_deletions() -> None:
    """Ids per retrieval stay at 2,000, whatever the number of groups."""
    wishes = retrieving(ids(range(2_000)), desired(wish(FORGOTTEN, ids(range(5_000, 7_000))), projects=[project("web-eu", data_groups=1)]))
    wishes = dataclasses.replace(wishes, projects={"web-eu": project("web-eu", data_groups=1)})
    made = decided(wishes)

    assert [1, 2] == [len(change.batches) for change in made.pending]


def test_a_finished_export_is_to_be_downloaded() -> None:
    """SUCCESS isn't the end: the export is fetched into the folder that is declared."""
    change = change_of(decided(retrieving(ids(1, 2)), finished(ids(1, 2))), ACCESS)

    assert change is not None
    assert ((Action.UPDATE,), ("download",)) == (change.actions, change.reasons)
    assert (Download(1978118, "task-9", "exports", 2),) == change.downloads
    assert 0 == change.requests


@pytest.mark.parametrize(
    ("export", "files"),
    [(EXPORT, FILES), ({"tracking_id": "task-9", "handed_over_by": "ops", "handed_over_on": "2026-11-08"}, {})],
)
def test_a_retrieval_is_done_with_its_export(export: Mapping[str, str], files: Mapping[str, FileSeen]) -> None:
    """The file with the recorded size and hash, or a person's word that it was handed over: nothing is left to do."""
    wishes, state = retrieving(ids(1, 2)), finished(ids(1, 2), export=export)

    assert () == decided(wishes, state, files).changes
    assert "succeeded" == status_report(wishes, state, TODAY, counts={}, files=files).requests[0].phase


@pytest.mark.parametrize("seen", [None, FileSeen(EXPORT["file"], 8, "a" * 64), FileSeen(EXPORT["file"], 7, "b" * 64)])
def test_an_export_that_is_gone_or_changed_is_downloaded_again(seen: FileSeen | None) -> None:
    """What isn't there as it was downloaded isn't there."""
    wishes, state, files = retrieving(ids(1, 2)), finished(ids(1, 2), export=EXPORT), {seen.path: seen} if seen else {}
    change = change_of(decided(wishes, state, files), ACCESS)

    assert change is not None
    assert ("download",) == change.reasons
    assert "running" == status_report(wishes, state, TODAY, counts={}, files=files).requests[0].phase


def test_a_new_export_can_be_asked_for() -> None:
    """A link that ran out is no end: --retry submits the ids again."""
    change = change_of(decided(retrieving(ids(1, 2)), finished(ids(1, 2)), retry=(ACCESS,)), ACCESS)

    assert change is not None
    assert ([{1, 2}], ("retry",), ()) == (sets(change.batches), change.reasons, change.downloads)


@pytest.mark.parametrize("status", ["PENDING", "STARTED"])
def test_a_withdrawn_retrieval_goes_on(status: str) -> None:
    """Mixpanel can't cancel it, so nothing is sent, and the plan says so."""
    made = decided(desired(projects=[project("web-eu")]), finished(ids(1, 2), status=status))
    change = change_of(made, ACCESS)

    assert change is not None
    assert ((), 0, ["MP0633"]) == (change.cancels, made.cost.requests, codes(made))


def test_a_renamed_retrieval_keeps_its_export() -> None:
    """The same ids under a new name: no call, and no second download."""
    made = decided(retrieving(ids(1, 2), address=RENAMED), finished(ids(1, 2), export=EXPORT), FILES)
    change = change_of(made, RENAMED)

    assert change is not None
    assert (("moved",), ()) == (change.reasons, change.downloads)


# Access before erasure


def test_who_asks_for_access_isnt_erased_before() -> None:
    """An id with an unfinished retrieval waits; the others go out."""
    made = decided(retrieving(ids(2, 7), desired(wish(FORGOTTEN, ids(range(5))))))
    change = change_of(made)

    assert change is not None
    assert ({0, 1, 3, 4}, {2}) == (people(change.submits), people(change.waits))
    assert ("new_request", "after_retrieval") == change.reasons


@pytest.mark.parametrize(
    ("export", "files", "waiting"),
    [(None, {}, {2}), (EXPORT, {}, {2}), (EXPORT, FILES, set()), ({**EXPORT, "handed_over_by": "ops"}, {}, set())],
)
def test_the_wait_ends_with_the_download(export: Mapping[str, str] | None, files: Mapping[str, FileSeen], waiting: set[int]) -> None:
    """SUCCESS alone doesn't end it: the export must be there, or handed over."""
    wishes = retrieving(ids(2, 7), desired(wish(FORGOTTEN, ids(2, 3))))
    change = change_of(decided(wishes, finished(ids(2, 7), export=export), files))

    assert change is not None
    assert waiting == people(change.waits)


def test_a_withdrawn_retrieval_keeps_nobody_waiting() -> None:
    """Nobody asks for that export any more."""
    change = change_of(decided(desired(wish(FORGOTTEN, ids(2, 3))), finished(ids(2, 7), status="STARTED")))

    assert change is not None
    assert ({2, 3}, set()) == (people(change.submits), people(change.waits))


def test_what_is_cancelled_for_others_waits_too() -> None:
    """Ids set free by a cancellation aren't submitted again while their export is awaited."""
    state = Memory().declared(FORGOTTEN, ids(1, 2, 3)).sent(FORGOTTEN, ids(1, 2, 3))
    change = change_of(decided(retrieving(ids(2), desired(wish(FORGOTTEN, ids(2, 3)))), state))

    assert change is not None
    assert ([{3}], {2}, [1]) == (sets(change.batches), people(change.waits), [step.kept for step in change.cancels])


def test_status_says_who_waits() -> None:
    """A request whose ids wait for an export is in the phase `waiting`."""
    wishes = retrieving(ids(2, 7), desired(wish(FORGOTTEN, ids(2, 3))))
    state = Memory().declared(FORGOTTEN, ids(2, 3)).sent(FORGOTTEN, ids(3)).state()
    found = {request.address: request for request in status_report(wishes, state, TODAY, counts={}).requests}

    assert ("waiting", 1, 0) == (found[FORGOTTEN].phase, found[FORGOTTEN].subjects.waiting, found[FORGOTTEN].subjects.unsent)


def test_status_follows_a_renamed_retrieval() -> None:
    """Until an apply records the new name the export still counts for it, and the old name is no request of its own."""
    wishes, state = retrieving(ids(1, 2), address=RENAMED), finished(ids(1, 2), export=EXPORT)

    assert [(RENAMED, "succeeded")] == [(one.address, one.phase) for one in status_report(wishes, state, TODAY, counts={}, files=FILES).requests]
