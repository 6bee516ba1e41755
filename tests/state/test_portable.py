"""The portable state: all of the memory in one document, and nothing that isn't right in every part is taken for one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.codec import canonical
from mixpriv_reconcile.errors import StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.ids.segments import encode, name
from mixpriv_reconcile.state import Portable, portable_state, portable_text

from .memories import ADDRESS, STATE, began, declared, digests, intended, lived, run

FILE = "pulled.json"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A portable state of two segments."""
    folder = tmp_path_factory.mktemp("memory")
    lived(folder, run())
    lived(folder, (began("run-2", serial=1), declared(1, 9), intended(9, 9)))
    segments = {path.stem: path.read_bytes() for path in (folder / "mixpriv.state.d").glob("*.seg")}
    assert len(segments) == 2
    return "".join(portable_text((folder / STATE).read_bytes(), segments, is_sandbox=False)).encode()


def edited(pulled: bytes, change: Callable[[dict[str, Any]], object], *, sealed: bool = False) -> bytes:
    """*pulled* with a change; with *sealed*, as somebody would make it who knows about the checksum."""
    document = json.loads(pulled)
    change(document)
    if sealed:
        portable = document.pop("portable")
        document.pop("checksum")
        document |= {"checksum": hashlib.sha256(canonical(document)).hexdigest(), "portable": portable}
    return json.dumps(document).encode()


def read(content: bytes) -> Portable | StateError:
    """What *content* is taken for, or why it is refused."""
    try:
        return portable_state(content, FILE)
    except StateError as error:
        return error


def test_comes_back_whole(tmp_path: Path) -> None:
    """What was remembered is what the portable state holds: every record, every task, every segment byte for byte."""
    state = lived(tmp_path, run()).state
    segments = {path.stem: path.read_bytes() for path in (tmp_path / "mixpriv.state.d").glob("*.seg")}
    found = portable_state("".join(portable_text((tmp_path / STATE).read_bytes(), segments, is_sandbox=True)).encode(), FILE)
    assert (found.state, found.segments, found.is_sandbox) == (state, segments, True)


def test_large_segments_come_back_whole(tmp_path: Path) -> None:
    """A segment that is encoded in several pieces is the same again."""
    state = lived(tmp_path, (began(), declared(*range(60_000)), intended(1, *range(60_000)))).state
    segments = {path.stem: path.read_bytes() for path in (tmp_path / "mixpriv.state.d").glob("*.seg")}
    found = portable_state("".join(portable_text((tmp_path / STATE).read_bytes(), segments, is_sandbox=False)).encode(), FILE)
    assert (found.state, found.segments) == (state, segments)


def test_an_altered_byte_never_alters_the_memory(pulled: bytes) -> None:
    """Wherever a bit is flipped, it is damage, or it was in white space or padding and nothing of the memory is different."""
    whole = portable_state(pulled, FILE)
    for flip in (0x01, 0x80):
        for at in range(0, len(pulled), 11):
            altered = pulled[:at] + bytes([pulled[at] ^ flip]) + pulled[at + 1 :]
            found = read(altered)
            if isinstance(found, StateError):
                assert (FILE in found.message, bool(found.hint)) == (True, True)
            else:
                assert (found.state, found.segments) == (whole.state, whole.segments)


def test_a_document_that_ends_early_is_damage(pulled: bytes) -> None:
    """A pull that was cut off, at whatever length, is damage; so is the state file itself, which has no segments in it."""
    state_file = edited(pulled, lambda document: document.pop("portable"))
    for cut in (*(pulled[:length] for length in range(0, len(pulled) - 2, 37)), state_file):
        with pytest.raises(StateDamaged, match=FILE) as damage:
            portable_state(cut, FILE)
        assert "mixpriv state pull > FILE" in damage.value.hint


def _swapped(document: dict[str, Any]) -> None:
    segments = document["portable"]["segments"]
    first, second = segments
    segments[first], segments[second] = segments[second], segments[first]


