"""With a service account, plan and apply look up where each live project is, and compare it with manifest and state."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from remote.loopback import Answering, Server, answered, serving

from mixpriv_reconcile.sandbox import Embedded, Project, SandboxOptions

from .canaries import check
from .workspace import Workspace, actions, codes, until

USER, SECRET = "canary-user-7a1.mp-service-account", "canary-account-secret-77b"
PERSON = "canary.owner@example.com"
SECRETS = (USER, SECRET, PERSON)


def listing(**domains: str) -> Answering:
    """An answer of `/api/app/me` that names these projects (`p4000`), with a person's address beside."""
    projects = {name[1:]: {"name": "canary project", "domain": domain, "owner_email": PERSON} for name, domain in domains.items()}
    return answered(body=json.dumps({"status": "ok", "results": {"user_email": PERSON, "projects": projects}}).encode())


@dataclass
class Regions:
    """A server a region, each with the answer it gives to everything."""

    stack: ExitStack
    workspace: Workspace
    servers: dict[str, Server]

    def answer(self, **answers: Answering) -> None:
        for region, answering in answers.items():
            self.servers[region] = self.stack.enter_context(serving(answering))
            self.workspace.environment[f"MIXPRIV_URL_{region.upper()}"] = self.servers[region].origin

    def asked(self) -> dict[str, list[str]]:
        """The first line of each request, by region."""
        return {
            region: [request.split(b"\r\n")[0].decode() for request in server.requests]
            for region, server in self.servers.items()
            if server.requests
        }


QUESTION = ["GET /api/app/me HTTP/1.1"]


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[Regions]:
    """A workspace with a service account, and nobody in any region."""
    workspace = Workspace(tmp_path, dict.fromkeys(("us", "eu", "in"), "http://127.0.0.1:9"))
    workspace.environment |= {"SA_USER": USER, "SA_SECRET": SECRET}
    account = {"username": {"env": "SA_USER"}, "secret": {"env": "SA_SECRET"}}
    workspace.manifest["workspace"]["credentials"]["service_account"] = account
    with ExitStack() as stack:
        yield Regions(stack, workspace, {})


def conflict(plan: Any) -> str:
    (found,) = [one for one in plan["diagnostics"] if one["code"] == "MP0601"]
    return str(found["message"])


def test_a_live_project_that_fits_is_adopted(regions: Regions) -> None:
    """Each region in use is asked once a run; a project that lives where the manifest says is adopted, and nothing more is said."""
    regions.workspace.project("web", "eu")
    regions.workspace.project("app", "us")
    regions.workspace.project("shop", "us")
    regions.answer(eu=listing(p4000="eu.mixpanel.com"), us=listing(p4001="mixpanel.com", p4002="https://mixpanel.com/x"))
    planned = regions.workspace.plan()
    assert codes(planned) == []
    assert set(actions(planned)) == {"web.residency", "app.residency", "shop.residency"}
    assert regions.asked() == {"eu": QUESTION, "us": QUESTION}
    regions.workspace.apply()
    assert regions.asked() == {"eu": QUESTION * 2, "us": QUESTION * 2}
    assert actions(regions.workspace.plan()) == {}


def test_a_live_project_elsewhere_is_a_conflict(regions: Regions) -> None:
    """The manifest's word against the live project: plan and apply end 1, say who says what and what to write, and nothing is recorded."""
    regions.workspace.project("web", "us", r1=["u1"])
    regions.answer(us=listing(p4000="https://eu.mixpanel.com/project/4000"))
    assert "manifest says us, the state nothing yet, the live project eu" in conflict(regions.workspace.plan(code=1))
    refused = regions.workspace.apply(code=1)
    assert "write `residency: eu`" in refused.both
    assert "2026-08-01" in refused.both
    assert not (regions.workspace.root / "mixpriv.state.json").exists()
    assert regions.asked() == {"us": QUESTION * 2}


def test_the_state_is_compared_too(regions: Regions) -> None:
    """An adoption in the wrong region shows as soon as the live project can be seen; forgetting it makes room for the right one."""
    web = regions.workspace.project("web", "us")
    regions.workspace.apply()  # nobody answers yet
    regions.answer(us=listing(p4000="eu.mixpanel.com"), eu=listing(p4000="eu.mixpanel.com"))
    assert "manifest says us, the state us, the live project eu" in conflict(regions.workspace.plan(code=1))
    web["residency"] = "eu"
    regions.workspace.write()
    assert "manifest says eu, the state us, the live project eu" in conflict(regions.workspace.plan(code=1))
    regions.workspace.run("state", "rm", "web.*")
    assert actions(regions.workspace.plan()) == {"web.residency": ["create"]}


def test_another_region_in_use_may_tell(regions: Regions) -> None:
    """A project that its region doesn't have is found in the answer of another one in use."""
    regions.workspace.project("web", "us")
    regions.workspace.project("shop", "eu")
    regions.answer(us=listing(), eu=listing(p4000="eu.mixpanel.com", p4001="eu.mixpanel.com"))
    assert "the live project eu" in conflict(regions.workspace.plan(code=1))


