"""Refused batches of real size: the cap is learned, the ids that Mixpanel doesn't take are found, and nobody else waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.pipeline.outcome import Outcome

from .unhurried import Unhurried
from .workspace import Server, Workspace, ago, standing_in

R1 = "web.deletions.r1"


@pytest.fixture(scope="module")
def _paceless() -> Iterator[Server]:
    with standing_in(interval_seconds=0.0) as server:
        yield server


@pytest.fixture
def server(_paceless: Server) -> Server:
    """A stand-in for Mixpanel without a pace."""
    return _paceless.emptied()


@pytest.fixture
def runs(tmp_path: Path, server: Server) -> Unhurried:
    workspace = Workspace(tmp_path, server.origins)
    workspace.environment["CI"] = "1"
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 2000
    return Unhurried(workspace)


def people(count: int, bad: tuple[int, ...] = (), prefix: str = "u") -> list[str]:
    """Ids, of which those at *bad* (from 0) are ones that Mixpanel doesn't take."""
    return [f"{'bad-' if number in bad else prefix}{number}" for number in range(count)]


def from_csv(runs: Unhurried, ids: list[str]) -> None:
    """Let `r1` take *ids* from a file; the first stands in line 2."""
    (runs.workspace.root / "people.csv").write_text("distinct_id\n" + "\n".join(ids) + "\n")
    block = {"compliance": "gdpr", "received": ago(5), "from": [{"file": "people.csv", "column": "distinct_id"}]}
    runs.workspace.project("web", r1=block)


def sizes(server: Server, start: int = 0) -> list[int]:
    return [call["id_count"] for call in server.calls("POST")][start:]


def submitted(server: Server) -> list[str]:
    return sorted(one for task in server.tasks() for one in task["distinct_ids"])


def found(outcome: Outcome, code: str) -> list[str]:
    return [one.message for one in outcome.diagnostics if one.code == code]


# Too many


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_of_2000_is_sent_as_1999_and_1_and_the_cap_is_remembered(runs: Unhurried, server: Server, status: int) -> None:
    """Where 2,000 are refused and 1,999 and 1 are taken, 1,999 is the cap of the project from then on, which the plan says."""
    server.fault(f"POST=refuse-over:1999,{status}")
    runs.workspace.project("web", r1=people(2000))
    assert found(runs.apply(), "MP0807") != []
    assert sizes(server) == [2000, 1999, 1]
    runs.workspace.declare("web.r2", people(2001, prefix="v"))
    (note,) = [one.message for one in runs.plan().diagnostics if one.code == "MP0809"]
    assert "1,999" in note
    runs.apply()
    assert sizes(server, 3) == [1999, 2]
    assert submitted(server) == sorted(people(2000) + people(2001, prefix="v"))


def test_a_learned_cap_is_kept_to_in_the_same_run(runs: Unhurried, server: Server) -> None:
    """Batches that were planned larger go out in parts of the learned cap; `show` and `state show` show it; other projects keep theirs."""
    server.fault("POST:deletions@1=413")
    runs.workspace.project("web", r1=people(4000))
    runs.apply()
    assert sizes(server) == [2000, 1999, 1, 1999, 1]
    for command in (("state", "show", R1), ("show",)):
        assert "learned cap   1,999 distinct ids" in runs.workspace.run(*command).out
    runs.workspace.project("shop", r1=people(2000))
    runs.apply()
    assert sizes(server, 5) == [2000]


def test_no_cap_is_learned_where_an_id_was_at_fault(runs: Unhurried, server: Server) -> None:
    """A batch that is too large and holds a bad id besides teaches nothing; the next one that is only too large does."""
    runs.workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 8
    server.fault("POST=refuse-ids:bad")
    runs.workspace.project("web", r1=people(8, bad=(3,)))
    assert found(runs.apply(code=1), "MP0807") == []
    assert runs.workspace.state["projects"]["web"]["learned_cap"] is None
    server.heal()
    server.fault("POST=refuse-over:4")
    runs.workspace.declare("web.r2", people(8, prefix="v"))
    assert found(runs.apply(), "MP0807") != []
    assert runs.workspace.state["projects"]["web"]["learned_cap"] == 4


