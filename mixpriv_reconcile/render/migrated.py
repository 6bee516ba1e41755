"""What `mixpriv state migrate` says: what was copied, what to write into the manifest, and what becomes of the old place."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.codec import diagnostic_document
from mixpriv_reconcile.model.migrated import Migrated
from mixpriv_reconcile.model.page import Block, Code, Page, Section, Sentence
from mixpriv_reconcile.model.state_place import as_block, settings
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.look import printable

__all__ = ["migrated_document", "migrated_page", "migrated_text", "outcome"]

JOURNAL = "The journal of a run that was not finished is among it: the next apply carries it on from there."
VERIFIED = "All of it was read back and is the same, byte for byte."
TO_WRITE = "Write this under `workspace:`, and let everybody who applies have it before the next apply:"
OLD_PLACE = (
    "was left as it is, and must not be used any more: who applies from it doesn't know what is sent from now on, and sends it again. "
    "Once the new place has proven itself, move it away."
)


def migrated_document(moved: Migrated) -> dict[str, Any]:
    """The same as JSON; `state` is what belongs under `workspace:`."""
    return {
        "from": moved.source.shown,
        "to": moved.destination.shown,
        "lineage": moved.lineage,
        "serial": moved.serial,
        "addresses": moved.addresses,
        "segments": moved.segments,
        "ids": moved.ids,
        "bytes": moved.size,
        "journal": moved.has_journal,
        "copied": moved.has_copied,
        "declared": moved.is_declared,
        "state": dict(settings(moved.destination)),
        "diagnostics": [diagnostic_document(found) for found in moved.diagnostics],
    }


def outcome(moved: Migrated) -> str:
    """What is where now, in one sentence."""
    old, new = printable(moved.source.shown), printable(moved.destination.shown)
    what = (
        f"serial {moved.serial} of lineage {printable(moved.lineage)}, {counted(moved.addresses, 'address', 'addresses')}, "
        f"{counted(moved.segments, 'segment')} with {counted(moved.ids, 'id')}, {moved.size:,} bytes"
    )
    return f"Copied the state from {old} to {new}: {what}." if moved.has_copied else f"The state is at {new} already: {what}."


def migrated_page(moved: Migrated) -> Page:
    """What there is to know and to do, below that sentence."""
    old, new = moved.source.shown, moved.destination.shown
    checked = Sentence(f"{JOURNAL} {VERIFIED}" if moved.has_journal else VERIFIED)
    if moved.is_declared:
        left: tuple[Block, ...] = (Sentence(f"The manifests name {new} already. Let everybody who applies have them."),)
    else:
        left = (Sentence(TO_WRITE), Code(f"state: {as_block(settings(moved.destination))}"))
    return Page("", (Section("", (checked, *left, Sentence(f"{old} {OLD_PLACE}"))),))


def migrated_text(moved: Migrated) -> str:
    """The same for people."""
    old, new = printable(moved.source.shown), printable(moved.destination.shown)
    lines = [outcome(moved)]
    if moved.has_journal:
        lines.append(JOURNAL)
    lines.append(VERIFIED)
    if moved.is_declared:
        lines += ["", f"The manifests name {new} already. Let everybody who applies have them."]
    else:
        block = printable(as_block(settings(moved.destination)))
        lines += ["", TO_WRITE]
        lines += ["", f"  state: {block}"]
    lines += [
        "",
        f"{old} was left as it is, and must not be used any more: who applies from it",
        "doesn't know what is sent from now on, and sends it again. Once the new place has proven itself, move it away.",
    ]
    return "\n".join(lines) + "\n"