TROUBLE = {
    "401": (answered("401 Unauthorized", b'{"error": "canary.owner@example.com"}'), "MP0730"),
    "403": (answered("403 Forbidden"), "MP0730"),
    "404": (answered("404 Not Found"), "MP0731"),
    "429": (answered("429 Too Many Requests", b"", "Retry-After: 3600"), "MP0731"),
    "503": (answered("503 Service Unavailable"), "MP0731"),
    "redirect": (answered("307 Temporary Redirect", b"", "Location: http://127.0.0.1:9/"), "MP0731"),
    "html": (answered(body=b"<html>canary.owner@example.com</html>"), "MP0731"),
    "empty": (listing(), "MP0732"),
    "other domain": (listing(p4000="canary.example.com"), "MP0733"),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_region_that_cant_tell_is_a_note(regions: Regions, trouble: str) -> None:
    """Where the region doesn't take the account, is busy, broken or doesn't know, a note says so and the plan goes on; nothing leaks."""
    answer, code = TROUBLE[trouble]
    regions.workspace.project("web", "eu")
    regions.answer(eu=answer)
    planned = regions.workspace.run("plan", "--format", "json")
    assert codes(planned.document) == [code]
    assert [one["severity"] for one in planned.document["diagnostics"]] == ["note"]
    applied = regions.workspace.apply()
    assert regions.asked() == {"eu": QUESTION * 2}
    check(regions.workspace, planned, applied, more=SECRETS)


def test_nobody_there_is_a_note(regions: Regions) -> None:
    """Without a network the plan comes all the same."""
    regions.workspace.project("web", "eu")
    assert codes(regions.workspace.plan()) == ["MP0731"]


def test_a_missing_credential_is_a_warning(regions: Regions) -> None:
    """A variable that isn't set leaves the check out, and is named."""
    regions.workspace.project("web", "eu")
    regions.answer(eu=listing(p4000="eu.mixpanel.com"))
    del regions.workspace.environment["SA_SECRET"]
    (found,) = regions.workspace.plan()["diagnostics"]
    assert ("MP0711", "warning") == (found["code"], found["severity"])
    assert "SA_SECRET" in found["message"]
    assert regions.asked() == {}


def test_nothing_else_asks(regions: Regions) -> None:
    """Only plan and apply ask, and not with --no-refresh."""
    regions.workspace.project("web", "eu")
    regions.workspace.apply()
    regions.answer(eu=listing(p4000="mixpanel.com"))
    for command in (["plan", "--no-refresh"], ["validate"], ["status"], ["status", "--refresh"], ["refresh"], ["show"], ["state", "list"]):
        regions.workspace.run(*command)
    assert regions.asked() == {}


def test_nothing_of_the_answer_but_the_region_is_kept(regions: Regions) -> None:
    """Names, e-mail addresses and credentials stand in no output and no file, in a plan, a conflict, an apply, a saved plan."""
    regions.workspace.project("web", "eu")
    regions.answer(eu=listing(p4000="eu.mixpanel.com"))
    loud = {"MIXPRIV_DEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONASYNCIODEBUG": "1", "HTTPX_LOG_LEVEL": "trace"}
    shown = [
        regions.workspace.run(*command, environment=loud)
        for command in (["plan", "--out", "saved.json"], ["apply", "saved.json"], ["plan", "--format", "json"], ["show"])
    ]
    regions.answer(eu=listing(p4000="mixpanel.com"))
    shown += [regions.workspace.run("plan", code=1, environment=loud), regions.workspace.apply("--format", "json", code=1)]
    check(regions.workspace, *shown, more=SECRETS)


def test_a_plan_that_waits_for_a_region_can_be_stopped(regions: Regions) -> None:
    """Ctrl-C while a region is silent ends the plan at once."""
    regions.workspace.project("web", "eu")
    regions.answer(eu=lambda connection: time.sleep(3))
    running = regions.workspace.start("plan")
    until(lambda: regions.asked(), running)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=300) == 130
    assert running.stdout is not None
    assert running.stderr is not None
    running.communicate()


def test_the_sandbox_answers_too(regions: Regions) -> None:
    """With --sandbox the pretended Mixpanel is asked, with made-up credentials: no variable is needed."""
    regions.workspace.project("web", "eu", r1=["u1"])
    for name in ("SA_USER", "SA_SECRET", "GDPR_TOKEN"):
        del regions.workspace.environment[name]
    assert codes(regions.workspace.plan("--sandbox")) == []
    regions.workspace.apply("--sandbox")
    assert codes(regions.workspace.plan("--sandbox")) == []


def test_the_served_sandbox_is_asked_in_each_region(tmp_path: Path) -> None:
    """Against the stand-in with registered projects, what it calls their domains is what counts."""
    known = (Project(4000, "token-canary-web-5d41", "eu"), Project(4001, "token-canary-app-5d41", "in"))
    with Embedded(SandboxOptions(projects=known)) as origins:
        workspace = Workspace(tmp_path, origins)
        workspace.environment |= {"SA_USER": USER, "SA_SECRET": SECRET}
        account = {"username": {"env": "SA_USER"}, "secret": {"env": "SA_SECRET"}}
        workspace.manifest["workspace"]["credentials"]["service_account"] = account
        workspace.project("web", "eu")
        workspace.project("app", "us")
        plan = workspace.plan(code=1)
        assert "project 4001" in conflict(plan)
        assert "the live project in" in conflict(plan)
