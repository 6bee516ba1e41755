"""`mixpriv state rekey`: the digest key is gone, and the memory is made anew from what the tasks still show."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from mixpriv_reconcile.pipeline.rekeying import rekey
from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .canaries import check, declared
from .exports import wished
from .test_approval import answered
from .test_importing import made
from .unhurried import Unhurried
from .workspace import KEY, Ended, Server, Workspace, actions, codes, finished, killed, until

NEW_KEY = "a new key for journeys, long enough"
NOTHING_LOST = "Found again under the new key: 5 of 5 distinct ids."


def lose_the_key(workspace: Workspace) -> None:
    workspace.environment["MIXPRIV_DIGEST_KEY"] = NEW_KEY


def rekeyed(workspace: Workspace, *arguments: str, code: int = 0, former: str | None = None) -> Ended:
    """The end of a rekey that nobody is asked about."""
    return workspace.run("state", "rekey", "--auto-approve", *arguments, code=code, environment={"MIXPRIV_OLD_DIGEST_KEY": former})


def state_files(workspace: Workspace) -> dict[str, bytes]:
    """Every file of the state, its lock aside."""
    found = (path for path in workspace.files() if path.name.startswith("mixpriv.state") or path.suffix == ".seg")
    return {str(path): path.read_bytes() for path in found if path.suffix != ".lock"}


def posts(server: Server) -> int:
    return len(server.calls("POST"))


@pytest.fixture
def web(workspace: Workspace) -> Workspace:
    """A workspace whose request for five people was submitted in three tasks, and whose key is another one since."""
    workspace.project("web", r1=["u1", "u2", "u3", "u4", "u5"])
    workspace.apply()
    lose_the_key(workspace)
    return workspace


def test_a_lost_key_costs_nothing_while_the_tasks_show_their_ids(web: Workspace, server: Server) -> None:
    """All is found again with one GET a task: the next plan says that there are no changes, and only new ids are ever sent."""
    assert "mixpriv state rekey" in web.run("plan", code=1).err
    before, gets = web.state, len(server.calls("GET"))
    ended = rekeyed(web)
    assert NOTHING_LOST in ended.out
    assert len(server.calls("GET")) == gets + 3
    assert web.state["serial"] == before["serial"] + 1
    assert web.state["lineage"] == before["lineage"]
    assert json.loads((web.root / "mixpriv.state.json.backup").read_text("utf-8")) == before
    assert "No changes." in web.run("plan").out
    web.apply()
    assert posts(server) == 3
    web.declare("web.r1", ["u1", "u2", "u3", "u4", "u5", "u6"])
    web.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3", "u4", "u5", "u6"}


def test_the_same_key_is_nothing_to_do(workspace: Workspace, server: Server) -> None:
    """With the key that the state was made with nothing is asked, sent or written."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    before, calls = state_files(workspace), server.calls()
    assert "nothing to do" in workspace.run("state", "rekey").out
    assert state_files(workspace) == before
    assert server.calls() == calls


def test_what_was_not_applied_has_nothing_to_rekey(workspace: Workspace) -> None:
    """Without a state, or without a key to go over to, the error says what to do first."""
    workspace.project("web", r1=["u1"])
    assert "MP0585" in rekeyed(workspace, code=1).err
    workspace.apply()
    assert "MP0580" in workspace.run("state", "rekey", code=1, environment={"MIXPRIV_DIGEST_KEY": None}).err


def test_nothing_is_changed_without_an_approval(web: Workspace) -> None:
    """Where nobody can be asked, what would be lost is shown all the same; the command ends 1 and writes nothing."""
    before = state_files(web)
    ended = web.run("state", "rekey", code=1)
    assert NOTHING_LOST in ended.out
    assert "MP0582" in ended.err
    document = web.run("state", "rekey", "--format", "json", code=1, environment={"CI": "1"}).document
    assert (document["rekeyed"], document["remembered"], document["missing"]) == (False, 5, 0)
    assert codes(document) == ["MP0582"]
    assert state_files(web) == before


