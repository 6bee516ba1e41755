"""What holds of the lines of any `apply --format json`."""

from __future__ import annotations

import functools
import json
import re
from datetime import datetime
from typing import Any

import jsonschema

from .workspace import REPOSITORY, Ended

__all__ = ["SCHEMA", "TYPES", "checked"]

SCHEMA = json.loads((REPOSITORY / "schemas" / "event.v1.schema.json").read_text("utf-8"))

TYPES = (
    "version", "planned_change", "change_summary", "apply_start", "batch_sent", "rate_limited", "apply_progress", "apply_complete",
    "apply_errored", "diagnostic", "outcome",
)  # fmt: skip
"""As the contract names them."""

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
LEVELS = {"error": "error", "warning": "warn", "note": "info"}


@functools.cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def checked(ended: Ended) -> list[dict[str, Any]]:
    """The events of a run: each valid, in order of time, `version` first, and `outcome` last with the code of the process, and why."""
    events = ended.events
    for event in events:
        validator().validate(event)
        assert RFC_3339_UTC.fullmatch(event["@timestamp"])
        assert event["@message"]
        assert event["@level"] == level(event)
    times = [datetime.fromisoformat(event["@timestamp"]) for event in events]
    assert times == sorted(times)
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds.count("version")) == ("version", 1)
    assert (kinds[-1], kinds.count("outcome")) == ("outcome", 1)
    assert (events[-1]["exit_code"], bool(events[-1]["why"])) == (ended.code, True)
    assert "Traceback" not in ended.err
    return events


def level(event: dict[str, Any]) -> str:
    """How much an event of this kind matters."""
    match event["type"]:
        case "outcome":
            return {0: "info", 3: "warn"}.get(event["exit_code"], "error")
        case "diagnostic":
            return LEVELS[event["diagnostic"]["severity"]]
        case "apply_errored":
            return "error"
        case "rate_limited":
            return "warn"
        case "batch_sent":
            return "warn" if event["outcome"] in ("in_doubt", "refused", "returned", "too_late") else "info"
        case _:
            return "info"
