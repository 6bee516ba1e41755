"""Whatever stands in a file that the program keeps, reading it ends in what it says or in an error of our own."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import tempfile
import zlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS
from state.memories import ADDRESS, STATE, opened, run

from mixpriv_reconcile.codec import canonical, entry_document, plan_document, state_document
from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.ids.keys import random_key
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.segments import decode, encode
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Intended
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.workspace import Workspace
from mixpriv_reconcile.pipeline.saved import load_plan, save_plan
from mixpriv_reconcile.plan import plan
from mixpriv_reconcile.plan.status import status_report
from mixpriv_reconcile.refresh import stale_tasks
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.plan_json import plan_json
from mixpriv_reconcile.render.plan_text import render_plan
from mixpriv_reconcile.render.state_json import record_json, state_json, state_list_json
from mixpriv_reconcile.render.state_text import render_record, render_state, render_state_list
from mixpriv_reconcile.render.status_json import status_json
from mixpriv_reconcile.render.status_text import render_status
from mixpriv_reconcile.state import entries_of, find_key
from mixpriv_reconcile.state.journal import CHECKS, FRAME, HEADER, MAGIC
from mixpriv_reconcile.state.lock import holder_of
from mixpriv_reconcile.state.store import NO_STATE

from .mutations import mutated

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = date(2026, 11, 26)
LOOK = Look(width=60)
KEY = random_key()
ENTRIES = run()
ENTRY_DOCUMENTS = [entry_document(entry) for entry in ENTRIES]
BLOBS = [bytes(entry.digests) if isinstance(entry, Intended) else b"" for entry in ENTRIES]
STATE_DOCUMENT = json.loads(json.dumps(state_document(fold(NO_STATE, ENTRIES), written_at=NOW)))
STATE_DOCUMENT["records"][ADDRESS] |= {"received": "2026-11-03", "extension": {"notified": "2026-11-20", "reason": "complex"}}

quiet = settings(deadline=None, derandomize=True, max_examples=200)


def assert_usable(state: State) -> None:
    """An accepted state can be planned with and shown, whatever it says; what is shown steers no terminal."""
    stream = io.StringIO()
    for address in state.records:
        record_json(state, address)
        render_record(state, address, stream, LOOK)
    render_state(state, stream, LOOK)
    render_state_list(state, stream)
    state_json(state)
    state_list_json(state)
    stale_tasks(state, now=NOW, all_open=True)
    desired = DesiredState(Workspace(), {}, (), "")
    report = status_report(desired, state, TODAY, counts={})
    status_json(report)
    render_status(report, stream, LOOK)
    with contextlib.suppress(MixprivError):
        made = plan(desired, state, (), TODAY, PlanOptions(targets=("nobody.*",)))
        render_plan(made, stream, LOOK)
        plan_json(made)
    assert stream.getvalue().replace("\n", "").isprintable()


@quiet
@given(mutated(STATE_DOCUMENT))
def test_any_state_document(document: Any) -> None:
    """A state document changed anywhere, with a checksum that fits, is refused by name or can be planned with and shown."""
    with tempfile.TemporaryDirectory() as folder:
        sealed = {**document, "checksum": hashlib.sha256(canonical(document)).hexdigest()}
        (Path(folder) / STATE).write_text(json.dumps(sealed))
        _, store = opened(Path(folder))
        try:
            state = store.load(with_ids=False).state
        except MixprivError:
            return
    assert_usable(state)


def journal(documents: list[Any], blobs: list[bytes]) -> bytes:
    """The bytes of a journal of these records, each with checks that fit."""
    whole = HEADER.pack(MAGIC, 1, 0)
    for ordinal, (document, blob) in enumerate(zip(documents, blobs, strict=True)):
        text = json.dumps(document).encode()
        frame = FRAME.pack(len(text), len(blob), ordinal, 0)
        whole += frame + CHECKS.pack(zlib.crc32(frame), zlib.crc32(blob, zlib.crc32(text))) + text + blob
    return whole


@st.composite
def journals(draw: st.DrawFn) -> bytes:
    """A run's journal with one record changed, left out, doubled or moved, or with other digests."""
    documents, blobs = list(ENTRY_DOCUMENTS), list(BLOBS)
    at = draw(st.integers(0, len(documents) - 1))
    match draw(st.integers(0, 6)):
        case 0:
            del documents[at], blobs[at]
        case 1:
            to = draw(st.integers(1, len(documents)))
            documents.insert(to, documents[at])
            blobs.insert(to, blobs[at])
        case 2:
            blobs[at] = draw(st.binary(max_size=64))
        case _:
            documents[at] = draw(mutated(documents[at]))
    return journal(documents, blobs)