def test_yes_is_typed_on_a_terminal(web: Workspace) -> None:
    """On a terminal it asks even where nothing would be lost; anything but yes changes nothing."""
    before = state_files(web)
    ended, shown = answered(web, "no", "state", "rekey")
    assert "type yes" in shown
    assert ended.code == 1
    assert "nothing was changed" in ended.out
    assert state_files(web) == before
    ended, _ = answered(web, "yes", "state", "rekey")
    assert ended.code == 0
    assert "No changes." in web.run("plan").out


def test_a_rekeyed_state_is_pulled_and_pushed(web: Workspace) -> None:
    """What a rekey writes is a state like any other: it is verified whole, copied, and taken over."""
    rekeyed(web)
    (web.root / "pulled.json").write_text(web.run("state", "pull").out, "utf-8")
    for path in state_files(web):
        Path(path).unlink()
    assert "Pushed" in web.run("state", "push", "pulled.json").out
    assert "No changes." in web.run("plan").out


def test_projects_are_asked_side_by_side_and_one_that_denies_stops_all(workspace: Workspace, server: Server) -> None:
    """Where one project's token is missing, the others are still asked, everything is said, and nothing is changed."""
    workspace.project("web", r1=["u1"])
    workspace.project("shop", "us", r1=["v1"])
    workspace.apply()
    lose_the_key(workspace)
    before = state_files(workspace)
    ended = workspace.run("state", "rekey", "--auto-approve", code=1, environment={"TOKEN_SHOP": None})
    assert "TOKEN_SHOP" in ended.err
    assert "1 of 2 tasks" in ended.out
    assert len(server.calls("GET")) == 1
    assert state_files(workspace) == before
    assert "2 of 2 distinct ids" in rekeyed(workspace).out


def test_tasks_that_show_no_ids_are_named_and_their_ids_sent_again(web: Workspace, server: Server) -> None:
    """What a task doesn't show is named with batch, number and reason; the next apply sends those ids, and adopts what lives on."""
    server.fault("GET@1=hide-ids", "GET@2=404")
    document = rekeyed(web, "--format", "json").document
    server.heal()
    first, second, third = server.tasks()
    assert [(lost["address"], lost["batches"], lost["count"], lost["missing"], lost["tracking_id"]) for lost in document["not_rebuilt"]] == [
        ("web.deletions.r1", [1], 2, 2, first["tracking_id"]),
        ("web.deletions.r1", [2], 2, 2, second["tracking_id"]),
    ]
    assert "doesn't show" in document["not_rebuilt"][0]["why"]
    assert "no longer knows" in document["not_rebuilt"][1]["why"]
    assert codes(document) == ["MP0583"]
    plan = web.plan()
    (change,) = [change for change in plan["resource_changes"] if change["subjects"]]
    assert change["subjects"] == 4
    web.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.tasks()) == 3
    assert actions(web.plan()) == {}
    assert {task["tracking_id"]: task["subjects"] for task in web.state["tasks"]} == {
        task["tracking_id"]: task["id_count"] for task in (first, second, third)
    }


def test_ids_withdrawn_since_are_still_called_back(web: Workspace, server: Server) -> None:
    """An id that no source has any more, and that its task shows, stays remembered: its task is cancelled, the rest sent anew."""
    web.declare("web.r1", ["u1", "u3", "u4", "u5"])
    assert NOTHING_LOST in rekeyed(web).out
    assert "MP0583" not in web.run("plan").both
    web.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u3", "u4", "u5"}
    assert len(server.tasks("REVOKED")) == 1


def test_a_request_that_left_is_still_withdrawn(web: Workspace, server: Server) -> None:
    """A request that is in no manifest when the key changes is withdrawn by the next apply as it would have been before."""
    web.declare("web.r1", None)
    web.project("other", r2=["v1"])
    assert NOTHING_LOST in rekeyed(web).out
    web.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"v1"}


def test_a_renamed_request_is_still_a_move(web: Workspace, server: Server) -> None:
    """A request that was renamed when the key changed is known again by its ids, and nothing of it is sent."""
    web.declare("web.r1", None)
    web.declare("web.renamed", ["u1", "u2", "u3", "u4", "u5"])
    rekeyed(web)
    web.apply()
    assert posts(server) == 3
    assert actions(web.plan()) == {}


