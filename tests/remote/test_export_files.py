"""What arrives of a finished export: a whole file or none, without any secret told, however the server and the run end."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.remote import Fetched, NotFetched
from mixpriv_reconcile.pipeline.exports import Exports

from .fetching import PATH, ZIP, Fetching, Stoppable, in_turn, sending
from .loopback import Answering, answered
from .test_retrying import Noting


@pytest.fixture
def fetch(tmp_path: Path) -> Fetching:
    root = tmp_path / "workspace"
    root.mkdir()
    return Fetching(root)


# What is told, and what arrives


def test_a_download_tells_nothing(fetch: Fetching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It carries no bearer, no project token, no cookie, and nothing of the user's files; neither does what follows a redirect."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    _, requests = fetch.of(in_turn(answered("302 Found", b"", "Location: /moved", "Set-Cookie: canary=1; Path=/"), answered(body=ZIP)))
    assert 2 == len(requests)
    for request in requests:
        assert b"canary" not in request
        names = {line.partition(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line}
        assert names == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}


def test_a_whole_export(fetch: Fetching) -> None:
    """What arrived is the file, byte for byte, for its owner only, in a folder of the owner's that git leaves alone."""
    outcome, _ = fetch.of(answered("200 OK", ZIP, "Content-Type: application/zip"))
    assert outcome == Fetched(len(ZIP), hashlib.sha256(ZIP).hexdigest())
    assert {PATH: ZIP, "exports/dsar/.gitignore": b"*\n"} == fetch.files
    assert 0o600 == (fetch.root / PATH).stat().st_mode & 0o777
    assert {0o700} == {(fetch.root / folder).stat().st_mode & 0o777 for folder in ("exports", "exports/dsar")}


def test_a_chunked_export(fetch: Fetching) -> None:
    """An export whose length isn't told beforehand is taken, too."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    outcome, _ = fetch.of(sending(head, b"%x\r\n" % len(ZIP), ZIP, b"\r\n0\r\n\r\n"))
    assert (Fetched, ZIP) == (type(outcome), fetch.export)


CUT = {
    "length": sending(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", ZIP),
    "chunk": sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n" % (2 * len(ZIP)), ZIP),
    "last chunk": sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n" % len(ZIP), ZIP, b"\r\n"),
    "head": sending(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "no answer": sending(b""),
    "no HTTP": sending(b"PK\x03\x04 and so on\r\n\r\n"),
}


@pytest.mark.parametrize("how", CUT)
def test_a_cut_connection(fetch: Fetching, how: str) -> None:
    """An export that ends early isn't one: it is begun anew, and the file holds nothing of the half."""
    outcome, requests = fetch.of(in_turn(CUT[how], CUT[how], answered(body=ZIP)))
    assert outcome == Fetched(len(ZIP), hashlib.sha256(ZIP).hexdigest())
    assert (3, ["network", "network"]) == (len(requests), [why for why, *_ in fetch.patience.noted])
    assert ZIP == fetch.export


def test_a_server_that_is_never_whole(fetch: Fetching) -> None:
    """Where the time is spent, nothing is left behind: neither the half, nor under the export's name."""
    fetch.patience = Noting(most=3)
    outcome, requests = fetch.of(CUT["length"])
    assert outcome == NotFetched("no whole answer (RemoteProtocolError)")
    assert (4, {"exports/dsar/.gitignore": b"*\n"}) == (len(requests), fetch.files)


def test_a_failed_download_leaves_the_export_of_before(fetch: Fetching) -> None:
    """A file of that name is replaced by a whole one, or it stays."""
    (fetch.root / PATH).parent.mkdir(parents=True)
    (fetch.root / PATH).write_bytes(b"older")
    fetch.patience = Noting(most=0)
    fetch.of(CUT["chunk"])
    assert b"older" == fetch.export
    fetch.of(answered(body=ZIP))
    assert ZIP == fetch.export


@pytest.mark.parametrize(
    ("status", "why"),
    [("500 Oops", "server_error"), ("502 Bad", "server_error"), ("503 Busy", "server_error"), ("429 Slow", "rate"), ("408 Late", "server_error")],
)
def test_a_busy_server_is_asked_again(fetch: Fetching, status: str, why: str) -> None:
    """5xx, 408 and 429 pass; then the export is whole."""
    outcome, _ = fetch.of(in_turn(answered(status, b"an error's text"), answered(body=ZIP)))
    assert (Fetched, ZIP) == (type(outcome), fetch.export)
    assert [(why, 1, 0.0, None)] == fetch.patience.noted


def test_the_servers_word_on_waiting_counts(fetch: Fetching) -> None:
    """Retry-After is honoured for downloads as for calls."""
    fetch.of(in_turn(answered("429 Slow", b"", "Retry-After: 77"), answered("503 Busy", b"", "Retry-After: 0"), answered(body=ZIP)))
    assert [("rate", 1, 0.0, 77.0), ("server_error", 2, 10.0, 0.0)] == fetch.patience.noted


def test_a_run_without_a_budget_ends(fetch: Fetching) -> None:
    """A store of files that is down for good doesn't keep a run for ever: it gives up after some ten minutes."""
    outcome, requests = fetch.of(answered("503 Busy"), is_real=True)
    assert outcome == NotFetched("HTTP 503", 503)
    assert 5 < len(requests) < 30


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 Gone", "410 Gone", "204 No Content", "206 Partial", "418 Tea"])
def test_an_answer_that_waiting_cant_better(fetch: Fetching, status: str) -> None:
    """A link that ran out, or an answer that is no export, is told at once."""
    outcome, requests = fetch.of(answered(status, b"" if status.startswith("204") else b"text"))
    code = int(status[:3])
    assert outcome == NotFetched(f"HTTP {code}", code)
    assert (1, None, []) == (len(requests), fetch.export, fetch.patience.noted)


