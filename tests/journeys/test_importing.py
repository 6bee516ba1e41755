"""`mixpriv import`: a task made elsewhere is adopted for a declared request, and its ids are not sent again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from .canaries import check
from .workspace import BEARER, PACE_SECONDS, Server, Workspace, actions, codes

ADDRESS = "web.deletions.r1"
IDS = ("canary-1@example.com", "canary-2", "canary-3", "canary-4", "canary-5")


@pytest.fixture
def web(workspace: Workspace) -> Workspace:
    """A workspace with a request for five people, and no state."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 20
    workspace.project("web", r1=IDS)
    return workspace


def made(workspace: Workspace, *ids: str, name: str = "web", region: str = "eu", kind: str = "data-deletions") -> str:
    """The id of a task that somebody makes for *ids* with a call of his own. When it returns, the project's next call keeps the pace."""
    url = f"{workspace.environment[f'MIXPRIV_URL_{region.upper()}']}/api/app/{kind}/v3.0/"
    body = {"distinct_ids": list(ids), "compliance_type": "GDPR"}
    with httpx.Client(trust_env=False, timeout=60) as http:
        while True:
            answer = http.post(url, params={"token": workspace.token(name)}, headers={"Authorization": f"Bearer {BEARER}"}, json=body)
            if answer.status_code != 429:  # the project's pace is kept for everybody
                break
            time.sleep(PACE_SECONDS)
    # A program that starts fast would be turned away otherwise, and a journey with little time left would be over.
    time.sleep(PACE_SECONDS)
    results = answer.raise_for_status().json()["results"]
    task = (results[0] if isinstance(results, list) else results)["tracking_id"]
    return str(task)


def state_bytes(workspace: Workspace) -> dict[str, bytes]:
    """Every file of the state."""
    return {str(path): path.read_bytes() for path in workspace.files() if path.name.startswith("mixpriv.state") and ".lock" not in path.name}


def submits(plan: Any) -> int:
    return sum(change["subjects"] for change in plan["resource_changes"])


def test_an_adopted_task_is_not_sent_again(web: Workspace, server: Server) -> None:
    """The ids that a task echoes are recorded with it; plan and apply submit only the rest, and the task is polled like any other."""
    task = made(web, *IDS[:3])
    ended = web.run("import", ADDRESS, task)
    assert f"Adopted task {task} (PENDING) with 3 distinct ids of {ADDRESS}." in ended.out
    assert web.remembered_tasks() == {task}
    assert submits(web.plan()) == 2
    web.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.ids_in_live_tasks()) == 5
    server.force("SUCCESS")
    web.run("refresh")
    assert web.status()[ADDRESS]["phase"] == "succeeded"
    check(web, ended)


def test_a_lost_state_is_built_again_from_its_tasks(web: Workspace, server: Server) -> None:
    """Without a state the tasks that were acknowledged before are imported one by one, and then nothing is left to do."""
    web.apply()
    for path in web.root.glob("mixpriv.state*"):
        if path.is_file():
            path.unlink()
    for path in (web.root / "mixpriv.state.d").iterdir():
        path.unlink()
    for task in server.tasks():
        web.run("import", ADDRESS, task["tracking_id"])
    assert actions(web.plan()) == {"web.residency": ["create"]}
    before = len(server.calls("POST"))
    web.apply()
    assert len(server.calls("POST")) == before
    assert actions(web.plan()) == {}


def test_a_task_is_found_after_its_project_left(web: Workspace, server: Server) -> None:
    """How an imported task is reached is remembered: its request can be withdrawn with the project gone from the manifests."""
    web.project("shop", r1=["s1"])
    task = made(web, *IDS)
    web.run("import", ADDRESS, task)
    del web.manifest["projects"]["web"]
    web.write()
    web.apply()
    assert [found["status"] for found in server.tasks() if found["tracking_id"] == task] == ["REVOKED"]


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED", "SUCCESS"])
def test_a_live_task_is_adopted_at_any_time_of_its_life(web: Workspace, server: Server, status: str) -> None:
    """A task that waits, runs or has succeeded is recorded with its status."""
    task = made(web, *IDS)
    server.force(status)
    assert web.run("import", ADDRESS, task, "--format", "json").document == {
        "address": ADDRESS,
        "status": status,
        "adopted": 5,
        "diagnostics": [],
    }
    assert actions(web.plan()) == {"web.residency": ["create"]}