def test_holds_and_lists_go_on(workspace: Workspace, server: Server) -> None:
    """With legal holds, an opt-out list and access requests the next plan is as empty as before; a hold set since calls back its id."""
    web = workspace.project("web", r1=["u1", "u2", "u3"])
    web["legal_holds"] = {"distinct_ids": ["u3"]}
    web["opt_outs"] = {"distinct_ids": ["u1", "u2", "u3"], "write_to": "server/opt-outs.json"}
    wished(workspace, "web.dsar", ["w1"])
    workspace.apply()
    held = workspace.plan()
    assert actions(held) == {}
    lose_the_key(workspace)
    rekeyed(workspace)
    assert actions(workspace.plan()) == {}
    web["legal_holds"] = {"distinct_ids": ["u2", "u3"]}
    workspace.write()
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "w1"}


def test_a_task_of_two_requests_serves_both_again(workspace: Workspace, server: Server) -> None:
    """Ids of a task that another request adopted belong to both requests again: neither sends them, and one alone doesn't cancel it."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r2", ["u1", "u2"])
    workspace.apply()
    assert actions(workspace.plan()) == {}
    lose_the_key(workspace)
    rekeyed(workspace)
    assert actions(workspace.plan()) == {}
    workspace.declare("web.r2", None)
    workspace.apply()
    assert len(server.tasks("PENDING", "STAGING", "STARTED")) == 1
    assert server.tasks("REVOKED") == []


def test_a_batch_in_doubt_is_named_and_settled_by_the_next_apply(workspace: Workspace, server: Server) -> None:
    """A batch that was never acknowledged has no task to ask: it is named, its ids are sent again, and a 409 names the task."""
    workspace.project("web", r1=["u1", "u2"])
    server.fault("POST@1=reset-after")
    workspace.apply(code=3)
    server.heal()
    lose_the_key(workspace)
    ended = rekeyed(workspace)
    assert "in doubt" in ended.out
    assert "MP0583" in ended.err
    workspace.apply()
    assert len(server.tasks()) == 1
    assert actions(workspace.plan()) == {}


def test_an_answer_that_shows_some_ids_is_believed_for_those(workspace: Workspace, server: Server) -> None:
    """Where a task shows fewer people than were put into it, the others are named as not found again, and nobody is sent twice."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    server.fault("GET=partial-echo")
    lose_the_key(workspace)
    document = rekeyed(workspace, "--format", "json").document
    (lost,) = document["not_rebuilt"]
    assert (lost["count"], lost["missing"]) == (2, 1)
    assert "fewer" in lost["why"]
    server.heal()
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert actions(workspace.plan()) == {}


def test_strangers_in_a_task_stay_strangers(workspace: Workspace, server: Server) -> None:
    """Of an adopted task that holds other people too, only those that the request declares are remembered; nobody is withdrawn."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 20
    workspace.project("web", r1=["u1", "u2"])
    made(workspace, "u1", "u2", "s1", "s2")
    workspace.apply()
    lose_the_key(workspace)
    assert "2 of 2 distinct ids" in rekeyed(workspace).out
    assert actions(workspace.plan()) == {}
    assert codes(workspace.plan()) == []
    workspace.apply()
    assert server.calls("DELETE") == []


@pytest.mark.parametrize(("spec", "code", "budget"), [("GET@2-=401", 1, "10m"), ("GET@2-=503", 3, "8s"), ("GET@2-=reset-before", 3, "8s")])
def test_one_task_that_does_not_answer_keeps_all_as_it_was(web: Workspace, server: Server, spec: str, code: int, budget: str) -> None:
    """A refusal, or no answer within the time given, ends the command with nothing changed; another run later finds all."""
    before = state_files(web)
    server.fault(spec)
    ended = rekeyed(web, "--max-duration", budget, code=code)
    assert "nothing was changed" in ended.out
    assert ("MP0584" if code == 3 else "MP0701") in ended.err
    assert state_files(web) == before
    server.heal()
    assert NOTHING_LOST in rekeyed(web).out


def test_missing_credentials_are_named_and_change_nothing(web: Workspace) -> None:
    """Without the tokens that the tasks' project needs, the command ends 1 and names them."""
    before = state_files(web)
    assert "GDPR_TOKEN" in web.run("state", "rekey", "--auto-approve", code=1, environment={"GDPR_TOKEN": None}).err
    assert state_files(web) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_rekey_changes_nothing(web: Workspace, server: Server, number: int, code: int) -> None:
    """A signal lets the call in flight end; nothing is written, and the former key still fits."""
    before = state_files(web)
    server.fault("GET@2=hold")
    running = web.start("state", "rekey", "--auto-approve")
    until(lambda: server.struck("GET@2=hold"), running)
    running.send_signal(number)
    server.release()
    assert finished(running).code == code
    assert state_files(web) == before
    assert "No changes." in web.run("plan", environment={"MIXPRIV_DIGEST_KEY": KEY}).out


