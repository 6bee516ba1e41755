"""Answers: what goes back over the wire, and how it gets there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Answer", "Delivery", "Release", "conflict", "error", "json_answer"]


@dataclass(slots=True)
class Release:
    """What held answers wait for: somebody sets `is_over`."""

    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer travels. `after_seconds` is the wait before it; None with *hang* and *drip* means for ever.

    *held* waits for `until`, and for no more than that time.
    """

    how: Literal["whole", "late", "held", "half", "hang", "drip", "reset"] = "whole"
    after_seconds: float | None = None
    until: Release | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `tracking_id` is that of the task it is about, for the call log only."""

    status: int
    body: bytes = field(default=b"", repr=False)
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    delivery: Delivery = Delivery()
    tracking_id: str | None = None

    @property
    def status_seen(self) -> int | None:
        """The status that a patient client reads; None where it never gets one."""
        return None if self.delivery.how in ("hang", "drip", "reset") else self.status


def json_answer(status: int, document: object, *headers: tuple[str, str]) -> Answer:
    """An answer with *document* as compact JSON."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, headers=headers)


def error(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    """An error in the envelope of API §1.3, row *error A*."""
    return json_answer(status, {"status": "error", "error": text}, *headers)


def conflict(ids: Sequence[str], tracking_ids: Sequence[str]) -> Answer:
    """The undocumented 409: *ids* sit in the tasks *tracking_ids*. Source: API §1.3, row *error B*."""
    named = {
        "conflicting_distinct_ids": list(dict.fromkeys(ids)),
        "conflicting_task_ids": list(tracking_ids),
        "error": "some distinct_ids are already in a running deletion task",
    }
    return json_answer(409, {"status": "error", "error": named})
