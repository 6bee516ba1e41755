"""State, journal and plan as JSON: what is written is what is read, and nothing else is."""

from __future__ import annotations

import copy
import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixpriv_reconcile import codec
from mixpriv_reconcile.model.journal import Entry, Intended
from mixpriv_reconcile.model.plan import Cost, Plan, PlanOptions, Summary
from mixpriv_reconcile.model.state import State

from .building import ENTRIES, PLANS, STATES

NOW = datetime(2026, 11, 8, 9, tzinfo=UTC)
CANARY = "canary-4f1e"
patient = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def written(document: Any) -> Any:
    """*document* after a journey through a file."""
    return json.loads(codec.canonical(document))


@patient
@given(STATES)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    """Every field of a state survives being written and read."""
    document = written(codec.state_document(state, written_at=NOW))
    assert state == codec.state_of(document)
    assert document == written(codec.state_document(codec.state_of(document), written_at=NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=300)
@given(JSON)
def test_a_file_always_holds_a_document_as_the_library_spells_it(document: Any) -> None:
    """What is quicker than the library's indenting gives the same bytes."""
    assert json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n" == codec.as_filed(document)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_no_json_is_in_no_file(number: float) -> None:
    """NaN and the infinities, which other programs couldn't read, are written nowhere."""
    with pytest.raises(ValueError, match="JSON"):
        codec.as_filed({"seconds": number})


@patient
@given(ENTRIES)
def test_a_journal_entry_comes_back_as_it_was(entry: Entry) -> None:
    """Every entry survives being written and read; its digests travel beside it, never in the JSON."""
    digests = entry.digests if isinstance(entry, Intended) else memoryview(b"")
    document = written(codec.entry_document(entry))
    found = codec.entry_of(document, digests)
    assert entry == found
    assert "digests" not in document
    if isinstance(found, Intended):
        assert bytes(digests) == bytes(found.digests)


@patient
@given(PLANS)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    """A saved plan says the same after being read, and holds no digest."""
    document = written(codec.plan_document(plan))
    found = codec.plan_of(document)
    assert document == written(codec.plan_document(found))
    assert plan == found
    assert not any(batch.ids.digests for change in found.changes for batch in change.batches)


def test_every_kind_of_entry_is_named() -> None:
    """The names of the journal's entries are its format: they stay."""
    expected = "began put put_request intended acknowledged unsettled polled cancel_accepted learned_cap forgot"
    assert set(expected.split()) == set(codec.ENTRIES)


WRONG = st.sampled_from([None, True, 7, -1, 1.5, CANARY, "", [], [CANARY], {}, {CANARY: CANARY}, {"kind": CANARY}, [[[]]], 10**400])


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """*document* with one value, anywhere, replaced or left out."""
    broken = copy.deepcopy(document)
    place: Any = broken
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, (dict, list)) and inner and draw(st.booleans()):
            place = inner
            continue
        if draw(st.booleans()):
            del place[key]
        else:
            place[key] = draw(WRONG)
        return broken


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much])
@given(st.data())
def test_a_wrong_document_is_refused_without_its_values(data: st.DataObject) -> None:
    """A document with a wrong or missing value is read as what it still is, or refused with an error that quotes none of it."""
    kind = data.draw(st.sampled_from(["state", "entry", "plan"]))
    if kind == "state":
        document = codec.state_document(data.draw(STATES), written_at=NOW)
    elif kind == "entry":
        document = codec.entry_document(data.draw(ENTRIES))
    else:
        document = codec.plan_document(data.draw(PLANS))
    broken = data.draw(damaged(written(document)))
    assert CANARY not in refusal(kind, broken)


def refusal(kind: str, document: Any) -> str:
    """What is said against *document*; nothing where it is read."""
    try:
        if kind == "state":
            codec.state_of(document)
        elif kind == "entry":
            codec.entry_of(document, memoryview(b""))
        else:
            codec.plan_of(document)
    except ValueError as error:
        return f"{error!r} {error.__cause__!r}"
    return ""


@pytest.mark.parametrize("read", [codec.state_of, codec.plan_of, lambda document: codec.entry_of(document, memoryview(b""))])
@pytest.mark.parametrize(
    "document", [{}, {"entry": CANARY}, {"records": {}, "tasks": []}, {"records": {CANARY: {}}, "tasks": []}, {"entry": ["put"]}]
)
def test_what_is_no_document_is_refused(read: Any, document: Any) -> None:
    """Something else than a state, an entry or a plan is a ValueError that quotes nothing."""
    with pytest.raises(ValueError, match=r"^not ") as raised:
        read(document)
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serial", "7"),
        ("serial", True),
        ("serial", 7.5),
        ("lineage", None),
        ("lineage", []),
        ("features", "all"),
        ("projects", []),
        ("tasks", {}),
        ("records", []),
        ("records", {"no-address": {}}),
        ("records", {"a.residency": {"kind": "residency"}}),
        ("records", {"a.residency": {"kind": CANARY}}),
        ("policy", {"max_deletions": "10"}),
    ],
)
def test_a_state_is_read_strictly(field: str, value: object) -> None:
    """Numbers as text, truths as numbers, and lists as texts are damage, not something to be coerced."""
    document = written(codec.state_document(State("lineage-1", 1, "0.1.0"), written_at=NOW))
    with pytest.raises(ValueError, match=r"^not ") as raised:
        codec.state_of({**document, field: value})
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lineage", []),
        ("lineage", 0),
        ("lineage", False),
        ("serial", "1"),
        ("resource_changes", {}),
        ("diagnostics", {}),
        ("totals", {"erases": 1}),
        ("declared", []),
    ],
)
def test_a_plan_is_read_strictly(field: str, value: object) -> None:
    """A plan with a value of a wrong type is refused, be it an empty one."""
    document = written(codec.plan_document(_EMPTY))
    with pytest.raises(ValueError, match=r"^not "):
        codec.plan_of({**document, field: value})


_EMPTY = Plan("0.1.0", None, 0, "0" * 64, (), (), (), Summary(0, 0, 0), Cost(0, 0), 0, 0, 0, 0, None, PlanOptions())


def test_times_are_written_in_utc() -> None:
    """Times stand in ISO 8601 with a Z."""
    assert "2026-11-08T09:00:00Z" == codec.plain(NOW)


def test_a_document_has_one_spelling() -> None:
    """Hashes are taken of sorted keys without spaces, in UTF-8."""
    assert '{"a":"é","b":[1]}'.encode() == codec.canonical({"b": [1], "a": "é"})


def test_a_state_holds_no_digest_and_no_secret() -> None:
    """Open parts stay out of the JSON."""
    names = {field.name for field in dataclasses.fields(State) if field.init}
    document = codec.state_document(State("lineage-1", 1, "0.1.0"), written_at=NOW)
    assert names - {"open_segments", "runs"} == set(document) - {"format_version", "written_at"}
