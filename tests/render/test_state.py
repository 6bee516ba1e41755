"""What is remembered, shown without anything made from ids."""

from __future__ import annotations

import io
import json

import pytest

from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.state_json import record_json, state_json, state_list_json
from mixpriv_reconcile.render.state_text import render_record, render_state, render_state_list

from .golden import assert_golden
from .samples import STATE

DIGEST = "abab"


def whole(state: State) -> str:
    stream = io.StringIO()
    render_state(state, stream, Look())
    return stream.getvalue()


def test_golden() -> None:
    """The whole state reads exactly like this."""
    assert_golden("state.txt", whole(STATE))


def test_golden_json() -> None:
    """As JSON the state reads exactly like this."""
    assert_golden("state.json", state_json(STATE))


def test_list() -> None:
    """`state list` prints an address a line, sorted."""
    stream = io.StringIO()
    render_state_list(STATE, stream)

    assert stream.getvalue() == "web-eu.deletions.a\nweb-eu.residency\nweb-eu.sso\n"
    assert json.loads(state_list_json(STATE)) == {
        "apply_running": None,
        "addresses": ["web-eu.deletions.a", "web-eu.residency", "web-eu.sso"],
    }


def test_somebody_at_work() -> None:
    """While a run holds the lock, each document says who it is; else it says null."""
    facts = {"who": "ops", "host": "build-7", "pid": "4711", "since": "2026-11-20T08:00:00Z"}
    for document in (state_json(STATE, facts), state_list_json(STATE, facts), record_json(STATE, "web-eu.sso", facts)):
        assert json.loads(document)["apply_running"] == facts
    assert json.loads(record_json(STATE, "web-eu.sso"))["apply_running"] is None


def test_one_record() -> None:
    """`state show ADDRESS` shows that record with its batches and tasks, and no other."""
    stream = io.StringIO()
    render_record(STATE, "web-eu.deletions.a", stream, Look())

    assert "batch 1: 2,000 distinct ids, task 1234567890 PENDING, adopted" in stream.getvalue()
    assert "batch 2: 30 distinct ids, attempt 2, in doubt (timeout)" in stream.getvalue()
    assert [1234567890] == [int(task["tracking_id"]) for task in json.loads(record_json(STATE, "web-eu.deletions.a"))["tasks"]]
    assert json.loads(record_json(STATE, "web-eu.sso"))["tasks"] == []


def test_unknown_address() -> None:
    """An address that isn't remembered is a `KeyError`, for the command to name."""
    with pytest.raises(KeyError):
        render_record(STATE, "web-eu.deletions.nope", io.StringIO(), Look())


def test_empty() -> None:
    """An empty state says so."""
    assert whole(State("", 0, "1.2.3")) == "The state is empty.\n"


def test_no_digest() -> None:
    """No digest of an id, and no check value of the key, is ever shown."""
    shown = whole(STATE) + state_json(STATE) + "".join(record_json(STATE, address) for address in STATE.records)

    assert DIGEST not in shown