def test_an_empty_export_is_none(fetch: Fetching) -> None:
    """No bytes with status 200 are no export: it is asked for again, and nothing counts as fetched."""
    fetch.patience = Noting(most=2)
    outcome, requests = fetch.of(answered(body=b""))
    assert outcome == NotFetched("the export is empty")
    assert (3, None) == (len(requests), fetch.export)


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><title>Sign in</title>", b"\r\n  <?xml version='1.0'?><Error/>", b"<html>"])
def test_a_page_is_no_export(fetch: Fetching, page: bytes) -> None:
    """The page of a proxy or of a store of files isn't taken for the export, whose arrival would let the person be erased."""
    outcome, _ = fetch.of(answered(body=page))
    assert outcome == NotFetched("a page came instead of the export", 200)
    assert fetch.export is None


def test_a_large_export_takes_little_memory(fetch: Fetching) -> None:
    """64 MiB go through in small pieces, and come out as they went in."""
    block, count = b"PK\x03\x04" + os.urandom(2**20 - 4), 64  # chance alone would begin like a page, or like JSON, now and then
    expected = hashlib.sha256()
    for _ in range(count):
        expected.update(block)

    def large(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(block) * count))
        for _ in range(count):
            connection.sendall(block)

    tracemalloc.start()
    try:
        outcome, _ = fetch.of(large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcome == Fetched(len(block) * count, expected.hexdigest())
    assert peak < 8 * 2**20


# Runs that end meanwhile


def stalling(stop: Callable[[], object]) -> Answering:
    """Half of an export, and then nothing any more; *stop* is called in between."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + ZIP)
        stop()
        connection.recv(1)

    return answer


def dripping(stop: Callable[[], object]) -> Answering:
    """An export that comes byte for byte, and never ends."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1\r\nP\r\n")
            stop()

    return answer


@pytest.mark.parametrize("how", [stalling, dripping])
def test_a_run_that_is_over_ends_its_download(fetch: Fetching, how: Callable[[Callable[[], object]], Answering]) -> None:
    """A download is given up when its run ends, though nothing arrives any more or it would go on for ever; nothing is left of it."""
    fetch.patience = patience = Stoppable()
    outcome, _ = fetch.of(how(patience.ends.set))
    assert outcome == NotFetched("the run ended first")
    assert {"exports/dsar/.gitignore": b"*\n"} == fetch.files


# Files


def test_a_leftover_is_taken_away(fetch: Fetching) -> None:
    """What a killed run left behind on a file system without nameless files doesn't hinder the next one."""
    folder = fetch.root / "exports/dsar"
    folder.mkdir(parents=True)
    (folder / ".export-task-1.zip.part").write_bytes(b"half")
    fetch.of(answered(body=ZIP))
    assert {PATH: ZIP} == fetch.files


def test_a_link_under_the_exports_name_is_not_followed(fetch: Fetching, tmp_path: Path) -> None:
    """A symbolic link in the export's place is replaced; what it points to stays as it is."""
    (tmp_path / "precious").write_bytes(b"precious")
    (fetch.root / "exports/dsar").mkdir(parents=True)
    for name in ("export-task-1.zip", ".export-task-1.zip.part", ".gitignore"):
        (fetch.root / "exports/dsar" / name).symlink_to(tmp_path / "precious")
    fetch.of(answered(body=ZIP))
    assert b"precious" == (tmp_path / "precious").read_bytes()
    assert ZIP == fetch.export
    assert not (fetch.root / PATH).is_symlink()


def test_a_folder_under_the_exports_name(fetch: Fetching) -> None:
    """What can't be replaced is an error that names it, and nothing is left beside it."""
    (fetch.root / PATH).mkdir(parents=True)
    with pytest.raises(StateError, match=r"can't write export-task-1\.zip: Is a directory"):
        fetch.of(answered(body=ZIP))
    assert {} == fetch.files


@pytest.mark.parametrize("target", ["../outside", ".hidden", "mixpriv.state.d", "mixpriv.state.d/inner"])
@pytest.mark.parametrize("linked", ["exports", "exports/dsar"])
def test_a_linked_folder_is_refused(fetch: Fetching, tmp_path: Path, target: str, linked: str) -> None:
    """A link on the way that leads out of the workspace, into a hidden folder or the state's is refused, and nothing is made there."""
    aim = (fetch.root / target).resolve()
    aim.mkdir(parents=True)
    (fetch.root / linked).parent.mkdir(exist_ok=True)
    (fetch.root / linked).symlink_to(aim)
    with pytest.raises(StateError) as found:
        Exports(fetch.root, (str(fetch.root / "mixpriv.state.d"),)).begin(PATH)
    assert "MP0819" == found.value.code
    assert [] == list(aim.iterdir())


def test_a_file_in_the_folders_place(fetch: Fetching) -> None:
    """A file where the folder should be is an error that says so."""
    (fetch.root / "exports").write_bytes(b"")
    with pytest.raises(StateError, match=os.strerror(errno.EEXIST)):
        Exports(fetch.root, ()).begin(PATH)
