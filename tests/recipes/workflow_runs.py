"""What a run of a workflow starts with and comes to: the event, its jobs, their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["CHECKOUT", "Event", "Job", "Step", "loaded"]

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Event:
    """What started a run: its name, the ref and commit it is about, the document, who, and whether it comes from a fork.

    *triggering_actor* is who ran it again, where that was done.
    """

    name: str
    ref: str
    sha: str
    document: Mapping[str, Any]
    actor: str = "mona"
    is_from_fork: bool = False
    triggering_actor: str = ""


@dataclass
class Step:
    """A step that ran, or was skipped."""

    name: str
    outcome: str
    exit_code: int | None = None
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """A job: its result, its steps in order, the summary, and the folder of its runner, which the next job never sees."""

    result: str
    folder: Path
    steps: list[Step] = field(default_factory=list)

    def __getitem__(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    @property
    def log(self) -> str:
        return "".join(step.log for step in self.steps)

    @property
    def summary(self) -> str:
        return "".join(file.read_text("utf-8") for file in sorted((self.folder / "temp").glob("*.summary")))

    @property
    def ran(self) -> list[str]:
        return [step.name for step in self.steps if step.outcome != "skipped"]


def loaded(text: str) -> Any:
    """A workflow's YAML, every scalar as it is written: `on` is a key here, not a truth."""
    return yaml.load(text, yaml.BaseLoader)