@quiet
@given(journals())
def test_any_journal(content: bytes) -> None:
    """A journal changed anywhere, with checks that fit, is refused by name, or folded into a state that can be published and shown."""
    with tempfile.TemporaryDirectory() as folder:
        backend, store = opened(Path(folder))
        (Path(folder) / "mixpriv.state.d").mkdir()
        (Path(folder) / "mixpriv.state.d" / "journal").write_bytes(content)
        try:
            loaded = store.load()
            for address in loaded.state.requests:
                remembered(loaded.state, address).split(from_unsorted(bytes(range(32))))
            store.publish(loaded.state, expected=loaded.version, now=NOW)
            published = store.load()
        except MixprivError:
            return
        assert backend.read() is not None
        assert published.state.serial == loaded.state.serial
    assert_usable(published.state)


@quiet
@given(st.binary(max_size=120), st.integers(0, 3), st.sampled_from([0, 1, 2, 2**31, 2**63, 2**64 - 1]), st.integers(0, 40))
def test_any_segment(rest: bytes, version: int, count: int, cut: int) -> None:
    """A segment of any content, named by its own hash as a segment is, is refused by name or is one."""
    whole = b"".join(map(bytes, encode((memoryview(bytes(range(32))), 1))))
    header = whole[:8] + version.to_bytes(4, "little") + whole[12:16] + count.to_bytes(8, "little")
    for content in (rest, whole[:32] + rest, header + rest, header + whole[24:], whole[: len(whole) - cut]):
        with contextlib.suppress(MixprivError):
            segment = decode(content, expected_sha256=hashlib.sha256(content).hexdigest())
            assert len(segment.digests) == 16 * segment.count
            assert len(segment.batches) == 4 * segment.count


@settings(quiet, max_examples=100)
@given(PLANS, st.data())
def test_any_saved_plan(made: Any, data: st.DataObject) -> None:
    """A saved plan changed anywhere, with a checksum that fits, is refused by name or shown, and its seal is checked."""
    document = data.draw(mutated(json.loads(json.dumps(plan_document(made)))))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        save_plan(made, path, KEY)
        sealed = {**document, "checksum": hashlib.sha256(canonical(document)).hexdigest(), "seal": "0" * 64}
        path.write_text(json.dumps(sealed))
        try:
            saved = load_plan(path)
        except MixprivError:
            return
        with contextlib.suppress(MixprivError):
            saved.check_seal(KEY)
            raise AssertionError("the seal of another plan was accepted")
    stream = io.StringIO()
    render_plan(saved.plan, stream, LOOK, saved_to="plan.json")
    plan_json(saved.plan)
    assert stream.getvalue().replace("\n", "").isprintable()


RUBBISH = st.binary(max_size=80) | st.sampled_from([b"[" * 4000, b'{"a":' * 700, b"9" * 4096, b"\x00" * 4096, b"\xff\xfe", b'"\\ud800"'])
HOLDER = {"lock_id": "a1", "who": "ops", "host": "build-7", "pid": "17", "since": "2026-11-20T08:00:00Z", "command": "mixpriv apply"}


@quiet
@given(RUBBISH | mutated(HOLDER).map(lambda document: json.dumps(document).encode()))
def test_any_lock_file(content: bytes) -> None:
    """Whatever a lock file says, somebody holds it or nobody does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mixpriv.state.lock"
        path.write_bytes(content)
        assert holder_of(path) is None
        with path.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert holder_of(path) is not None


@quiet
@given(RUBBISH)
def test_any_key_file(content: bytes) -> None:
    """Whatever a key file holds, it is a key of printable characters, or an error that names it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mixpriv.key").write_bytes(content)
        with contextlib.suppress(MixprivError):
            found = find_key(Path(folder), {})
            assert found is not None
            assert found.isprintable()


def test_what_is_changed_here_is_whole_before() -> None:
    """The documents that the properties above change are read as they are, so that each change is tried by itself."""
    assert entries_of(memoryview(journal(ENTRY_DOCUMENTS, BLOBS))) == ENTRIES
    assert_usable(fold(NO_STATE, ENTRIES))
