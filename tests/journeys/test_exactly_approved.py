"""Exactly what was approved: each thing that moves alone after a plan ends its apply before anything is sent, and is named.

Two ways to approve: the file of `plan --out`, and the digest alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import mixpriv_reconcile
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.plan import plan
from mixpriv_reconcile.pipeline.saved import save_plan
from mixpriv_reconcile.pipeline.setting import Setting

from .exports import exports, finished_exports, wished
from .workspace import Ended, Server, Workspace, ago

NEXT_VERSION = "0.99.0"


class Yesterday(SystemClock):
    """The machine's clock, a day slow."""

    def now(self) -> datetime:
        return super().now() - timedelta(days=1)


@dataclass(frozen=True)
class Approved:
    """A workspace with a sent request, one to send and one that waits until today; what was approved of it, and how."""

    workspace: Workspace
    server: Server
    way: str

    def approve(self) -> None:
        """Plan it as a person would, who then approves the file or the digest."""
        self.workspace.run("plan", "--out", "saved.plan")
        self._keep(self.workspace.plan()["digest"])

    def approve_with_version(self, version: str) -> None:
        """Plan it with a program that differs from this one in its version alone."""
        folder = self.workspace.root.parent / "other"
        package = folder / "mixpriv_reconcile"
        shutil.copytree(Path(mixpriv_reconcile.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
        init = package / "__init__.py"
        text = init.read_text("utf-8")
        assert f'"{mixpriv_reconcile.__version__}"' in text
        init.write_text(text.replace(f'"{mixpriv_reconcile.__version__}"', f'"{version}"'), "utf-8")
        environment = {"PYTHONPATH": str(folder)}
        self.workspace.run("plan", "--out", "saved.plan", environment=environment)
        other = self.workspace.run("plan", "--format", "json", environment=environment).document
        assert other["tool_version"] == version
        self._keep(other["digest"])

    def approve_yesterday(self) -> None:
        """Plan it as it was planned the day before."""
        setting = Setting(self.workspace.root, self.workspace.environment, Yesterday())
        made = plan(setting, PlanOptions())
        save_plan(made.plan, self.workspace.root / "saved.plan", made.key)
        self._keep(made.plan.digest)

    def apply(self, *options: str, code: int) -> Ended:
        given = ("saved.plan",) if self.way == "FILE" else ("--expect", self.digest)
        return self.workspace.run("apply", *given, *options, code=code)

    def _keep(self, digest: str) -> None:
        (self.workspace.root.parent / "digest").write_text(digest)

    @property
    def digest(self) -> str:
        return (self.workspace.root.parent / "digest").read_text()


@pytest.fixture(params=["FILE", "--expect"])
def approved(request: pytest.FixtureRequest, workspace: Workspace, server: Server) -> Approved:
    (workspace.root / "ids.txt").write_text("u2\nu3\n")
    workspace.project("web", r0=["u0"])
    workspace.apply()
    deletions = workspace.manifest["projects"]["web"]["deletions"]
    deletions["r1"] = workspace.deletion(["u1"]) | {"from": [{"file": "ids.txt"}]}
    deletions["r2"] = workspace.deletion(["u4"]) | {"not_before": ago(0)}
    workspace.write()
    return Approved(workspace, server, request.param)


def manifest(approved: Approved) -> None:
    approved.workspace.manifest["projects"]["web"]["deletions"]["r1"]["received"] = ago(6)
    approved.workspace.write()


def source(approved: Approved) -> None:
    (approved.workspace.root / "ids.txt").write_text("u2\nu5\n")


def withdrawn(approved: Approved) -> None:
    approved.workspace.declare("web.r0", ["u9"])


def another_state(approved: Approved) -> None:
    path = approved.workspace.root / "mixpriv.state.json"
    for left in (path, path.with_suffix(".json.backup")):
        left.unlink(missing_ok=True)
    shutil.rmtree(approved.workspace.root / "mixpriv.state.d")


def forgotten(approved: Approved) -> None:
    approved.workspace.run("state", "rm", "web.deletions.r0")


def failed(approved: Approved) -> None:
    approved.server.force("FAILURE")
    approved.workspace.run("refresh")


@pytest.mark.parametrize(
    ("move", "by_file", "by_digest"),
    [
        (manifest, "moved: a manifest\n", "moved: a manifest\n  Mixpanel was not asked"),
        (source, "moved: the distinct ids of web.deletions.r1\n", "moved: the distinct ids of a source\n  and with that what is to be done\n"),
        (withdrawn, "the distinct ids of web.deletions.r0\n", "moved: the distinct ids of a source\n  and with that what is to be done\n"),
        (another_state, "the state: planned against", "moved: the state (there is none now)\n  and with that"),
        (forgotten, "the state: planned at serial 1, now 2", "moved: which ids to submit (another apply sent some, or forgot some;"),
        (failed, "is FAILURE)", "or a task failed or was revoked at Mixpanel)"),
    ],
)
def test_what_moved_alone_is_named_and_nothing_is_sent(
    approved: Approved, move: Callable[[Approved], None], by_file: str, by_digest: str
) -> None:
    """A manifest, a source, the state or a task's status that moved after the plan was made: exit 4, its name, no POST, no DELETE; and
    where an input moved, which can be told without Mixpanel, not even a GET."""
    approved.approve()
    move(approved)
    before, asked = len(approved.server.calls("POST", "DELETE")), len(approved.server.calls())
    stale = approved.apply(code=4)
    assert (by_file if approved.way == "FILE" else by_digest) in stale.err
    assert len(approved.server.calls("POST", "DELETE")) == before
    if move in (manifest, source, withdrawn, another_state):
        assert len(approved.server.calls()) == asked


def test_an_export_that_got_ready_is_named_and_not_fetched(approved: Approved) -> None:
    """An export that Mixpanel finished after the plan was made adds its download, which nobody approved: exit 4, its name, no file."""
    wished(approved.workspace, "web.dsar", ["u1"])
    approved.workspace.apply()
    approved.approve()
    finished_exports(approved.workspace, approved.server)
    stale = approved.apply(code=4)
    assert ("moved: web.retrievals.dsar: not in the plan, now download" if approved.way == "FILE" else "an export that was finished") in stale.err
    assert exports(approved.workspace) == []


def test_a_look_at_tasks_alone_moves_nothing(approved: Approved) -> None:
    """A look that finds every task as it was, or ended well, leaves the plan and its digest as they were approved."""
    approved.approve()
    approved.server.force("SUCCESS")
    approved.workspace.run("refresh")
    assert approved.workspace.plan()["digest"] == approved.digest
    approved.apply(code=0)


def test_another_day_is_named_and_nothing_is_sent(approved: Approved) -> None:
    """A request that still waited when the plan was made, and is due on the day of the apply, was not approved: exit 4, the day, no POST."""
    approved.approve_yesterday()
    before = len(approved.server.calls("POST", "DELETE"))
    stale = approved.apply(code=4)
    if approved.way == "FILE":
        assert "web.deletions.r2: planned not_before (0 distinct ids in 0 requests), now new_request (1 distinct id in 1 request)" in stale.err
        assert f"the day: planned on {ago(1)}, now {ago(0)}" in stale.err
    else:
        assert f"moved: who waits (the day: it is {ago(0)}" in stale.err
    assert len(approved.server.calls("POST", "DELETE")) == before


def test_another_version_is_named_and_nothing_is_sent(approved: Approved) -> None:
    """A plan of another version of the program is not carried out by this one: exit 4, the version, no POST."""
    approved.approve_with_version(NEXT_VERSION)
    before = len(approved.server.calls())
    stale = approved.apply(code=4)
    if approved.way == "FILE":
        assert f"moved: the tool's version: planned with {NEXT_VERSION}, now {mixpriv_reconcile.__version__}\n" in stale.err
    else:
        assert f"moved: the tool's version (now {mixpriv_reconcile.__version__})\n" in stale.err
    assert len(approved.server.calls()) == before


@pytest.mark.parametrize("options", [("--target", "web.deletions.r1"), ("--retry", "web.deletions.r0"), ("--sandbox",)])
def test_another_option_is_named_and_nothing_is_sent(approved: Approved, options: tuple[str, ...]) -> None:
    """An option that chooses work, given to the apply and not to the plan: nothing is sent, exit 4. A file stands for itself: to give
    `--target` or `--retry` beside it is wrong usage, exit 1."""
    approved.approve()
    before = len(approved.server.calls())
    is_usage = approved.way == "FILE" and options != ("--sandbox",)
    ended = approved.apply(*options, code=1 if is_usage else 4)
    if approved.way == "FILE":
        assert ("MP0006" if is_usage else "planned for Mixpanel, and this apply is for the sandbox") in ended.err
    else:
        assert "an option that chooses work (--target, --retry, --sandbox)" in ended.err
    assert len(approved.server.calls()) == before


def test_inputs_that_moved_are_told_with_the_plan(approved: Approved) -> None:
    """What was approved of inputs that moved is refused with the plan of this moment shown, and its reports tell what would be left; a
    policy that says no comes first, exit 6."""
    approved.approve()
    withdrawn(approved)
    stale = approved.apply("--report", "json=apply.json", code=4)
    assert "web.deletions.r0" in stale.out
    assert (approved.workspace.root / "apply.json").read_text("utf-8").count('"web.deletions.r1"') > 0
    asked = len(approved.server.calls())
    approved.workspace.environment["MIXPRIV_MAX_DELETIONS"] = "1"
    assert "MP0602" in approved.apply(code=6).both
    assert len(approved.server.calls()) == asked


def test_comments_and_order_change_nothing(approved: Approved) -> None:
    """Comments, the order of files, of mapping keys, of sources and of ids, and line ends, are no part of what was approved."""
    root = approved.workspace.root
    (root / "more.txt").write_text("u6\n")
    deletions = approved.workspace.manifest["projects"]["web"]["deletions"]
    deletions["r1"]["from"].append({"file": "more.txt"})
    approved.workspace.write()
    approved.approve()
    (root / "ids.txt").write_bytes(b"\xef\xbb\xbfu3\r\nu2\r\n")
    deletions["r1"]["from"].reverse()
    approved.workspace.manifest["projects"]["web"]["deletions"] = dict(reversed(deletions.items()))
    approved.workspace.manifest = dict(reversed(approved.workspace.manifest.items()))
    approved.workspace.write()
    text = (root / "privacy.yaml").read_text("utf-8")
    (root / "zz.yaml").write_text("# moved to another file, with a comment\n\n" + text, "utf-8")
    (root / "privacy.yaml").unlink()
    approved.apply(code=0)
    assert sum(task["id_count"] for task in approved.server.tasks()) == 6


def test_doing_less_is_told_and_goes_on(approved: Approved) -> None:
    """A batch that another apply sent meanwhile: the file is carried out as far as it goes, with a note; a digest fits exactly or not."""
    approved.approve()
    approved.workspace.apply("--target", "web.deletions.r2")
    if approved.way == "FILE":
        ended = approved.apply(code=0)
        assert "note[MP0622]: less is left to do than the saved plan shows: web.deletions.r2: nothing left to do" in ended.both
        assert sum(task["id_count"] for task in approved.server.tasks()) == 5
    else:
        before = len(approved.server.calls("POST"))
        assert "which ids to submit (another apply sent some" in approved.apply(code=4).err
        assert len(approved.server.calls("POST")) == before


def test_a_digest_without_its_tail_decides_the_same(workspace: Workspace, server: Server) -> None:
    """The 64 digits alone approve the same plan; where they don't fit they can't say why, and say that."""
    workspace.project("web", r1=["u1"])
    digest = workspace.plan()["digest"]
    workspace.declare("web.r1", ["u2"])
    stale = workspace.run("apply", "--expect", digest[:64], code=4)
    assert "which of them, only a digest with the digits after its dash can tell" in stale.err
    assert server.calls() == []
    workspace.declare("web.r1", ["u1"])
    workspace.run("apply", "--expect", digest[:64].upper())
    assert len(server.tasks()) == 1


@pytest.mark.parametrize("given", ["", "u1-canary", "0" * 63, "0" * 64 + "-1"])
def test_what_is_no_digest_is_wrong_usage(workspace: Workspace, server: Server, given: str) -> None:
    """An empty variable or a digest that was cut off is not taken for one: exit 1, a hint, nothing is sent, nothing of it is repeated."""
    workspace.project("web", r1=["u1"])
    wrong = workspace.run("apply", "--expect", given, code=1)
    assert "error[MP0670]" in wrong.err
    assert "mixpriv plan --format json" in wrong.err
    assert "canary" not in wrong.both
    assert server.calls() == []


def test_the_state_keeps_the_64_digits(workspace: Workspace) -> None:
    """The state names the plan that made it by the digits that decide, in the form that its format specifies."""
    workspace.project("web", r1=["u1"])
    digest = workspace.plan()["digest"]
    workspace.run("apply", "--expect", digest)
    assert workspace.state["created_by_plan"] == digest[:64]
