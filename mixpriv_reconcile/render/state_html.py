"""What is remembered, as a page: the projects, then every record with its batches folded away. Counts and tasks, never a digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mixpriv_reconcile.model.state import Record, RequestRecord, State
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.html import NL, Html, Piece, breakable, el, joined
from mixpriv_reconcile.render.html_page import card, more, page, table, tiles
from mixpriv_reconcile.render.request_words import holder_words
from mixpriv_reconcile.render.state_text import batch_line, record_facts

__all__ = ["MOST_BATCHES", "MOST_RECORDS", "state_html"]

MOST_RECORDS = 2000
"""Records shown; a page beyond that is no reading, and the JSON holds every one."""
MOST_BATCHES = 200
"""Batches of one record that are shown, the latest ones."""

COLUMNS = (
    ("Project", ""),
    ("Id", "num"),
    ("Region", ""),
    ("Token from", "long"),
    ("GDPR token from", "long"),
    ("Learned cap", "num"),
)


def state_html(state: State, apply_running: Mapping[str, str] | None = None) -> str:
    """One self-contained page of *state*. Tokens are in it as in the state: as the places where they lie."""
    return page("What mixpriv remembers", lead=_lead(state), sub=tuple(_facts(state, apply_running)), body=_sections(state))


def _lead(state: State) -> str:
    if not state.lineage and not state.records:
        return "The state is empty."
    requests = state.requests.values()
    declared = sum(record.declared.count for record in requests)
    return f"{counted(len(state.records), 'address', 'addresses')} remembered: {counted(len(requests), 'request')} for {people(declared)}."


def _facts(state: State, apply_running: Mapping[str, str] | None) -> Iterator[str]:
    if state.lineage or state.records:
        yield f"Lineage {state.lineage}, serial {state.serial}, written by mixpriv {state.tool_version}."
    if apply_running is not None:
        yield f"An apply is running: {holder_words(apply_running)}."


def _sections(state: State) -> Iterator[Piece]:
    if not state.records and not state.projects:
        return
    statuses: dict[str, int] = {}
    for task in state.tasks.values():
        statuses[task.status] = statuses.get(task.status, 0) + 1
    yield tiles((f"{count:,}", f"{'task' if count == 1 else 'tasks'} {status}", "") for status, count in sorted(statuses.items()))
    if state.projects:
        yield card("Projects", table("Projects", COLUMNS, _rows(state)), name="projects")
    if state.records:
        yield card("Addresses", *_records(state), name="addresses")


def _rows(state: State) -> Iterator[tuple[Piece, ...]]:
    for name, project in sorted(state.projects.items()):
        yield (
            breakable(name),
            str(project.project_id),
            project.region.value,
            str(project.token),
            str(project.gdpr_token) if project.gdpr_token is not None else "",
            f"{project.learned_cap:,}" if project.learned_cap is not None else "",
        )


def _records(state: State) -> Iterator[Piece]:
    addresses = sorted(state.records)
    for address in addresses[:MOST_RECORDS]:
        yield _record(state, address, state.records[address])
        yield NL
    yield more(len(addresses) - MOST_RECORDS, "address", "addresses")


def _record(state: State, address: str, record: Record) -> Html:
    facts = [el("div", el("dt", label), el("dd", value)) for label, value in record_facts(record) if value]
    said = f" {people(record.declared.count)}" if isinstance(record, RequestRecord) else ""
    head = el("summary", breakable(address), el("span", said, class_="soft"))
    return el("details", head, el("dl", *facts), _batches(state, record) if isinstance(record, RequestRecord) else None)


def _batches(state: State, record: RequestRecord) -> Html | None:
    if not record.batches:
        return None
    shown = record.batches[-MOST_BATCHES:]
    earlier = len(record.batches) - len(shown)
    items = [el("li", f"… {counted(earlier, 'batch', 'batches')} before")] if earlier else []
    return el("ul", *items, *(joined(el("li", batch_line(state, record, batch))) for batch in shown))