def test_a_batch_in_doubt_is_settled_by_its_task(web: Workspace, server: Server) -> None:
    """Who knows the task of a batch in doubt imports it: the doubt is gone, and nothing is sent a second time."""
    server.fault("POST@1=reset-after")
    web.apply(code=3)
    assert "MP0613" in codes(web.plan())
    server.heal()
    (task,) = server.tasks()
    web.run("import", ADDRESS, task["tracking_id"])
    assert codes(web.plan()) == []
    assert actions(web.plan()) == {}


def test_the_same_task_twice_is_said_and_does_nothing(web: Workspace) -> None:
    """A second import of a task says that it is recorded already, ends 0 and writes nothing."""
    task = made(web, *IDS[:2])
    web.run("import", ADDRESS, task)
    before = state_bytes(web)
    assert "already" in web.run("import", ADDRESS, task).out
    assert state_bytes(web) == before


def test_ids_declared_later_join_their_task(web: Workspace) -> None:
    """Once more ids of a task are declared, a further import records them with it, beside those of before."""
    task = made(web, *IDS)
    web.declare("web.r1", IDS[:2])
    assert "MP0667" in web.run("import", ADDRESS, task).err
    web.declare("web.r1", IDS)
    assert "with 3 distinct ids" in web.run("import", ADDRESS, task).out
    assert actions(web.plan()) == {"web.residency": ["create"]}
    (known,) = web.state["tasks"]
    assert known["subjects"] == 5


def test_a_task_may_serve_two_requests(web: Workspace, server: Server) -> None:
    """Ids of another request are said, and the task is imported for that one too; withdrawing one of the two doesn't cancel it."""
    web.declare("web.r1", IDS[:3])
    web.declare("web.r2", IDS[3:])
    task = made(web, *IDS)
    assert "2 distinct ids of task" in web.run("import", ADDRESS, task).err
    web.run("import", "web.deletions.r2", task)
    assert actions(web.plan()) == {"web.residency": ["create"]}
    web.declare("web.r1", None)
    web.apply()
    assert [found["status"] for found in server.tasks()] == ["PENDING"]


def test_foreign_ids_keep_a_task_from_being_cancelled(web: Workspace, server: Server) -> None:
    """A task with ids that nobody here declares is adopted for the others, counted and said; withdrawing them doesn't cancel it."""
    task = made(web, *IDS, "stranger-1", "stranger-2")
    ended = web.run("import", ADDRESS, task)
    assert "holds 2 distinct ids that no request here declares" in ended.err
    assert web.state["tasks"][0]["foreign"] is True
    web.declare("web.r1", IDS[:4])
    web.run("apply", "--auto-approve", code=None)
    assert [found["status"] for found in server.tasks()] == ["PENDING"]


# Tasks that don't show their ids


@pytest.mark.parametrize("form", ["txt", "csv", "ndjson"])
def test_a_list_tells_what_a_silent_task_holds(web: Workspace, server: Server, tmp_path: Path, form: str) -> None:
    """Where the answer echoes no ids, `--ids-from` names the list the task was made from, anywhere, by the rules of sources."""
    task = made(web, *IDS[:3])
    server.fault("GET=hide-ids")
    assert "MP0664" in web.run("import", ADDRESS, task, code=1).err
    lists = tmp_path / "home" / "lists"
    lists.mkdir()
    texts = {
        "txt": "\n".join(IDS[:3]),
        "csv": "n,distinct_id\n" + "".join(f"1,{one}\n" for one in IDS[:3]),
        "ndjson": "".join(json.dumps({"user": one}) + "\n" for one in IDS[:3]),
    }
    (lists / f"sent.{form}").write_text(texts[form])
    more = {"txt": (), "csv": ("--column", "distinct_id"), "ndjson": ("--field", "user")}[form]
    ended = web.run("import", ADDRESS, task, "--ids-from", str(lists / f"sent.{form}"), *more)
    assert "with 3 distinct ids" in ended.out
    assert submits(web.plan()) == 2
    (lists / f"sent.{form}").unlink()
    check(web, ended)


