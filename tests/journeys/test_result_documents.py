"""Every command's `--format json` is one document, and keeps to a published schema; and so is its `--report json=FILE`."""

from __future__ import annotations

import json
import signal
from typing import Any

import jsonschema
import pytest

from mixpriv_reconcile.render.result_schemas import DOCUMENTS, REPORTED

from .test_command_line import commands
from .test_importing import made
from .test_locking import HOLD, lock_id
from .workspace import KEY, REPOSITORY, Ended, Server, Workspace, finished, until

JSON = ("--format", "json")
OF_ITS_OWN = {"apply", "schema"}
"""Commands whose output has tests of its own: events, schemas themselves."""


def valid(name: str, ended: Ended) -> Any:
    """The document of a run of the command *name*, which keeps to its schema and stands alone on standard output."""
    return keeps_to(DOCUMENTS[name], ended.document)


def keeps_to(schema_name: str, document: Any) -> Any:
    """*document*, which keeps to the schema that the tables of documents and reports name so."""
    file, _, definition = schema_name.partition("#")
    schema = json.loads((REPOSITORY / "schemas" / f"{file}.v1.schema.json").read_text("utf-8"))
    if definition:
        jsonschema.validate(document, schema)
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)
    return document


def told(workspace: Workspace, name: str, *more: str, code: int = 0, **environment: str) -> Any:
    """The document of the run; its report is one of its own, which keeps to what the table of reports says."""
    words = name.removesuffix(" FILE").removesuffix(" CODE").split()
    written = workspace.root.parent / "report.json"
    written.unlink(missing_ok=True)
    reported = ("--report", f"json=../{written.name}")
    document = valid(name, workspace.run(*words, *more, *JSON, *reported, code=code, environment=environment))
    keeps_to(REPORTED.get(name, "diagnostics"), json.loads(written.read_text("utf-8")))
    return document


def test_every_command_has_a_schema() -> None:
    """A command without a schema for what it prints is not finished."""
    named = {" ".join(words) for words in commands()} - {"state"} - OF_ITS_OWN
    assert {name.removesuffix(" FILE").removesuffix(" CODE") for name in DOCUMENTS} == named


@pytest.fixture
def web(workspace: Workspace) -> Workspace:
    """A workspace that remembers records of all kinds: a deletion, an access request, a login, an opt-out list, a region."""
    web = workspace.project("web", r1=["u1", "u2", "u3"])
    web["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    web["opt_outs"] = {"distinct_ids": ["u1"], "write_to": "server/opt-outs.json"}
    web["retrievals"] = {"dsar": {"compliance": "gdpr", "distinct_ids": ["u9"], "download_to": "exports/dsar"}}
    workspace.write()
    workspace.apply()
    return workspace


def test_documents_about_the_state(web: Workspace) -> None:
    """What shows, moves, forgets and copies the state prints valid documents, record by record."""
    assert told(web, "confirm", "web.sso", "--by", "ops")["by"] == "ops"
    addresses = told(web, "state list")["addresses"]
    assert len(addresses) == 5
    for address in addresses:
        assert told(web, "state show", address)["address"] == address
    assert '"sha256":' not in json.dumps(told(web, "show"))
    told(web, "status")
    told(web, "status", "--fail-due-within", "999d", code=7)
    pulled = told(web, "state pull")
    (web.root / "pulled.json").write_text(json.dumps(pulled), "utf-8")
    assert told(web, "state push", "pulled.json")["changed"] is False
    told(web, "plan", "--out", "saved.plan")
    told(web, "show FILE", "saved.plan")
    new = "a new key for documents, long enough"
    assert told(web, "state rekey", "--auto-approve", MIXPRIV_DIGEST_KEY=new)["rekeyed"] is True
    assert told(web, "state rekey", code=1, MIXPRIV_DIGEST_KEY=KEY)["rekeyed"] is False
    assert told(web, "state mv", "web.deletions.r1", "web.deletions.r2")["moved"]
    assert told(web, "state rm", "web.deletions.*")["forgotten"] == ["web.deletions.r2"]
    assert told(web, "state migrate", "--to", "{backend: local, path: memory/prod.json}")["copied"] is True


def test_documents_about_the_workspace(workspace: Workspace, server: Server) -> None:
    """What reads manifests and sources, or nothing at all, prints valid documents."""
    assert told(workspace, "init", "../started")["written"]
    workspace.project("web", r1=["u1"])
    (workspace.root / "page.ts").write_text('mixpanel.init("x", {api_host: "https://api.mixpanel.com"});\n', "utf-8")
    for name, more in (
        ("validate", ()), ("plan", ()), ("status", ()), ("show", ()), ("state list", ()), ("endpoints", ()), ("endpoints", ("web",)),
        ("sdk", ("web",)), ("explain", ()), ("completion", ("fish",)), ("version", ()),
    ):  # fmt: skip
        told(workspace, name, *more)
    assert told(workspace, "explain CODE", "MP0353")["code"] == "MP0353"
    assert told(workspace, "sdk check", "page.ts", code=7)["diagnostics"]
    assert told(workspace, "import", "web.deletions.r1", made(workspace, "u1"))["adopted"] == 1


def test_the_document_of_a_lock_that_was_taken(workspace: Workspace, server: Server) -> None:
    """`unlock` says which lock it took; `state list` meanwhile, who held it."""
    workspace.project("web", r1=["u1"])
    server.fault(HOLD)
    holder = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck(HOLD), holder)
    assert told(workspace, "state list")["apply_running"]["pid"] == str(holder.pid)
    assert told(workspace, "unlock", lock_id(workspace))["unlocked"]
    holder.kill()
    finished(holder)


def test_the_document_of_a_sandbox(workspace: Workspace) -> None:
    """`sandbox --format json` prints, as one line, the variables to set."""
    running = workspace.start("sandbox", "--store", "store", *JSON)
    assert running.stdout is not None
    document = running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    assert finished(running).out == ""
    assert set(valid("sandbox", Ended(0, document, ""))["variables"]) == {"MIXPRIV_URL_US", "MIXPRIV_URL_EU", "MIXPRIV_URL_IN"}


@pytest.mark.parametrize("name", ["plan", "apply", "show", "status", "refresh", "version"])
def test_the_report_of_a_failure(workspace: Workspace, name: str) -> None:
    """Where a manifest is wrong the report has what was found; an apply's and a refresh's are their own documents all the same."""
    workspace.project("web", r1=["u1"])["residency"] = "mars"
    workspace.write()
    workspace.run(name, "--report", "json=report.json", code=0 if name == "version" else 1)
    document = json.loads((workspace.root / "report.json").read_text("utf-8"))
    keeps_to(REPORTED[name] if name in ("apply", "refresh") else "diagnostics", document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_failure_is_the_findings(workspace: Workspace, name: str) -> None:
    """A command that fails before it has anything to print prints the document of diagnostics, whatever its own would be."""
    schema = json.loads((REPOSITORY / "schemas" / "diagnostics.v1.schema.json").read_text("utf-8"))
    words = name.removesuffix(" FILE").removesuffix(" CODE").split()
    jsonschema.validate(workspace.run(*words, "--no-such-option", *JSON, code=1).document, schema)
