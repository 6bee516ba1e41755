"""Every command in every format: a document of it on standard output, or a refusal that names the formats there are."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.options import FORMATS

from .canaries import check, declared
from .test_leaks import CASES, served
from .test_locking import lock_id
from .workspace import Ended, Server, Workspace, finished, standing_in, until

BARE = {("completion",), ("sandbox",), ("state", "pull")}
"""What prints somebody else's format: they have text and JSON."""

PASTED = {("endpoints",), ("sdk",), ("schema",), ("explain",), ("version",)}
"""What is no matter of a workspace: its Markdown has no marker, which is a comment's."""

FAIL = {("import",), ("unlock",)}
"""Those that fail here, because Mixpanel has no such task, and nobody holds the lock."""

LEAD = re.compile(r"#+ |\*\*|> |[A-Z`]")
"""How Markdown begins: with a heading, or a sentence."""


@pytest.fixture(scope="module")
def serving() -> Iterator[Server]:
    with standing_in() as server:
        yield server


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, serving: Server) -> Workspace:
    """A workspace of canaries, applied, with a saved plan and a pulled state."""
    workspace = Workspace(tmp_path_factory.mktemp("furnished"), serving.origins)
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 20
    declared(workspace)
    workspace.apply()
    workspace.run("plan", "--out", "saved.plan")
    (workspace.root / "pulled.json").write_text(workspace.run("state", "pull").out)
    return workspace


@pytest.fixture
def workspace(tmp_path: Path, serving: Server, furnished: Workspace) -> Workspace:
    """A copy of it, for this test alone."""
    made = Workspace(tmp_path, serving.origins)
    shutil.copytree(furnished.root, made.root, dirs_exist_ok=True)
    made.manifest = copy.deepcopy(furnished.manifest)
    made.environment["TOKEN_WEB"] = furnished.token("web")
    return made


def is_a_document(form: str, text: str) -> bool:
    """Whether *text* is one document in the format *form*, from its first line on."""
    match form:
        case "json":
            return json.loads(text) is not None
        case "html":
            return text.startswith("<!DOCTYPE html>\n") and text.endswith("</html>\n")
        case "markdown":
            first = next(line for line in text.splitlines() if line and not line.startswith("<!-- mixpriv:"))
            return LEAD.match(first) is not None
    return text != ""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", [one for one in CASES if one != ("state",)], ids=" ".join)
def test_every_command_in_every_format(workspace: Workspace, command: tuple[str, ...], form: str) -> None:
    """It prints a document of the format and nothing else, or refuses it and names those it has; no id and no token is in it."""
    arguments = (*command, *CASES[command], "--format", form)
    if command == ("sandbox",) and form in ("text", "json"):
        return check(workspace, served(workspace))
    ended = workspace.run(*arguments, "--report=markdown=run.md", "--report=html=run.html", code=None)
    for name in ("markdown=run.md", "html=run.html"):
        kind, _, file = name.partition("=")
        assert is_a_document(kind, (workspace.root / file).read_text("utf-8"))
    if command in BARE and form in ("markdown", "html"):
        assert (ended.code, ended.out) == (1, "")
        assert f"error[MP0004]: `mixpriv {' '.join(command)}` has no --format {form}" in ended.err
        assert "use one of: text, json\n" in ended.err
    elif command == ("apply",) and form == "json":
        assert ended.events[-1]["exit_code"] == ended.code == 0
    else:
        assert (ended.code != 0) is (command in FAIL), ended.err
        assert is_a_document(form, ended.out) or (form == "text" and command in FAIL)
        assert (form == "markdown" and command not in PASTED) is ended.out.startswith("<!-- mixpriv:")
    check(workspace, ended)
    return None


@pytest.mark.parametrize("command", [("state", "list"), ("state", "show", "web.deletions.r1"), ("status",), ("show",), ("state", "mv", "web", "shop")], ids=" ".join)
def test_standard_output_and_the_report_are_the_same(workspace: Workspace, command: tuple[str, ...]) -> None:
    """What `--format markdown` prints is what `--report markdown=FILE` writes; so for a page, but for the moment at which it was made."""
    text = workspace.run(*command, "--format", "markdown", "--report", "markdown=run.md").out
    assert text == (workspace.root / "run.md").read_text("utf-8")