def test_a_list_that_isnt_needed_is_not_used(web: Workspace) -> None:
    """What the task shows itself counts, not the list."""
    task = made(web, *IDS[:3])
    (web.root / "sent.txt").write_text(f"{IDS[4]}\n")
    ended = web.run("import", ADDRESS, task, "--ids-from", "sent.txt")
    assert "MP0669" in ended.err
    assert "with 3 distinct ids" in ended.out


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sent.txt", None, "MP0666"),
        ("sent.txt", "a\n\nb\n", "MP0411"),
        ("sent.csv", "a,b\n", "MP0406"),
        ("sent.json", "[]", "MP0405"),
        ("privacy.yaml", None, "MP0443"),
    ],
)
def test_a_list_that_cant_be_read_is_an_error(web: Workspace, server: Server, name: str, text: str | None, code: str) -> None:
    """What is wrong with the list is said before anything is sent."""
    task = made(web, *IDS)
    calls = len(server.calls())
    if text is not None:
        (web.root / name).write_text(text)
    assert code in web.run("import", ADDRESS, task, "--ids-from", name, code=1).err
    assert len(server.calls()) == calls


# What can't be adopted


def test_nothing_but_a_request_takes_a_task(web: Workspace, server: Server) -> None:
    """An address that isn't declared, of another kind, or no address at all: nothing is asked or written."""
    for address in ("web.deletions.other", "web.residency", "shop.deletions.r1"):
        assert "MP0661" in web.run("import", address, "5f0c", code=1).err
    assert "MP0006" in web.run("import", "nonsense", "5f0c", code=1).err
    assert server.calls() == []
    assert state_bytes(web) == {}


@pytest.mark.parametrize("name", [IDS[0], "", ".", "x" * 300, "a\nb", BEARER, "token-canary-web-5d41"])
def test_what_is_no_tasks_id_is_refused_and_not_repeated(web: Workspace, server: Server, name: str) -> None:
    """A distinct id, a token or nonsense in the place of the task's id is neither sent nor repeated."""
    ended = web.run("import", ADDRESS, "--", name, code=1)
    assert "MP0662" in ended.err
    assert server.calls() == []
    assert "canary" not in ended.both


@pytest.mark.parametrize("fault", ["", "GET=404", "GET=status:NOT_FOUND"])
def test_a_task_that_isnt_known_is_an_error(web: Workspace, server: Server, fault: str) -> None:
    """A 404, or NOT_FOUND: region, token and id are the suspects; nothing is written."""
    server.fault(*filter(None, [fault]))
    task = made(web, *IDS) if fault else "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert "MP0734" in web.run("import", ADDRESS, task, code=1).err
    assert state_bytes(web) == {}


def test_a_task_of_another_project_is_an_error(web: Workspace, server: Server) -> None:
    """An answer about another project's task is no task of this one."""
    server.fault("GET=other-project")
    assert "MP0735" in web.run("import", ADDRESS, made(web, *IDS), code=1).err
    assert state_bytes(web) == {}


@pytest.mark.parametrize("status", ["REVOKED", "FAILURE"])
def test_a_task_that_erases_nobody_is_an_error(web: Workspace, server: Server, status: str) -> None:
    """A cancelled or failed task has nothing to adopt."""
    task = made(web, *IDS)
    server.force(status)
    assert "MP0668" in web.run("import", ADDRESS, task, code=1).err
    assert state_bytes(web) == {}


def test_a_task_for_others_is_an_error(web: Workspace) -> None:
    """A task without any declared id of the request is nobody's here."""
    assert "MP0663" in web.run("import", ADDRESS, made(web, "stranger-1", "stranger-2"), code=1).err
    assert state_bytes(web) == {}


