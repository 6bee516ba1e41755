"""The runs that are killed: how things stand before, what the manifests then ask for, and the command."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass

from journeys.workspace import Server, Workspace, ago, finished, until

__all__ = ["FIRST_TASK", "SCENARIOS", "Scenario"]

APPLY = ("apply", "--auto-approve")
REFUSED = "bad"
FIRST_TASK = "TASK"
"""In a command: the id of the first task that the server has."""


def _nothing(workspace: Workspace, server: Server) -> None:
    """Nothing is there before."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """*before* makes what is there already (once, undisturbed); *wish* is asked for then; *command* is what is killed.

    *faults* are what the server does wrong meanwhile. *lasting* says that it goes on doing so, and *ends* is what
    an apply ends with that meets it. *is_lost*: the server's tasks of before are in no state that is left.
    """

    name: str
    wish: Callable[[Workspace, Server], None]
    before: Callable[[Workspace, Server], None] = _nothing
    command: tuple[str, ...] = APPLY
    faults: tuple[str, ...] = ()
    lasting: bool = False
    is_lost: bool = False
    ends: int = 0


def _ids(project: str, request: str, *numbers: int) -> list[str]:
    return [f"{project}-{request}-{number}" for number in numbers]


def _first_wish(workspace: Workspace, server: Server) -> None:
    """Several projects, each with more than one batch, sources of every kind; the digest key is made by the run itself."""
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    with gzip.open(workspace.root / "ids.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["distinct_id"])
        writer.writerows([one] for one in _ids("web", "packed", 1, 2, 3))
    (workspace.root / "ids.txt").write_text("".join(f"{one}\n" for one in _ids("shop", "listed", 1, 2, 3)), "utf-8")
    for number, name in enumerate(("web", "shop", "blog", "app", "tv", "pos")):
        workspace.project(name, ("eu", "us", "in")[number % 3], r1=_ids(name, "r1", 1, 2, 3))
    for name, request, source in (
        ("web", "packed", {"file": "ids.csv.gz", "column": "distinct_id"}),
        ("shop", "listed", {"file": "ids.txt"}),
    ):
        workspace.declare(f"{name}.{request}", {"compliance": "gdpr", "received": ago(5), "from": [source]})
    confirmed = {"by": "ops@example.com", "on": ago(2)}
    workspace.manifest["projects"]["web"]["sso"] = {
        "postback_url": "https://eu.mixpanel.com/security/login/42", "confirmed": confirmed,
    }  # fmt: skip
    workspace.write()


def _small_wish(workspace: Workspace, server: Server) -> None:
    """As little as has every kind of call and file."""
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    workspace.project("web", r1=_ids("web", "r1", 1, 2, 3), r2=_ids("web", "r2", 1, 2))
    workspace.project("shop", r1=_ids("shop", "r1", 1, 2, 3))


def _some_tasks(workspace: Workspace, server: Server) -> None:
    for name in ("web", "shop", "blog", "app"):
        workspace.project(name, r1=_ids(name, "r1", 1, 2, 3, 4))
    workspace.apply()


def _changed_wish(workspace: Workspace, server: Server) -> None:
    """Ids and a whole request withdrawn, ids added, a request renamed, a project added."""
    workspace.declare("web.r1", _ids("web", "r1", 2, 3, 4))
    workspace.declare("shop.r1", None)
    workspace.declare("blog.r1", _ids("blog", "r1", 1, 2, 3, 4, 5, 6, 7))
    workspace.declare("app.r1", None)
    workspace.declare("app.renamed", _ids("app", "r1", 1, 2, 3, 4))
    workspace.project("tv", r1=_ids("tv", "r1", 1, 2))


def _lost_state(workspace: Workspace, server: Server) -> None:
    """Tasks that the server has and the workspace doesn't know any more: every batch meets a 409."""
    _some_tasks(workspace, server)
    _without_state(workspace)


def _conflicting_wish(workspace: Workspace, server: Server) -> None:
    workspace.declare("web.r1", _ids("web", "r1", 1, 2, 3, 4, 5, 6))
    workspace.declare("shop.r2", _ids("shop", "r2", 1, 2))


