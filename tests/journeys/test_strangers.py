"""A stranger's pull request in CI: whatever it holds, `validate` ends soon, in little memory, with an error that has a name."""

from __future__ import annotations

import gzip
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .strangers import SECRET, found, planted, ran, source
from .workspace import Server, Workspace, ago

HEAD = "version: 1\nprojects:\n  app:\n    id: 17\n    token: {env: TOKEN_APP}\n    residency: eu\n"
REQUEST = HEAD + f"    deletions:\n      spring:\n        compliance: gdpr\n        received: {ago(5)}\n"
MIB = 2**20


def laughs(count: int) -> str:
    return "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" if n else "  a0: &a0 [ha]\n" for n in range(count))


def many_ids(workspace: Workspace) -> str:
    """A long list of ids under one anchor, in hundreds of requests."""
    listed = ", ".join(f"u{number}" for number in range(50_000))
    uses = "".join(f"      q{number}: {{compliance: gdpr, distinct_ids: *d}}\n" for number in range(900))
    return REQUEST + f"        distinct_ids: &d [{listed}]\n" + uses


def many_requests(workspace: Workspace) -> str:
    """A hundred requests under one anchor, in a thousand projects."""
    requests = "".join(f"      r{number}: {{compliance: gdpr, distinct_ids: [a]}}\n" for number in range(100))
    uses = "".join(f"  p{number}: {{id: {number}, token: {{env: T{number}}}, residency: eu, deletions: *d}}\n" for number in range(18, 999))
    return HEAD + "    deletions: &d\n" + requests + uses


MANIFESTS: dict[str, tuple[Callable[[Workspace], str], list[str]]] = {
    "a billion laughs": (lambda _: HEAD + laughs(12), ["MP0103"]),
    "a long list many times": (many_ids, ["MP0119"]),
    "many requests many times": (many_requests, ["MP0119"]),
    "aliases as ids": (lambda _: REQUEST + "        distinct_ids: [&a x, *a]\n", ["MP0111", "MP0112"]),
    "merge keys": (lambda _: REQUEST + "        <<: {distinct_ids: []}\n        from: []\n", ["MP0108"]),
    "brackets without end": (lambda _: HEAD + "    sdks: " + "[" * 100_000, ["MP0102"]),
    "dashes without end": (lambda _: HEAD + "    sdks:\n      " + "- " * 100_000, ["MP0102"]),
    "braces without end": (lambda _: HEAD + "    sdks: " + "{a: " * 100_000, ["MP0102"]),
    "levels in an id list": (lambda _: REQUEST + "        distinct_ids: " + "[" * 100_000, ["MP0110", "MP0102"]),
    "a scalar of 60 MiB": (lambda _: REQUEST + "        distinct_ids: [" + "a" * (60 * MIB) + "]\n", ["MP0413"]),
    "a secret as an id": (lambda _: REQUEST + "        distinct_ids: [{env: TOKEN_APP}]\n", ["MP0110"]),
    "a file as an id": (lambda _: REQUEST + "        distinct_ids: [{file: /etc/passwd}]\n", ["MP0110"]),
    "a reference for ids": (lambda _: REQUEST + "        distinct_ids: {env: TOKEN_APP}\n", ["MP0203"]),
    "a host of its own": (lambda _: HEAD.replace("projects:", "workspace: {url: https://evil.example}\nprojects:"), ["MP0201"]),
    "faster than allowed": (lambda _: "version: 1\nworkspace: {limits: {requests_per_second: 50}}\n" + HEAD[11:], ["MP0205"]),
    "larger than allowed": (lambda _: "version: 1\nworkspace: {limits: {distinct_ids_per_request: 2001}}\n" + HEAD[11:], ["MP0205"]),
    "the digest key as a token": (lambda _: HEAD.replace("TOKEN_APP", "MIXPRIV_DIGEST_KEY"), ["MP0370"]),
    "the key file as a token": (lambda _: HEAD.replace("env: TOKEN_APP", "file: ./mixpriv.key"), ["MP0370"]),
    "a state in .git": (lambda _: "version: 1\nworkspace: {state: {path: .git/x.json}}\n" + HEAD[11:], ["MP0312"]),
    "a time zone of the disk": (lambda _: "version: 1\nworkspace: {timezone: ../../../etc/passwd}\n" + HEAD[11:], ["MP0311"]),
}  # fmt: skip


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_hostile_manifest(workspace: Workspace, what: str) -> None:
    """A manifest made to exhaust a machine, or to reach what isn't its own, is a named error."""
    text, expected = MANIFESTS[what]
    planted(workspace, "evil.yaml", text(workspace))

    assert expected == found(workspace)


