"""Wherever a server puts what it was sent, and however it disguises it, nothing of it is shown or kept."""

from __future__ import annotations

import pytest
from remote.loopback import Answering, answered, serving

from .canaries import INLINE, SECRETS, check
from .workspace import Ended, Server, Workspace

PLACES = (
    *("error", "extra", "status", "retry-after", "location", "html"),
    *("task", "task,upper", "task,suffix", "task,percent", "task,base64", "task,hex", "task,sha256"),
    *("conflict", "conflict,suffix", "conflict,percent", "conflict,base64", "conflict,sha256", "extra,base64", "status,upper"),
)


def test_what_a_server_echoes_is_neither_shown_nor_kept(workspace: Workspace, server: Server) -> None:
    """Answers to POST, GET and DELETE that carry ids and tokens in each place and disguise: none in any output or file, then or later."""
    names = [f"p{number}" for number in range(len(PLACES))]
    for number, name in enumerate(names):
        workspace.project(name, r1=[f"canary.{number}@example.com", INLINE[number % len(INLINE)]])
    for number, place in enumerate(PLACES, 1):
        server.fault(f"POST@{number}=echo-secrets:{place}")
    shown = [workspace.apply("--format", "json", code=1)]
    assert set(range(1, len(PLACES) + 1)) == {_ordinal(call["fault"]) for call in server.calls("POST") if call["fault"]}
    assert {"pending", "in_doubt", "running", "unsent"} == {request["phase"] for request in workspace.status().values()}
    shown += [workspace.run(*command, code=None) for command in (("plan", "--out", "saved.plan"), ("status",), ("show",))]
    _check(workspace, *shown)

    server.heal()
    shown += [workspace.apply("--retry", "*", code=None), workspace.apply(code=None)]
    for number, place in enumerate(PLACES, 1):
        server.fault(f"GET@{number}=echo-secrets:{place}", f"DELETE@{number}=echo-secrets:{place}")
    shown.append(workspace.run("refresh", code=None))
    for name in names:
        workspace.declare(f"{name}.r1", [INLINE[0]])
    shown += [workspace.apply(code=None), workspace.run("status", "--format", "json")]
    assert len(PLACES) <= len([call for call in server.calls("GET") if call["fault"]])
    assert [call for call in server.calls("DELETE") if call["fault"]]
    _check(workspace, *shown)


LOUD = f"{INLINE[0]} {' '.join(SECRETS)}"


@pytest.mark.parametrize(
    "answer",
    [
        answered(f"400 {LOUD}", b"", f"X-{INLINE[0].replace('@', '-')}: {LOUD}"),
        answered(f"503 {LOUD}", LOUD.encode(), f"Content-Type: text/{LOUD}", f"Retry-After: {LOUD}"),
        lambda connection: connection.sendall(f"{LOUD}\r\n\r\n".encode()),
        lambda connection: connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {LOUD}\r\n\r\n".encode()),
        answered("200 OK", LOUD.encode(), f"Content-Encoding: {LOUD}"),
    ],
    ids=["reason", "headers", "no HTTP", "length", "encoding"],
)
def test_what_stands_around_an_answer_is_not_shown(workspace: Workspace, answer: Answering) -> None:
    """A reason phrase, headers, or bytes that aren't HTTP at all are told by their kind, at the highest verbosity too."""
    workspace.project("web", r1=INLINE[:1])
    with serving(answer) as server:
        loud = {"MIXPRIV_URL_EU": server.origin, "MIXPRIV_DEBUG": "1", "PYTHONASYNCIODEBUG": "1"}
        shown = [workspace.run("apply", "--auto-approve", "--max-duration", "30s", code=None, environment=loud)]
    assert server.requests
    assert shown[0].code in (1, 3)
    check(workspace, *shown, workspace.run("status"))


def _ordinal(spec: str) -> int:
    return int(spec.partition("@")[2].partition("=")[0])


def _check(workspace: Workspace, *shown: Ended) -> None:
    own = [workspace.environment[name] for name in workspace.environment if name.startswith("TOKEN_")]
    check(workspace, *shown, more=(*own, *(f"canary.{number}@example.com" for number in range(len(PLACES)))))
