"""How the tools around Terraform read a plan: their own expressions, with the file that each stands in, and what they make of a text.

Read in 2026-11: suzuki-shunsuke/tfcmt `pkg/terraform/parser.go` (the one with a parser for Terragrunt, and the one before it) and
runatlantis/atlantis `server/events/models/models.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# tfcmt, NewPlanParser
TFCMT_PASS = re.compile(r"(?m)^(Plan: \d|No changes.)")
TFCMT_FAIL = re.compile(r"(?m)^([│|╵] )?(Error: )")
TFCMT_WARNING = re.compile(r"(?m)^([│|╵] )?(Warning: )")
TFCMT_DESTROY = re.compile(r"(?m)([1-9][0-9]* to destroy.)")
TFCMT_NO_CHANGES = re.compile(r"(?m)^(No changes\.|Plan: 0 to add, 0 to change, 0 to destroy\.)")
TFCMT_CREATED = re.compile(r"(?m)^ *# (.*) will be created$")
TFCMT_UPDATED = re.compile(r"(?m)^ *# (.*) will be updated in-place$")
TFCMT_DELETED = re.compile(r"(?m)^ *# (.*) will be destroyed$")
TFCMT_HEADING = "Terraform will perform the following actions:"
TFCMT_RULES = ("─────", "-----")
# tfcmt, NewApplyParser and NewTerragruntParser
TFCMT_APPLY_PASS = re.compile(r"(?m)^(Apply complete!)")
TFCMT_APPLY_FAIL = re.compile(r"(?m)^([│|╵] )?(Error: )")
TERRAGRUNT_APPLY = re.compile(r"(?m)^Apply complete! Resources: (\d+) added, (\d+) changed, (\d+) destroyed\.")
# Atlantis, reChangesOutside, rePlanChanges and reNoChanges
ATLANTIS_OUTSIDE = re.compile(r"Note: Objects have changed outside of Terraform")
ATLANTIS_PLAN = re.compile(r"Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy.")
ATLANTIS_NO_CHANGES = re.compile(r"No changes. (Infrastructure is up-to-date|Your infrastructure matches the configuration).")


@dataclass(frozen=True)
class Seen:
    """What tfcmt makes of the output of a plan, both streams as they came."""

    result: str
    has_error: bool
    has_destroy: bool
    has_no_changes: bool
    folded: str
    warning: str


def as_tfcmt(text: str) -> Seen:
    """The first line that says how it went, a failure before all else; the changes from heading to rule; the warnings to the next rule."""
    lines = text.split("\n")
    passed = [at for at, line in enumerate(lines) if TFCMT_PASS.match(line)]
    failed = [at for at, line in enumerate(lines) if TFCMT_FAIL.match(line)]
    assert passed or failed, "tfcmt: cannot parse plan result"
    said = lines[(failed or passed)[0]]
    rules = [at for at, line in enumerate(lines) if line.startswith(TFCMT_RULES)]
    start = lines.index(TFCMT_HEADING) + 1 if TFCMT_HEADING in lines else None
    end = next((at - 1 for at in rules if start is not None and at >= start), len(lines) - 1)
    warned = next((at for at, line in enumerate(lines) if TFCMT_WARNING.match(line)), None)
    warned_end = next((at for at in rules if warned is not None and at >= warned), len(lines))
    return Seen(
        result="\n".join(lines[failed[0] :]) if failed else said,
        has_error=bool(failed),
        has_destroy=bool(TFCMT_DESTROY.search(said)),
        has_no_changes=bool(TFCMT_NO_CHANGES.search(said)),
        folded="" if start is None else "\n".join(lines[start:end]),
        warning="" if warned is None else "\n".join(lines[warned:warned_end]).strip(),
    )


@dataclass(frozen=True)
class Understood:
    """All that the tools take from a text, without what they merely pass on."""

    plan: tuple[str, bool, bool, bool] | None
    folded: bool
    warns: bool
    addresses: tuple[tuple[str, ...], ...]
    applied: tuple[str, ...]
    atlantis: tuple[object, ...]


def understood(text: str) -> Understood:
    """What both tools take *text* for, be it a plan's or an apply's. Of a failure's text only that it is one."""
    seen = as_tfcmt(text) if TFCMT_PASS.search(text) or TFCMT_FAIL.search(text) else None
    counts, matches = ATLANTIS_PLAN.findall(text), ATLANTIS_NO_CHANGES.findall(text)
    return Understood(
        plan=seen and ("" if seen.has_error else seen.result, seen.has_error, seen.has_destroy, seen.has_no_changes),
        folded=bool(seen and seen.folded),
        warns=bool(seen and seen.warning),
        addresses=tuple(tuple(listed.findall(text)) for listed in (TFCMT_CREATED, TFCMT_UPDATED, TFCMT_DELETED)),
        applied=tuple(found[0] for found in TFCMT_APPLY_PASS.finditer(text)),
        atlantis=(counts, matches, bool(ATLANTIS_OUTSIDE.search(text)), TERRAGRUNT_APPLY.findall(text)),
    )