def test_an_id_is_recorded_with_one_live_task(web: Workspace, server: Server) -> None:
    """Ids that are in a live task of the request already are not recorded a second time; that task is named."""
    first = made(web, *IDS[:3])
    web.run("import", ADDRESS, first)
    server.force("REVOKED")
    second = made(web, *IDS[2:])
    before = state_bytes(web)
    refused = web.run("import", ADDRESS, second, code=1)
    assert "MP0665" in refused.err
    assert first in refused.err
    assert state_bytes(web) == before
    web.run("refresh")
    assert "with 3 distinct ids" in web.run("import", ADDRESS, second).out


@pytest.mark.parametrize(
    ("fault", "code", "exit_code", "budget"),
    [
        ("GET=401", "MP0701", 1, "10m"),
        ("GET=403", "MP0702", 1, "10m"),
        ("GET=redirect:https://evil.invalid/", "MP0705", 1, "10m"),
        ("GET=503", "MP0736", 3, "2s"),
        ("GET=429:retry-after=3600", "MP0736", 3, "10m"),
        ("GET=reset-after", "MP0736", 3, "2s"),
        ("GET=not-json", "MP0736", 3, "10m"),
    ],
)
def test_where_the_look_fails_nothing_is_written(
    web: Workspace, server: Server, fault: str, code: str, exit_code: int, budget: str
) -> None:
    """Refused: exit 1 and what to do. Busy, broken or unreadable: exit 3 and run it again. The state is untouched either way."""
    task = made(web, *IDS)
    server.fault(fault)
    ended = web.run("import", ADDRESS, task, "--max-duration", budget, code=exit_code)
    assert code in ended.both
    assert state_bytes(web) == {}
    server.heal()
    web.run("import", ADDRESS, task)


def test_no_server_no_record(web: Workspace) -> None:
    """Offline nothing is recorded."""
    web.environment["MIXPRIV_URL_EU"] = "http://127.0.0.1:9"
    assert "MP0736" in web.run("import", ADDRESS, "0f8fad5b-d9cb-469f-a165-70867728950e", "--max-duration", "1s", code=3).err
    assert state_bytes(web) == {}


def test_a_region_in_conflict_takes_no_task(web: Workspace, server: Server) -> None:
    """A project whose region differs from the remembered one would be asked in the wrong place."""
    web.apply()
    calls = len(server.calls())
    web.manifest["projects"]["web"]["residency"] = "us"
    web.write()
    assert "MP0601" in web.run("import", ADDRESS, "5f0c", code=1).err
    assert len(server.calls()) == calls


def test_ci_makes_no_state_by_importing(web: Workspace) -> None:
    """With CI set a lost state is restored, not made anew by the way."""
    web.environment["CI"] = "1"
    assert "MP0504" in web.run("import", ADDRESS, "5f0c", code=1).err
    assert state_bytes(web) == {}


def test_the_state_needs_its_own_key(web: Workspace) -> None:
    """Under another digest key the ids could not be told apart."""
    web.apply()
    web.environment["MIXPRIV_DIGEST_KEY"] = "quite another key for journeys"
    assert "MP0506" in web.run("import", ADDRESS, "5f0c", code=1).err


def test_the_sandbox_has_tasks_to_import(web: Workspace) -> None:
    """With --sandbox a task of the pretended Mixpanel is imported after its state was lost."""
    web.apply("--sandbox")
    listed = json.loads((web.root / "mixpriv.sandbox.state.json").read_text())["tasks"]
    for path in web.root.glob("mixpriv.sandbox.state*"):
        if path.is_file():
            path.unlink()
    for path in (web.root / "mixpriv.sandbox.state.d").iterdir():
        path.unlink()
    for task in listed:
        web.run("import", ADDRESS, task["tracking_id"], "--sandbox")
    assert actions(web.plan("--sandbox")) == {"web.residency": ["create"]}