def both(workspace: Workspace, *command: str) -> tuple[str, str]:
    """The reports of *command* as Markdown and as a page."""
    workspace.run(*command, "--report", "markdown=run.md", "--report", "html=run.html")
    return (workspace.root / "run.md").read_text("utf-8"), (workspace.root / "run.html").read_text("utf-8")


def test_reports_hold_what_the_command_shows(workspace: Workspace) -> None:
    """Hosts, snippets, addresses, a record, a page, a schema: the reports of what only shows something have it, not just its exit code."""
    marked, page = both(workspace, "endpoints", "--residency", "eu")
    assert "| Ingestion API | `api-eu.mixpanel.com` |" in marked
    assert "api-eu.mixpanel.com" in page
    assert "api-in.mixpanel.com" not in marked + page
    marked, page = both(workspace, "sdk", "web", "--sdk", "ruby")
    assert "\n```ruby\n" in marked
    assert marked.startswith('<!-- mixpriv:sdk folder="" ')
    assert "api-eu.mixpanel.com" in page
    for shown in both(workspace, "state", "list"):
        assert "2 addresses remembered" in shown
    marked, page = both(workspace, "state", "show", "web.deletions.r1")
    assert "- batch 1: 14 distinct ids, task " in marked
    assert "batch 1: 14 distinct ids, task " in page
    for shown in both(workspace, "explain", "MP0353"):
        assert "postback_url: https://mixpanel.com/security/login/42" in shown
    assert '"$id": "urn:mixpriv:schema:plan.v1"' in both(workspace, "schema", "plan")[0]
    assert "## mixpriv " in both(workspace, "version")[0]


def test_documents_tell_what_was_done(workspace: Workspace) -> None:
    """Of a command that does something the document says what: which files, from what to what, who confirmed it, where the state is now."""
    assert "**`mixpriv confirm`: Confirmed web.sso by ops.** Exit code 0." in workspace.run("confirm", "web.sso", "--by", "ops", "--format", "markdown").out
    moved = workspace.run("state", "mv", "web.deletions.r1", "web.deletions.r2", "--format", "markdown").out
    assert "| `web.deletions.r1` | `web.deletions.r2` |" in moved
    assert "<li><code>web.deletions.r2</code></li>" in workspace.run("state", "rm", "web.deletions.r2", "--format", "html").out
    copied = workspace.run("state", "migrate", "--to", "{backend: local, path: memory/prod.json}", "--format", "markdown").out
    assert "\n```\nstate: {backend: local, path: memory/prod.json}\n```\n" in copied
    started = workspace.run("init", "new", "--format", "markdown").out
    assert "| `.gitignore` | keeps the key and the state out of git |" in started
    assert "- `cd new`" in started


def test_a_lock_that_was_taken_is_told(workspace: Workspace, serving: Server) -> None:
    """`unlock --format markdown` says who held the lock."""
    workspace.declare("web.r2", ["canary-late"])
    serving.fault("POST@1=hang")
    holder = workspace.start("apply", "--auto-approve")
    until(lambda: serving.struck("POST@1=hang"), holder)
    ended = workspace.run("unlock", lock_id(workspace), "--format", "markdown")
    holder.kill()
    finished(holder)
    serving.heal()
    assert "**`mixpriv unlock`: Unlocked; it was held by " in ended.out


def test_a_failure_is_a_document_too(workspace: Workspace) -> None:
    """Where a command can't do what it is asked for, the document says why; standard error says the same."""
    for arguments in (["endpoints", "nosuch"], ["state", "show", "nosuch"], ["confirm", "nosuch", "--by", "me"], ["sdk", "nosuch"]):
        for form in ("markdown", "html"):
            ended: Ended = workspace.run(*arguments, "--format", form, code=1)
            assert is_a_document(form, ended.out)
            [code] = set(re.findall(r"error\[(MP\d{4})\]", ended.err))
            assert code in ended.out


def test_a_page_of_explain_is_markdown_itself(workspace: Workspace) -> None:
    """`explain CODE --format markdown` prints the page as it is written."""
    assert workspace.run("explain", "MP0394", "--format", "markdown").out == workspace.run("explain", "MP0394").out
    assert "<th scope=\"row\"" in workspace.run("explain", "MP0394", "--format", "html").out