def test_no_cap_is_learned_where_a_part_was_adopted(runs: Unhurried, server: Server) -> None:
    """A part that sits in a task already was not taken as it is: it says nothing about how many Mixpanel takes."""
    runs.workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 4
    runs.workspace.project("web", r1=people(1))
    runs.apply()
    server.fault("POST@1=422")
    runs.workspace.declare("web.r2", people(4))
    runs.apply()
    assert runs.workspace.state["projects"]["web"]["learned_cap"] is None
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_a_cap_that_was_learned_by_chance_is_dropped_by_retry(runs: Unhurried, server: Server) -> None:
    """A stray refusal of two ids teaches the cap 1; `--retry` sends a whole batch all the same, and where it is taken the cap is gone."""
    server.fault("POST@1=400")
    runs.workspace.project("web", r1=people(2))
    runs.apply()
    assert runs.workspace.state["projects"]["web"]["learned_cap"] == 1
    runs.workspace.declare("web.r2", people(6, prefix="v"))
    assert runs.plan().cost.requests == 6
    assert found(runs.apply(retry=("web.deletions.r2",)), "MP0809") == []
    assert sizes(server, 3) == [6]
    assert runs.workspace.state["projects"]["web"]["learned_cap"] == 2000
    runs.workspace.declare("web.r3", people(7, prefix="w"))
    runs.apply()
    assert sizes(server, 4) == [7]


def test_a_cap_that_was_learned_rightly_is_learned_again_after_retry(runs: Unhurried, server: Server) -> None:
    """Where Mixpanel really takes no more, `--retry` finds that out anew, everybody is submitted once, and the cap stays."""
    runs.workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 8
    server.fault("POST=refuse-over:4")
    runs.workspace.project("web", r1=people(8))
    runs.apply()
    runs.workspace.declare("web.r2", people(8, prefix="v"))
    runs.apply(retry=("web.deletions.r2",))
    assert sizes(server) == [8, 4, 4] * 2
    assert runs.workspace.state["projects"]["web"]["learned_cap"] == 4
    assert submitted(server) == sorted(people(8) + people(8, prefix="v"))


# The wrong ones


@pytest.mark.parametrize("bad", [(1234,), (0, 777, 1999)])
def test_bad_ids_among_2000_are_found_and_shown_by_their_line(runs: Unhurried, server: Server, bad: tuple[int, ...]) -> None:
    """Each id that Mixpanel doesn't take is found by halving and shown by file and line; everybody else is submitted, once; exit 1."""
    server.fault("POST=refuse-ids:bad")
    from_csv(runs, people(2000, bad))
    outcome = runs.apply(code=1)
    assert submitted(server) == sorted(one for one in people(2000, bad) if "bad" not in one)
    places = {(one.span.file, one.span.line) for one in outcome.diagnostics if one.code == "MP0709" and one.span is not None}
    assert places == {("people.csv", number + 2) for number in bad}
    assert len(sizes(server)) <= 1 + 64
    assert runs.workspace.status()[R1]["subjects"]["refused"] == len(bad)
    assert runs.workspace.state["projects"]["web"]["learned_cap"] is None
    calls = len(server.calls())
    assert runs.apply().why == "no changes"
    assert len(server.calls()) == calls


def test_the_search_for_bad_ids_goes_on_where_it_stopped(runs: Unhurried, server: Server) -> None:
    """A batch takes at most 64 further calls a run; what wasn't tried is said, waits, and is taken up by the next apply in the same parts."""
    runs.workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 400
    bad = tuple(range(0, 400, 20))
    server.fault("POST=refuse-ids:bad")
    from_csv(runs, people(400, bad))
    outcome = runs.apply(code=1)
    assert len(sizes(server)) == 1 + 64
    (message,) = found(outcome, "MP0806")
    waiting = runs.workspace.status()[R1]["subjects"]["unsent"]
    assert message.startswith(f"{waiting:,} distinct ids")
    assert waiting > 0
    for _ in range(9):
        start = len(sizes(server))
        pieces = runs.plan().cost.requests
        outcome = runs.apply(code=None)
        assert max(sizes(server, start), default=0) <= 200
        assert len(sizes(server, start)) <= pieces * (1 + 64)
        if outcome.why == "no changes":
            break
    assert outcome.exit_code == 0
    assert submitted(server) == sorted(one for one in people(400, bad) if "bad" not in one)
    assert runs.workspace.status()[R1]["subjects"]["refused"] == len(bad)


