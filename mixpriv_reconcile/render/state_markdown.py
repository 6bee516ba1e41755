"""What is remembered, as Markdown: the projects, and a line a record. Counts and tasks, never a digest."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.state import Record, State
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.comment import Part, comment, marker
from mixpriv_reconcile.render.markdown import code, escaped, table_head, table_line, within
from mixpriv_reconcile.render.request_words import holder_words
from mixpriv_reconcile.render.state_text import record_facts

__all__ = ["state_markdown"]

PROJECTS, RECORDS = range(2)
LONGEST_NAME, LONGEST_FACTS = 300, 1000
"""Bytes of a name, and of what is said of a record."""


def state_markdown(run: Report, state: State) -> str:
    """A sentence, a row a project, an item a record. Tokens are in it as in the state: as the places where they lie."""
    top = [marker("state", run.folder, sandbox=run.sandbox, exit=run.exit_code), "## What mixpriv remembers"]
    if run.apply_running is not None:
        top.append(f"> An apply is running: {within(holder_words(run.apply_running), LONGEST_NAME, escaped)}.")
    if not state.lineage and not state.records:
        return comment([*top, "The state is empty."], ())
    said = f"{counted(len(state.records), 'address', 'addresses')} remembered. Lineage {state.lineage}, serial {state.serial}."
    return comment([*top, within(said, LONGEST_FACTS, escaped)], tuple(_parts(state)))


def _parts(state: State) -> Iterator[Part]:
    head = table_head(("Project", "Id", "Region", "Token from", "GDPR token from", "Learned cap"))
    yield Part(PROJECTS, len(state.projects), _rows(state), "project", before=head)
    items = (f"- {within(address, LONGEST_NAME, code)}: {_facts(record)}" for address, record in sorted(state.records.items()))
    yield Part(RECORDS, len(state.records), items, "address", "addresses", before="Addresses:\n\n")


def _rows(state: State) -> Iterator[str]:
    for name, project in sorted(state.projects.items()):
        token = str(project.gdpr_token) if project.gdpr_token is not None else ""
        cells = (name, str(project.project_id), project.region.value, str(project.token), token, str(project.learned_cap or ""))
        yield table_line(within(cell, LONGEST_NAME, escaped) for cell in cells)


def _facts(record: Record) -> str:
    return within("; ".join(f"{label} {value}" for label, value in record_facts(record) if value), LONGEST_FACTS, escaped)
