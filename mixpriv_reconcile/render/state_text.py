"""What is remembered, for people: `state list`, `state show ADDRESS`, `show`. Counts and tasks, never a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TextIO, assert_never

from mixpriv_reconcile.model.resource import Extension
from mixpriv_reconcile.model.state import BatchPhase, BatchRecord, OptOutRecord, Record, RequestRecord, ResidencyRecord, SsoRecord, State
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import Look, instant, painted, printable

__all__ = ["batch_line", "facts_of", "record_facts", "render_record", "render_state", "render_state_list"]

LABEL_WIDTH = 14


def render_state_list(state: State, stream: TextIO) -> None:
    """The addresses, sorted, a line each: for scripts too."""
    stream.writelines(f"{printable(address)}\n" for address in sorted(state.records))


def render_state(state: State, stream: TextIO, look: Look) -> None:
    """The whole memory: its identity, the projects it can reach, then every record."""
    if not state.lineage and not state.records:
        stream.write("The state is empty.\n")
        return
    _pairs(
        stream,
        "",
        [
            ("lineage", state.lineage),
            ("serial", str(state.serial)),
            ("written by", f"mixpriv {state.tool_version}"),
            ("manifests", ", ".join(state.manifests)),
            ("features", ", ".join(state.features)),
        ],
    )
    for name, project in sorted(state.projects.items()):
        stream.write(f"\n{painted(f'# project {printable(name)}', look, 'bold')}\n")
        facts = [("id", str(project.project_id)), ("region", project.region.value), ("token", str(project.token))]
        facts.append(("gdpr token", str(project.gdpr_token) if project.gdpr_token is not None else ""))
        facts.append(("learned cap", people(project.learned_cap) if project.learned_cap is not None else ""))
        _pairs(stream, "  ", facts)
    for address in sorted(state.records):
        stream.write("\n")
        _record(state, address, stream, look, record_facts(state.records[address]))


def render_record(state: State, address: str, stream: TextIO, look: Look) -> None:
    """One record with its batches and their tasks; raises `KeyError` for an address that isn't remembered."""
    _record(state, address, stream, look, facts_of(state, address))


def facts_of(state: State, address: str) -> Iterable[tuple[str, str]]:
    """All that is said of one record but its batches; raises `KeyError` for an address that isn't remembered."""
    record = state.records[address]
    yield from record_facts(record)
    project = state.projects.get(record.project)
    if isinstance(record, RequestRecord) and project is not None and project.learned_cap is not None:
        yield "learned cap", f"{people(project.learned_cap)} in one request of {record.project}"


def _record(state: State, address: str, stream: TextIO, look: Look, facts: Iterable[tuple[str, str]]) -> None:
    record = state.records[address]
    stream.write(painted(f"# {printable(address)}", look, "bold") + "\n")
    _pairs(stream, "  ", facts)
    if isinstance(record, RequestRecord):
        stream.writelines(f"  {batch_line(state, record, batch)}\n" for batch in record.batches)


def record_facts(record: Record) -> Iterable[tuple[str, str]]:
    match record:
        case ResidencyRecord():
            yield "project", f"{record.project} ({record.project_id})"
            yield "region", record.region.value
            yield "recorded", instant(record.recorded_at)
        case SsoRecord():
            yield "project", record.project
            yield "postback url", record.postback_url
            yield "confirmed", f"by {record.confirmed.by} on {record.confirmed.on}"
            yield "recorded", instant(record.recorded_at)
        case OptOutRecord():
            yield "project", f"{record.project} ({record.project_id})"
            yield "list", record.file
            yield "digest", record.digest
            yield "opted out", people(record.count)
            yield "recorded", instant(record.recorded_at)
        case RequestRecord():
            yield from _request_facts(record)
        case _:
            assert_never(record)


def _request_facts(record: RequestRecord) -> Iterable[tuple[str, str]]:
    yield "project", f"{record.project} ({record.project_id}, region {record.region.value})"
    yield "compliance", record.compliance + (f", {record.disclosure}" if record.disclosure else "")
    yield "received", str(record.received or "")
    yield "not before", str(record.not_before or "")
    yield "extension", _extension(record.extension)
    yield "declared", people(record.declared.count)
    yield "held", people(record.held.count) if record.held is not None else ""
    yield "downloads", f"{len(record.downloads):,}" if record.downloads else ""
    yield "withdrawn", instant(record.withdrawn_at) if record.withdrawn_at is not None else ""
    phases = Counter(batch.phase.value.replace("_", " ") for batch in record.batches)
    listed = ", ".join(f"{count:,} {phase}" for phase, count in phases.items())
    yield "batches", counted(len(record.batches), "batch", "batches") + (f": {listed}" if listed else "")


def _extension(extension: Extension | None) -> str:
    return f"notified {extension.notified}, {extension.reason}" if extension is not None else ""


def batch_line(state: State, record: RequestRecord, batch: BatchRecord) -> str:
    """`batch 1   1,999 distinct ids   task 1234 PENDING, checked …` on one line."""
    attempt = f", attempt {batch.attempt}" if batch.attempt > 1 else ""
    head = f"batch {batch.number}: {people(batch.count)}{attempt}, "
    if batch.phase is not BatchPhase.SENT or batch.tracking_id is None:
        return head + batch.phase.value.replace("_", " ") + (f" ({printable(batch.why)})" if batch.why else "")
    task = state.tasks.get((record.project_id, batch.tracking_id))
    if task is None:
        return f"{head}task {printable(batch.tracking_id)}, not remembered"
    words = [printable(task.status), "adopted" if task.adopted else "", "holds other ids too" if task.foreign else ""]
    words += [f"cancelled {instant(task.cancelled_at)}" if task.cancelled_at is not None else "", f"checked {instant(task.checked_at)}"]
    return f"{head}task {printable(batch.tracking_id)} " + ", ".join(word for word in words if word)


def _pairs(stream: TextIO, indent: str, pairs: Iterable[tuple[str, str]]) -> None:
    for label, value in pairs:
        if value:
            stream.write(f"{indent}{label:<{LABEL_WIDTH}}{printable(value)}\n")
