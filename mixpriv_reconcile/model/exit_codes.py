"""How a run can end: each exit code's meaning, which command can end with which, and which one counts where several fit (contract §4).

`--help`, `docs/reference/exit-codes.md`, the README's table and what reports say of an ending come from here;
`tests/contracts/test_exit_codes.py` reaches every entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["COMMON", "ENDINGS", "EXIT_CODES", "ORDER", "SIGNALLED", "ExitCode", "ending", "endings_of", "strongest"]

SIGNALLED = (130, 143)
"""Codes of a run that a signal ended: 128 + SIGINT, 128 + SIGTERM."""

ORDER = (*SIGNALLED, 1, 6, 4, 5, 3, 7, 2, 0)
"""Where several fit, the first of this order counts."""

COMMON = (0, 1, *SIGNALLED)
"""What every command can end with."""


@dataclass(frozen=True, slots=True)
class ExitCode:
    """One code, or two that differ in the signal alone: *short* for `--help`, *meaning* in full, and what a person does then.

    *after_apply* is what a person does after an apply, one sentence or two, with commands as without `--sandbox`. *is_fine* says that the
    run went as it should; *is_executed* that it did what it is for, whatever it found; *is_early* that the next one goes on there.
    """

    codes: tuple[int, ...]
    short: str
    meaning: str
    to_do: str = ""
    after_apply: str = ""
    is_fine: bool = False
    is_executed: bool = False
    is_early: bool = False


REFUSED = "refused by policy; the plan is shown all the same"
GO_ON = "Run it again; an apply with `--expect` after another plan."
APPLY_AGAIN = (
    "Run the same `mixpriv apply` again: nothing is lost, and what was acknowledged isn't sent a second time. "
    "With `--expect`, run `mixpriv plan` first, and have its digest approved."
)

EXIT_CODES = (
    ExitCode(
        (0,),
        "done",
        "Done. A plan without `--detailed-exitcode` ends 0 whether or not there are changes. An apply that printed a manual step ends 0, "
        "and so does one with `--wait` after which tasks are still open.",
        is_fine=True,
        is_executed=True,
    ),
    ExitCode(
        (1,),
        "error, wrong usage included; or Mixpanel refused (401, 403, 404)",
        "Error. Wrong usage and invalid manifests, a conflict in the plan, a missing credential, a damaged or lost state or key, requests "
        "that Mixpanel refused where waiting can't heal (401, 403, 404, 405, a redirect) or whose ids it refused (400, 413, 422). Also an "
        "apply that nobody approved, and an output or a report that can't be written.",
        "Read the diagnostic; `mixpriv explain MPnnnn`.",
        "Settle what ended it, then run `mixpriv plan` again: what Mixpanel acknowledged is remembered, and isn't sent twice.",
    ),
    ExitCode(
        (2,),
        "only `plan --detailed-exitcode`: there are changes",
        "Only `plan --detailed-exitcode`: there are changes.",
        "Have the plan approved.",
        is_fine=True,
        is_executed=True,
    ),
    ExitCode(
        (3,),
        "stopped early with work left; nothing is lost, run again",
        "Stopped early with work left: the time was over, Mixpanel was busy, a batch is in doubt, or an export is still to be fetched. "
        "Nothing is lost.",
        GO_ON,
        APPLY_AGAIN,
        is_early=True,
    ),
    ExitCode(
        (4,),
        "what was approved no longer fits: plan again",
        "The saved plan, or the digest of `--expect`, no longer fits; or a source changed while it was used.",
        "Plan again, have the new plan approved.",
        "Run `mixpriv plan` again, look at what moved, and have the new plan approved.",
    ),
    ExitCode(
        (5,),
        "the state is locked",
        "The state is locked by another process, or this process lost its lock.",
        "Wait, or `--lock-timeout 5m`.",
        "Wait for the run that holds the state, or give `--lock-timeout`; then run `mixpriv apply` again.",
    ),
    ExitCode(
        (6,),
        REFUSED,
        "Refused by policy. The plan is still shown.",
        "Check the number; see MP0602, MP0603, MP0604.",
        "Look at the refusal first: change the manifest or the policy, then run `mixpriv plan` again.",
        is_executed=True,
    ),
    ExitCode(
        (7,),
        "a check found something",
        "A check found something: `status --fail-due-within`, which names the requests (MP0640); `sdk check`, which names the lines.",
        "Look at what it names.",
        is_executed=True,
    ),
    ExitCode(
        SIGNALLED,
        "interrupted by SIGINT or SIGTERM; what was acknowledged is saved",
        "Interrupted by SIGINT or SIGTERM. What was acknowledged is saved.",
        GO_ON,
        APPLY_AGAIN,
    ),
)

LOCKED = "the state is locked by another process, or the lock was lost"
LOOKS = "tasks were left that could not be looked at; run it again"

ENDINGS: Mapping[str, Mapping[int, str]] = {
    "init": {},
    "validate": {},
    "plan": {2: "with --detailed-exitcode: there are changes", 6: REFUSED},
    "apply": {
        3: "stopped early with work left; nothing is lost, run it again",
        4: "the saved plan or the --expect digest no longer fits, or a source changed meanwhile",
        5: LOCKED,
        6: REFUSED,
    },
    "show": {},
    "status": {
        3: f"with --refresh: {LOOKS}",
        5: f"with --refresh: {LOCKED}",
        7: "with --fail-due-within: a request is due that soon, or late",
    },
    "refresh": {3: LOOKS, 5: LOCKED},
    "confirm": {5: LOCKED},
    "import": {3: "the task could not be looked at in time; nothing was changed, run it again", 5: LOCKED},
    "state list": {},
    "state show": {},
    "state mv": {5: LOCKED},
    "state rm": {5: LOCKED},
    "state pull": {},
    "state push": {5: LOCKED},
    "state migrate": {5: "the state is locked, here or there, by another process, or the lock was lost"},
    "state rekey": {
        3: "tasks were left that could not be asked; nothing was changed, run it again",
        4: "a source changed meanwhile; nothing was changed, run it again",
        5: LOCKED,
    },
    "unlock": {5: "the lock of a state over http isn't mixpriv's (MP0567), and is left alone"},
    "endpoints": {},
    "sdk": {},
    "sdk check": {7: "something sends to another region, or may"},
    "schema": {},
    "explain": {},
    "sandbox": {},
    "completion": {},
    "version": {},
}
"""Command → what it can end with beyond `COMMON`, and when. `sandbox` is served until a signal comes, and then ends 0."""

ENDED_BY_SIGNAL = ("sandbox",)
"""Commands that a signal is the ordinary end of: for them it is 0."""


def ending(code: int) -> ExitCode:
    """What is known of *code*. Raises ValueError for what is no code of ours."""
    for each in EXIT_CODES:
        if code in each.codes:
            return each
    raise ValueError(code)


def endings_of(command: str) -> Mapping[int, str]:
    """Every code that *command*, e.g. `state mv`, can end with, and when; of a group all that its commands can. KeyError for no command."""
    texts = {code: each.short for each in EXIT_CODES for code in each.codes}
    below = [code for name, own in ENDINGS.items() if name.startswith(f"{command} ") for code in own]
    own = ENDINGS[command] if command in ENDINGS else {code: texts[code] for code in below}
    if not own and command not in ENDINGS:
        raise KeyError(command)
    common = {0: "done", 1: "error, wrong usage included"} | dict.fromkeys(SIGNALLED, "interrupted")
    if command in ENDED_BY_SIGNAL:
        common = {0: "ended by SIGINT (Ctrl-C) or SIGTERM", 1: common[1]}
    return dict(sorted((common | dict(own)).items()))


def strongest(codes: Iterable[int]) -> int:
    """The exit code that counts where all of *codes* fit; 0 where there is none. Raises ValueError for what is no code of ours."""
    return min(codes, key=ORDER.index, default=0)
