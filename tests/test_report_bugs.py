"""A report that can't be made: what it takes with it, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.main import _reported
from mixpriv_reconcile.cli.reporting import Gathered, ReportTo
from mixpriv_reconcile.model.events import Event, Finished


@dataclass
class Kept:
    """A sink that keeps what it is told."""

    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.events.append(event)


def test_a_bug_in_one_format_takes_no_other_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that a bug keeps from being made is told as one, the others are written, and the last event has the code of the run's end."""
    gathered, sink = Gathered("refresh"), Kept()
    asked = [ReportTo("markdown", "run.md"), ReportTo("gitlab", "counts.json"), ReportTo("sarif", "run.sarif")]
    gathered.want(asked, tmp_path)
    gathered.polled.append("no look at a task at all")  # type: ignore[arg-type]
    gathered.ends(sink, Finished(4, "the plan no longer fits"))

    assert _reported(gathered, 4) == 1
    assert "error[MP0009]: a bug in mixpriv: AttributeError at refresh_seen.py" in capsys.readouterr().err
    assert not (tmp_path / "run.md").exists()
    assert (tmp_path / "counts.json").read_text() == "{}\n"
    assert (tmp_path / "run.sarif").exists()
    [last] = sink.events
    assert isinstance(last, Finished)
    assert last.exit_code == 1


def test_a_report_is_made_once(tmp_path: Path) -> None:
    """What standard output and a file have of one run is one text, with one time; where more became known it is made anew."""
    gathered = Gathered("validate")
    gathered.want([], tmp_path)
    first = gathered.text("html", 0)
    assert gathered.text("html", 0) is first
    gathered.why = "the manifests are valid"
    assert "The manifests are valid." in gathered.text("html", 0)