def _of_a_batch_that_isnt_there(document: dict[str, Any]) -> None:
    parts = encode((digests(1, 2), memoryview((77).to_bytes(4, "little") * 2)))
    content, sha256 = b"".join(parts), name(parts)
    document["records"][ADDRESS]["segments"] = [{"sha256": sha256, "count": 2}]
    document["portable"]["segments"] = {sha256: base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["portable"]["segments"].popitem(),
        lambda document: document["portable"]["segments"].update({"0" * 64: ""}),
        lambda document: document["portable"]["segments"].update(dict.fromkeys(document["portable"]["segments"], "@")),
        lambda document: document["portable"]["segments"].update(dict.fromkeys(document["portable"]["segments"], 7)),
        _swapped,
        _of_a_batch_that_isnt_there,
        lambda document: document["records"][ADDRESS]["segments"][0].update(count=8),
        lambda document: document["records"].update({"web-eu.residency": document["records"].pop(ADDRESS)}),
        lambda document: document["records"].update({"shop.deletions.r1": document["records"].pop(ADDRESS)}),
        lambda document: document["portable"].update(sandbox="no"),
        lambda document: document["portable"].update(format_version=True),
        lambda document: document["portable"].update(format_version=0),
        lambda document: document.update(portable=[]),
        lambda document: document.update(lineage=None),
        lambda document: document.update(lineage=""),
        lambda document: document.update(lineage="L\x1b]0;owned\x07"),
        lambda document: document.update(serial=2**53 + 1),
        lambda document: document["records"][ADDRESS].update(next_batch=2**32),
    ],
)
def test_what_no_pull_prints_is_damage(pulled: bytes, change: Callable[[dict[str, Any]], object]) -> None:
    """A segment too few, too many, altered or exchanged, and content that no run ever wrote: damage, though the checksum fits."""
    with pytest.raises(StateDamaged, match=FILE) as damage:
        portable_state(edited(pulled, change, sealed=True), FILE)
    assert damage.value.code == "MP0550"


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(format_version=2),
        lambda document: document.update(features=["cold-storage"]),
        lambda document: document["portable"].update(format_version=2),
    ],
)
def test_a_newer_one_is_refused_by_name(pulled: bytes, change: Callable[[dict[str, Any]], object]) -> None:
    """A portable state of a later version says so, and that a newer mixpriv reads it."""
    with pytest.raises(StateTooNew, match=FILE) as newer:
        portable_state(edited(pulled, change, sealed=True), FILE)
    assert newer.value.code == "MP0512"


@pytest.mark.parametrize(
    "nested", [b'{"portable":', b'{"features":[', b"[", b'{"portable":{"format_version":1,"sandbox":false,"segments":']
)
@pytest.mark.parametrize("depth", [50, 300, 700, 900, 100_000])
def test_depth_is_damage(nested: bytes, depth: int) -> None:
    """However deeply a document is nested, it is damage and not a crash."""
    with pytest.raises(StateDamaged):
        portable_state(nested * depth, FILE)
    closed = "".join({"{": "}", "[": "]"}.get(char, "") for char in reversed(nested.decode() * depth)).encode()
    with pytest.raises(StateDamaged):
        portable_state(nested * depth + b"0" + closed, FILE)


@settings(deadline=None, max_examples=300)
@given(st.binary() | ANY_JSON.map(lambda document: json.dumps(document).encode()))
def test_any_bytes(content: bytes) -> None:
    """Whatever the bytes, they are damage or too new: nothing else is ever raised, and nothing is taken for a state."""
    with pytest.raises(StateError):
        portable_state(content, FILE)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_anywhere(pulled: bytes, data: st.DataObject) -> None:
    """Whatever value stands in the place of another, under a checksum that fits, only our own errors are raised."""
    document = json.loads(pulled)
    at: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(ANY_JSON)
    portable = document.pop("portable", None)
    document.pop("checksum", None)
    try:
        document["checksum"] = hashlib.sha256(canonical(document)).hexdigest()
    except UnicodeEncodeError:
        document["checksum"] = "none"
    found = read(json.dumps(document | {"portable": portable}).encode())
    assert not isinstance(found, StateError) or FILE in found.message