def test_a_manifest_beyond_the_bound(workspace: Workspace) -> None:
    """A manifest of gigabytes isn't read any further than the bound."""
    os.truncate(planted(workspace, "evil.yaml", HEAD), 2**36)

    assert ["MP0113"] == found(workspace)


def test_more_values_than_memory(workspace: Workspace) -> None:
    """Where a manifest takes more memory than there is, that is what is said."""
    planted(workspace, "evil.yaml", HEAD + "  x:\n" + "".join(f"    k{number}: 1\n" for number in range(300_000)))

    assert "error[MP0120]" in ran(workspace, "validate", memory_bytes=224 * MIB).err


def test_more_ids_than_memory(workspace: Workspace) -> None:
    """Where ids take more memory than there is, that is what is said, and no bug is reported."""
    source(workspace, "ids.txt")
    planted(workspace, "ids.txt", b"a\n" * 16_000_000)

    assert "error[MP0445]" in ran(workspace, "plan", memory_bytes=450 * MIB).err


# What is no manifest


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        here = os.open(path.parent, os.O_RDONLY)
        door.bind(f"/proc/self/fd/{here}/{path.name}")  # the path of a socket must be short
        os.close(here)


ODD: dict[str, Callable[[Path], object]] = {
    "a FIFO": fifo,
    "a folder": Path.mkdir,
    "a socket": listening,
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "an endless device": lambda path: path.symlink_to("/dev/zero"),
    "a file of the machine": lambda path: path.symlink_to("/etc/passwd"),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_things_called_like_manifests(workspace: Workspace, what: str) -> None:
    """What is called like a manifest and is none is neither waited for nor shown; other manifests are read."""
    workspace.project("app")
    ODD[what](workspace.root / "evil.yaml")
    ended = ran(workspace, "validate", code=0)

    assert what == "a folder" or "evil.yaml:1:1: warning[MP0115]" in ended.err
    assert "root:" not in ended.both


@pytest.mark.parametrize("what", sorted(ODD))
def test_odd_things_called_like_an_ignore_file(workspace: Workspace, what: str) -> None:
    """An ignore file that isn't one of the workspace's own is an error, for what it should hide would take part."""
    workspace.project("app")
    ODD[what](workspace.root / ".mixprivignore")

    assert ["MP0118"] == found(workspace)


def test_a_manifest_outside_is_not_shown(workspace: Workspace) -> None:
    """A manifest that a link leads to outside of the workspace isn't read, and no line of it is shown."""
    workspace.project("app")
    outside = workspace.root.parent / "other.yaml"
    outside.write_text(f"projects:\n  web: [{SECRET}\n")
    (workspace.root / "evil.yaml").symlink_to(outside)
    (workspace.root / "folder").symlink_to(workspace.root.parent)

    assert "web" not in ran(workspace, "validate", code=0).both


# Sources


def bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(bytes(64 * MIB)) * 20)