def test_a_killed_rekey_changes_nothing(web: Workspace, server: Server) -> None:
    """A run that dies before it published leaves the state as it was, for either key."""
    before = state_files(web)
    server.fault("GET@3=hold")
    running = web.start("state", "rekey", "--auto-approve")
    until(lambda: server.struck("GET@3=hold"), running)
    running.kill()
    finished(running)
    server.heal()
    assert state_files(web) == before
    assert NOTHING_LOST in rekeyed(web).out


def test_what_a_dead_apply_left_is_counted_in(workspace: Workspace, server: Server) -> None:
    """A journal that a killed apply left is published first: its acknowledged task is asked, its batch in doubt is named."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    killed(workspace, server, "POST@2=hold")
    server.heal()
    lose_the_key(workspace)
    document = rekeyed(workspace, "--format", "json").document
    assert [(lost["batches"], lost["missing"], lost["tracking_id"]) for lost in document["not_rebuilt"]] == [([2], 1, None)]
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.ids_in_live_tasks()) == 3


def test_a_saved_plan_fits_no_more(workspace: Workspace, server: Server) -> None:
    """A plan that was approved under the former key is refused under the new one, before anything is sent."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2"])
    workspace.run("plan", "--out", "saved.json")
    lose_the_key(workspace)
    rekeyed(workspace)
    before = posts(server)
    workspace.run("apply", "saved.json", code=None)
    assert posts(server) == before


def test_the_state_before_can_be_put_back(web: Workspace) -> None:
    """With its backup in its place and the former key, all is as it was."""
    rekeyed(web)
    (web.root / "mixpriv.state.json.backup").replace(web.root / "mixpriv.state.json")
    assert "No changes." in web.run("plan", environment={"MIXPRIV_DIGEST_KEY": KEY}).out


def test_no_id_and_no_key_is_shown_or_written(workspace: Workspace, server: Server) -> None:
    """Whatever is found or lost, no distinct id, token or key is in any output or file, in any disguise."""
    declared(workspace)
    workspace.apply()
    lose_the_key(workspace)
    shown = [workspace.run("state", "rekey", code=1)]
    server.fault("GET@2=hide-ids", "GET@3=partial-echo", "GET@4=404")
    shown.append(workspace.run("state", "rekey", "--format", "json", code=1))
    shown.append(workspace.run("state", "rekey", "--auto-approve", environment={"MIXPRIV_OLD_DIGEST_KEY": KEY}))
    check(workspace, *shown, more=(NEW_KEY,))


class _Many(Unhurried):
    def rekey(self) -> Any:
        return rekey(
            self._setting("state rekey"),
            self,
            is_approved=True,
            approve=None,
            show=lambda rebuilt: None,
            on_answer=lambda task, answer: None,
            max_seconds=None,
        )


def test_a_request_of_fifty_batches_is_found_again(tmp_path: Path) -> None:
    """Each of fifty tasks gives its share back; the next plan is empty."""
    with Embedded(SandboxOptions(interval_seconds=0)) as origins:
        workspace = Workspace(tmp_path, origins)
        workspace.project("web", r1=[f"u{number}" for number in range(100)])
        many = _Many(workspace)
        many.apply()
        assert len(workspace.state["tasks"]) == 50
        lose_the_key(workspace)
        ended = many.rekey()
        assert (ended.exit_code, ended.rebuilt.count, ended.rebuilt.missing) == (0, 100, 0)
        assert many.plan().pending == ()
