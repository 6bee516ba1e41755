"""What `--expect` names: the digest of an approved plan, and which part of it moved where it no longer fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.plan.digest import PART_DIGITS, PARTS, part_hash

__all__ = ["Expected", "expected"]

FORM = re.compile(rf"([0-9a-f]{{64}})(?:-([0-9a-f]{{{PART_DIGITS * len(PARTS)}}}))?")

INPUTS = ("manifests", "declared", "lineage", "tool_version", "options")
"""The parts that are known without a request; all others may hang on a task's status."""

CHANGES: Mapping[str, str] = {
    "waits": "who waits (the day: it is {today}, and one that was waited for may have come; or an export was fetched)",
    "withdraws": "whom to withdraw and which tasks to cancel (a task's status at Mixpanel: it started, or ended)",
    "submits": "which ids to submit (another apply sent some, or forgot some; or a task failed or was revoked at Mixpanel)",
    "files": "which files to write or to fetch (an opt-out list on disk, or an export that was finished or fetched)",
    "actions": "what is done, or why (another apply, a confirmation, a file on disk, a task's status, or the day: it is {today})",
}
"""What may have moved a part of the changes while manifests, sources, options and tool stayed; the most telling first."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A digest as it was typed, in lower case: *sha256* decides; *parts*, two hex digits each or empty, explain."""

    sha256: str
    parts: str = ""

    def fits(self, made: Plan) -> bool:
        """Whether *made* is the plan that was approved."""
        return self.sha256 == made.sha256

    def has_other_inputs(self, made: Plan) -> bool:
        """Whether the parts tell that the approved plan was made from something else than *made*, whatever is to be done now.

        Where *made* is the approved plan they tell nothing.
        """
        if self.fits(made):
            return False
        now = _split(made.parts)
        return bool(self.parts) and any(part != now[name] for name, part in _split(self.parts).items() if name in INPUTS)

    def moved(self, made: Plan) -> tuple[str, ...]:
        """What moved since, in a few words each; empty where the parts were not given, or can't tell."""
        return tuple(_moved(_split(self.parts), made)) if self.parts else ()

    def moved_work_too(self, made: Plan) -> bool:
        """Whether the parts tell that, with what else moved, what is to be done did."""
        differing = _differing(_split(self.parts), made) if self.parts else []
        return any(name in CHANGES for name in differing) and any(name not in CHANGES for name in differing)


def expected(text: str) -> Expected:
    """The digest that *text* spells, whatever its case and the blanks around it; raises `ValueError` where it spells none."""
    found = FORM.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError("not a digest")
    return Expected(found[1], found[2] or "")


def _split(parts: str) -> Mapping[str, str]:
    return {name: parts[index * PART_DIGITS : (index + 1) * PART_DIGITS] for index, name in enumerate(PARTS)}


def _differing(approved: Mapping[str, str], made: Plan) -> list[str]:
    now = _split(made.parts)
    return [name for name in PARTS if approved[name] != now[name]]


def _moved(approved: Mapping[str, str], made: Plan) -> Iterable[str]:
    differing = _differing(approved, made)
    yield from _inputs(differing, approved, made)
    changes = [name for name in CHANGES if name in differing]
    if len(changes) == len(differing):  # else it follows from what else moved
        for name in changes:
            if name != "actions" or len(changes) == 1:  # what is done, and why, follows from the others
                yield CHANGES[name].format(today=made.today)


def _inputs(differing: Collection[str], approved: Mapping[str, str], made: Plan) -> Iterable[str]:
    if "tool_version" in differing:
        yield f"the tool's version (now {made.tool_version})"
    if "lineage" in differing:
        if approved["lineage"] == part_hash("lineage", None):
            yield "the state (planned where there was none, and another apply has made one since)"
        else:
            yield "the state (" + ("it is another one: its lineage" if made.lineage else "there is none now") + ")"
    if "options" in differing:
        yield "an option that chooses work (--target, --retry, --sandbox)"
    if "manifests" in differing:
        yield "a manifest"
    if "declared" in differing:
        yield "the distinct ids of a source"