SOURCES: dict[str, tuple[str, dict[str, str], Callable[[Path], object], list[str]]] = {
    **{
        what: ("ids.txt", {}, plant, [code])
        for (what, plant), code in zip(ODD.items(), ["MP0404", "MP0404", "MP0404", "MP0401", "MP0408", "MP0403", "MP0403"], strict=True)
    },
    "a bomb": ("ids.txt.gz", {}, bomb, ["MP0437"]),
    "a bomb in a packet": ("ids.txt.gz", {}, lambda path: path.write_bytes(gzip.compress(gzip.compress(b"a\n" * MIB))), ["MP0413", "MP0420"]),
    "a cut packet": ("ids.txt.gz", {}, lambda path: path.write_bytes(gzip.compress(b"a\n" * 1000)[:-9]), ["MP0436"]),
    "a line without end": ("ids.txt", {}, lambda path: (path.touch(), os.truncate(path, 2**36)), ["MP0421"]),
    "an id of 3 MiB": ("ids.csv", {"column": "id"}, lambda path: path.write_bytes(b"id\n" + b"a" * 3 * MIB), ["MP0421"]),
    "an open quote": ("ids.csv", {"column": "id"}, lambda path: path.write_bytes(b'id\n"' + b"a,\n" * MIB), ["MP0425"]),
    "a million levels": ("ids.ndjson", {"field": "id"}, lambda path: path.write_bytes(b'{"x":' + b"[" * MIB), ["MP0421"]),
    "half a million levels": ("ids.ndjson", {"field": "id"}, lambda path: path.write_bytes(b'{"x":' + b"[" * (MIB // 2)), ["MP0431"]),
    "not UTF-8": ("ids.txt", {}, lambda path: path.write_bytes(b"a\0b\n\xff\xfe\n"), ["MP0420"]),
}  # fmt: skip


@pytest.mark.parametrize("what", SOURCES)
def test_a_hostile_source(workspace: Workspace, what: str) -> None:
    """A source made to exhaust a machine, or to wait for ever, is a named error."""
    name, selector, plant, expected = SOURCES[what]
    source(workspace, name, **selector)
    plant(workspace.root / name)

    assert expected == found(workspace)


@pytest.mark.parametrize("pattern", ["../outside.txt", "sub/../../outside.txt", "{root}/outside.txt", "~/outside.txt", "away/outside.txt", "away/*.txt"])  # fmt: skip
def test_a_path_that_leaves(workspace: Workspace, pattern: str) -> None:
    """No path, and no link on its way, leads out of the workspace."""
    (workspace.root.parent / "outside.txt").write_text(f"{SECRET}\n")
    (workspace.root / "away").symlink_to(workspace.root.parent)
    source(workspace, pattern.format(root=workspace.root.parent))

    assert ["MP0403" if pattern.startswith("away") else "MP0317"] == found(workspace)


# Beyond validating


def test_a_raised_policy_is_seen_and_capped(workspace: Workspace, server: Server) -> None:
    """A pull request that raises the policy is told in the plan, and where the environment caps it nothing is sent."""
    workspace.project("app", spring=["user-1"])
    workspace.apply()
    workspace.declare("app.spring", ["user-1", "user-2", "user-3"])
    workspace.manifest["workspace"]["policy"]["max_deletions"] = 10**9
    workspace.write()
    before = server.calls("POST")

    assert "the policy was loosened since the last apply: max_deletions" in workspace.run("plan").both
    workspace.environment["MIXPRIV_MAX_DELETIONS"] = "1"
    assert 6 == workspace.run("apply", "--auto-approve", code=None).code
    assert before == server.calls("POST")


@pytest.mark.parametrize("name", ["mixpriv.state.d", "mixpriv.sandbox.state.d"])
def test_a_folder_of_segments_that_is_a_link(workspace: Workspace, name: str) -> None:
    """A link that a repository brings in the place of the segments' folder has nothing removed, written or narrowed where it leads."""
    outside = workspace.root.parent / "outside"
    outside.mkdir()
    for other in ("video.seg", ".b.tmp", "journal"):
        (outside / other).touch(mode=0o644)
    (workspace.root / name).symlink_to(outside)
    workspace.project("web", r1=["u1"])
    sandbox = ("--sandbox",) if "sandbox" in name else ()
    for command in (("plan",), ("status",), ("apply", "--auto-approve"), ("state", "list")):
        assert "MP0372" in workspace.run(*command, *sandbox, code=1).err
    assert {path.name: path.stat().st_mode & 0o777 for path in outside.iterdir()} == {"video.seg": 0o644, ".b.tmp": 0o644, "journal": 0o644}


def test_a_state_behind_a_link(workspace: Workspace) -> None:
    """A state whose folder is a link out of the workspace is refused before anything there is touched."""
    outside = workspace.root.parent / "etc"
    (outside / "init.d").mkdir(parents=True, mode=0o755)
    (workspace.root / "states").symlink_to(outside)
    workspace.manifest["workspace"]["state"] = {"path": "states/init.json"}
    workspace.project("app", spring=["user-1"])

    for command in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        assert "error[MP0372]" in ran(workspace, *command).err
    assert 0o755 == (outside / "init.d").stat().st_mode & 0o777
    assert ["init.d"] == [path.name for path in outside.iterdir()]


@pytest.mark.parametrize("name", ["mixpriv.state.json", "mixpriv.state.lock", "mixpriv.state.d", ".mixpriv", "mixpriv.key"])
def test_a_fifo_in_the_place_of_its_own_files(workspace: Workspace, server: Server, name: str) -> None:
    """A FIFO where the program keeps something is an error before anything is sent; nobody waits for a writer."""
    workspace.project("app", spring=["user-1"])
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    if name == ".mixpriv":
        planted(workspace, "ids.txt.gz", gzip.compress(b"user-1\n"))
        source(workspace, "ids.txt.gz")
    fifo(workspace.root / name)
    ran(workspace, "apply", "--auto-approve")

    assert [] == server.calls("POST")


def test_any_variable_of_the_machine_is_no_token(workspace: Workspace, server: Server) -> None:
    """A reference to a search path, a URL or a document isn't sent to anybody as a token."""
    block: dict[str, Any] = workspace.project("app", spring=["user-1"])
    for name, value in (("PATHS", "/usr/bin:/bin"), ("DATABASE_URL", f"postgres://ci:{SECRET}@db/x"), ("ACCOUNT", f'{{"key":"{SECRET}"}}')):
        workspace.environment[name] = value
        block["token"] = {"env": name}
        workspace.write()
        assert "error[MP0712]" in ran(workspace, "apply", "--auto-approve").err
    assert [] == server.calls()


def test_a_credential_that_leads_to_the_digest_key(workspace: Workspace, server: Server) -> None:
    """The digest key isn't sent as a token, though a link to it is called otherwise."""
    block = workspace.project("app", spring=["user-1"])
    planted(workspace, "mixpriv.key", f"{SECRET}-{SECRET}\n")
    (workspace.root / "token").symlink_to("mixpriv.key")
    block["token"] = {"file": "token"}
    workspace.write()

    assert "error[MP0371]" in ran(workspace, "apply", "--auto-approve").err
    assert [] == server.calls()


def test_validate_reads_no_credential(workspace: Workspace) -> None:
    """`validate` needs no secret and opens none: a credential that can't be read is none of its business."""
    block = workspace.project("app", spring=["user-1"])
    fifo(workspace.root / "token")
    block["token"] = {"file": "token"}
    workspace.write()

    ran(workspace, "validate", code=0)
    assert "error[MP0713]" in ran(workspace, "apply", "--auto-approve").err


def test_a_file_that_is_called_like_an_order(workspace: Workspace) -> None:
    """A file called like an order to a CI system begins no line of the output with it."""
    for name in ("::stop-commands::x.yaml", "a\n::set-output name=x::y.yaml", "##[add-mask]\x1b[31m\u202ex.yaml"):
        planted(workspace, name, "projects:\n  x: [\n")
    for form in ("text", "json"):
        ended = ran(workspace, "validate", "--format", form)
        assert 3 == len(re.findall(r"error\[MP0104\]|\"code\": \"MP0104\"", ended.both))
        assert not any(line.lstrip().startswith("::") for line in ended.both.splitlines())
        assert "##[" not in ended.both
        assert "\x1b" not in ended.both
        assert "\u202e" not in ended.both