def _refused_wish(workspace: Workspace, server: Server) -> None:
    """A bad id in each batch, found by halving."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 4
    for name in ("web", "shop", "blog"):
        workspace.project(name, r1=[*_ids(name, "r1", 1, 2, 3), f"{REFUSED}-{name}"])


def _killed_before(workspace: Workspace, server: Server) -> None:
    """An apply was killed already, with receipts in its journal and a batch in doubt."""
    for name in ("web", "shop", "blog"):
        workspace.project(name, r1=_ids(name, "r1", 1, 2, 3, 4))
    server.fault("POST@5=hang")
    running = workspace.start(*APPLY)
    until(lambda: server.struck("POST@5=hang"), running)
    running.kill()
    finished(running)
    server.heal()


def _failed_tasks(workspace: Workspace, server: Server) -> None:
    _some_tasks(workspace, server)
    server.force("FAILURE")
    workspace.run("refresh")


def _troubled_wish(workspace: Workspace, server: Server) -> None:
    for name in ("web", "shop", "blog", "app"):
        workspace.project(name, r1=_ids(name, "r1", 1, 2, 3, 4))


def _with_sso(workspace: Workspace, server: Server) -> None:
    workspace.project("web", r1=_ids("web", "r1", 1, 2))["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    workspace.apply()


def _renamed_wish(workspace: Workspace, server: Server) -> None:
    workspace.declare("app.r1", None)
    workspace.declare("app.renamed", _ids("app", "r1", 1, 2, 3, 4))


def _pulled(workspace: Workspace, server: Server) -> None:
    """Another machine's memory, in a file; here is none."""
    _some_tasks(workspace, server)
    (workspace.root / "pulled.json").write_text(workspace.run("state", "pull").out, "utf-8")
    _without_state(workspace)


def _lost_task(workspace: Workspace, server: Server) -> None:
    """One task that the server has and nobody here knows any more."""
    workspace.project("web", r1=_ids("web", "r1", 1, 2))
    workspace.apply()
    _without_state(workspace)


def _finished_retrievals(workspace: Workspace, server: Server) -> None:
    """Access requests of two projects whose exports are ready, one of them in two parts."""
    for name, numbers in (("web", (1, 2, 3)), ("shop", (1, 2))):
        block = workspace.deletion(_ids(name, "dsar", *numbers)) | {"download_to": f"exports/{name}"}
        workspace.project(name)["retrievals"] = {"dsar": block}
    workspace.write()
    workspace.apply()
    server.force("SUCCESS")
    workspace.run("refresh")


def _erasing_wish(workspace: Workspace, server: Server) -> None:
    workspace.declare("web.r1", _ids("web", "r1", 1, 2))


def _without_state(workspace: Workspace) -> None:
    for path in (*workspace.root.glob("mixpriv.state*.json*"), *workspace.root.glob("mixpriv.state.d/*")):
        path.unlink()


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("small", _small_wish),
        Scenario("first", _first_wish),
        Scenario("changes", _changed_wish, _some_tasks),
        Scenario("conflicts", _conflicting_wish, _lost_state, is_lost=True),
        Scenario("refused", _refused_wish, faults=(f"POST=refuse-ids:{REFUSED}",), lasting=True, ends=1),
        Scenario("killed before", _nothing, _killed_before),
        Scenario("new attempts", _nothing, _failed_tasks),
        Scenario(
            "trouble", _troubled_wish, faults=("POST@1=503:after", "POST@2=429:retry-after=0", "POST@4=reset-before", "POST@6=no-task")
        ),
        Scenario("exports", _erasing_wish, _finished_retrievals),
        Scenario("refresh", _nothing, _some_tasks, ("refresh",)),
        Scenario("confirm", _nothing, _with_sso, ("confirm", "web.sso", "--by", "ops")),
        Scenario("import", _nothing, _lost_task, ("import", "web.deletions.r1", FIRST_TASK), is_lost=True),
        Scenario("forget", _nothing, _some_tasks, ("state", "rm", "web.residency")),
        Scenario("rename", _renamed_wish, _some_tasks, ("state", "mv", "app.deletions.r1", "app.deletions.renamed")),
        Scenario("push", _nothing, _pulled, ("state", "push", "pulled.json"), is_lost=True),
    )
}
"""By name."""
