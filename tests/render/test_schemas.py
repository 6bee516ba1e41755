"""Each document has a published schema, made from the types, and keeps to it."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from mixpriv_reconcile.codec import plan_document, state_document
from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.render.diagnostics import diagnostics_document
from mixpriv_reconcile.render.events_json import JsonEvents
from mixpriv_reconcile.render.schemas import SCHEMAS, main, schema_text
from mixpriv_reconcile.render.sdk_json import sdk_document
from mixpriv_reconcile.render.status_json import status_document
from mixpriv_reconcile.sdks import PROFILES, Sheets, sheet
from mixpriv_reconcile.state import portable_text

from .plans import plans
from .samples import CONFLICTING, MORNING, NOTHING, REFUSED, RICH, STATE, STATUS
from .test_events import STORY

FOLDER = Path(__file__).parent.parent.parent / "schemas"


def checked(name: str, document: Any) -> list[str]:
    """What *document* breaks of its schema, after a way through JSON."""
    validator = Draft202012Validator(SCHEMAS[name], format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(json.dumps(document)))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_published_schema_is_the_generated_one(name: str, tmp_path: Path) -> None:
    """The published schema is what the types say: `python -m mixpriv_reconcile.render.schemas schemas` writes it."""
    main(str(tmp_path))

    assert schema_text(name) == (FOLDER / f"{name}.v1.schema.json").read_text(encoding="utf-8")
    assert schema_text(name) == (tmp_path / f"{name}.v1.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid(name: str) -> None:
    """A published schema is itself valid."""
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_strict_and_described(name: str) -> None:
    """Every object of a schema names all of its keys, and every key has a title and a description."""
    for schema in _objects(SCHEMAS[name]):
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == set(schema["properties"])
        assert all(found.get("title") and found.get("description") for found in schema["properties"].values())


def _objects(schema: Any) -> list[dict[str, Any]]:
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    here = [schema] if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) and "required" in schema else []
    return here + [found for part in inner for found in _objects(part)]


@pytest.mark.parametrize("plan", [RICH, REFUSED, CONFLICTING, NOTHING, dataclasses.replace(NOTHING, lineage=None, serial=0)])
def test_plans(plan: Plan) -> None:
    """A plan as JSON keeps to its schema."""
    assert checked("plan", plan_document(plan)) == []


@settings(deadline=None, max_examples=30)
@given(plans())
def test_any_plan(plan: Plan) -> None:
    """Whatever the plan, its JSON keeps to the schema."""
    assert checked("plan", plan_document(plan)) == []


def test_events() -> None:
    """Every line of an apply keeps to the schema of events."""
    stream = io.StringIO()
    sink = JsonEvents(stream, lambda: MORNING)
    for event in STORY:
        sink.emit(event)

    assert [] == [broken for line in stream.getvalue().splitlines() for broken in checked("event", json.loads(line))]
    assert len(get_args(Event)) == len(SCHEMAS["event"]["oneOf"]) == len({part["$ref"] for part in SCHEMAS["event"]["oneOf"]})


@pytest.mark.parametrize("state", [STATE, State("l", 1, "1.2.3")])
def test_state(state: State) -> None:
    """The state's document with its checksum keeps to its schema."""
    assert checked("state", {**state_document(state, written_at=MORNING), "checksum": "00"}) == []


def test_portable() -> None:
    """The portable state keeps to its schema, which is the state's and one key more."""
    content = json.dumps({**state_document(STATE, written_at=MORNING), "checksum": "00"}).encode()
    text = "".join(portable_text(content, {"ab" * 32: b"content"}, is_sandbox=False))
    assert checked("portable", json.loads(text)) == []
    assert checked("state", json.loads(text)) != []


def test_status() -> None:
    """The status keeps to its schema."""
    assert checked("status", status_document(STATUS)) == []


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("project", [None, "web"])
def test_sdks(region: Region, project: str | None) -> None:
    """Every SDK of every region keeps to the schema."""
    shown = Sheets(project, region, tuple(sheet(profile, region) for profile in PROFILES))
    assert checked("sdk", sdk_document(shown)) == []


def test_diagnostics() -> None:
    """Diagnostics keep to their schema."""
    assert checked("diagnostics", diagnostics_document((*RICH.diagnostics, *REFUSED.refusals))) == []


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("plan", {**plan_document(RICH), "ids": []}),
        ("status", {**status_document(STATUS), "today": "yesterday"}),
        ("event", {"@timestamp": "2026-11-08T09:00:00Z", "@level": "info", "@message": "", "type": "nonsense"}),
        ("state", state_document(STATE, written_at=MORNING)),
        ("sdk", {**sdk_document(Sheets(None, Region.EU, ())), "token": "T"}),
        ("diagnostics", {"diagnostics": [{}]}),
    ],
)
def test_schema_refuses(name: str, document: Any) -> None:
    """A key too many, a key too few or a word that doesn't exist breaks the schema."""
    assert checked(name, document) != []