def test_a_refused_batch_stopped_by_the_time_budget_goes_on_later(runs: Unhurried, server: Server) -> None:
    """A run whose time ends in the middle of the search ends 3 and says what is left; later runs find the id and submit everybody else."""
    runs.workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 64
    server.fault("POST=refuse-ids:bad")
    from_csv(runs, people(64, (10,)))
    assert found(runs.apply(code=3, max_seconds=3.0), "MP0803") != []
    for _ in range(6):
        if runs.apply(code=None, max_seconds=6.0).why == "no changes":
            break
    assert submitted(server) == sorted(one for one in people(64, (10,)) if "bad" not in one)
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert runs.workspace.status()[R1]["subjects"]["refused"] == 1


# What becomes of them


def test_a_refused_id_goes_out_again_by_retry(runs: Unhurried, server: Server) -> None:
    """`--retry ADDRESS` sends refused ids again, and nobody else."""
    runs.workspace.project("web", r1=people(3, (1,)))
    server.fault("POST=refuse-ids:bad")
    runs.apply(code=1)
    server.heal()
    start = len(sizes(server))
    runs.apply(retry=(R1,))
    assert sizes(server, start) == [1]
    assert submitted(server) == sorted(people(3, (1,)))


def test_a_refused_id_may_be_withdrawn(runs: Unhurried, server: Server) -> None:
    """A refused id that leaves its request is no work and no trouble any more; with its whole request it is planned as withdrawn."""
    runs.workspace.project("web", r1=people(3, (1,)), r2=["bad-2"])
    server.fault("POST=refuse-ids:bad")
    runs.apply(code=1)
    runs.workspace.declare("web.r1", people(3, (1,))[::2])
    runs.workspace.declare("web.r2", None)
    calls = len(server.calls())
    planned = runs.plan()
    assert [(str(change.address), change.withdrawn_unsent) for change in planned.pending] == [("web.deletions.r2", 1)]
    assert [one.code for one in planned.diagnostics] == []
    runs.apply()
    assert len(server.calls()) == calls
    assert runs.apply().why == "no changes"
    assert runs.workspace.status()[R1]["subjects"]["refused"] == 0


# Conflicts of many calls


@pytest.mark.parametrize("fault", ["conflict-stale", "conflict-names:gone-1,gone-2"])
def test_a_409_on_every_try_ends_after_five(runs: Unhurried, server: Server, fault: str) -> None:
    """Where each try is answered with tasks that have ended, a run tries five times and ends 3, saying what is left; a later one goes on."""
    runs.workspace.project("web", r1=["u1", "u2"])
    runs.apply()
    runs.workspace.declare("web.r1", ["u1"])
    server.fault(f"POST={fault}")
    start = len(sizes(server))
    (message,) = found(runs.apply(code=3), "MP0805")
    assert message.startswith("1 distinct id was")
    assert sizes(server, start) == [1] * 5
    assert runs.workspace.status()[R1]["subjects"]["unsent"] == 1
    server.heal()
    runs.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1"}
    assert runs.apply().why == "no changes"


def test_a_409_that_names_very_many_tasks_is_worked_off(runs: Unhurried, server: Server) -> None:
    """Seventy tasks of one person each, made elsewhere, are all adopted; the others of the batch are sent; nobody is in two tasks."""
    runs.workspace.project("web", r1=people(75))
    with httpx.Client(trust_env=False, timeout=60) as http:
        for one in people(70):
            http.post(
                f"{server.origins['eu']}/api/app/data-deletions/v3.0/",
                params={"token": runs.workspace.token("web")},
                headers={"Authorization": "Bearer somebody-else"},
                json={"distinct_ids": [one], "compliance_type": "GDPR"},
            ).raise_for_status()
    runs.apply()
    assert server.ids_in_live_tasks() == {(runs.workspace.token("web"), one): 1 for one in people(75)}
    assert runs.workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert runs.apply().why == "no changes"
