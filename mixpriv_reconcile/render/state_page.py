"""What the commands below `mixpriv state` show and did, as pages. Counts and tasks, never a digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mixpriv_reconcile.model.page import Block, Facts, Items, Page, Section, Sentence, Table
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.request_words import holder_words
from mixpriv_reconcile.render.state_text import batch_line, facts_of

__all__ = ["addresses_page", "moved_page", "record_page", "state_list_page"]


def state_list_page(state: State, apply_running: Mapping[str, str] | None = None) -> Page:
    """The remembered addresses, sorted."""
    title = f"{counted(len(state.records), 'address', 'addresses')} remembered"
    return Page(title, (Section("", (*_running(apply_running), _addresses(sorted(state.records)))),))


def record_page(state: State, address: str, apply_running: Mapping[str, str] | None = None) -> Page:
    """One record with its batches and their tasks; raises `KeyError` for an address that isn't remembered."""
    record = state.records[address]
    facts = Facts(tuple((label, (value,)) for label, value in facts_of(state, address) if value))
    batches = tuple(batch_line(state, record, batch) for batch in record.batches) if isinstance(record, RequestRecord) else ()
    return Page(f"`{address}`", (Section("", (*_running(apply_running), facts, Items(batches, "batch", "batches"))),))


def moved_page(moved: Sequence[tuple[str, str]]) -> Page:
    """What was renamed, and to what."""
    return Page("", (Section("", (Table(("From", "To"), tuple((f"`{old}`", f"`{new}`") for old, new in moved)),)),))


def addresses_page(addresses: Sequence[str]) -> Page:
    """What was done to each of *addresses* is said above."""
    return Page("", (Section("", (_addresses(addresses),)),))


def _addresses(addresses: Sequence[str]) -> Items:
    return Items(tuple(f"`{address}`" for address in addresses), "address", "addresses")


def _running(apply_running: Mapping[str, str] | None) -> Iterator[Block]:
    if apply_running is not None:
        yield Sentence(f"An apply is running: {holder_words(apply_running)}.")
