"""Every exception that leaves a stage, drawn as a tree, with the exit code it ends the program with.

    MixprivError ................. 1
      ManifestInvalid ............ 1   the workspace has errors; carries all of its diagnostics
      WrongUsage ................. 1   the command line asks for something that can't be
        NotOffered ............... 1   a format or an option that this command doesn't have
        MissingExtra ............. 1   a part that is installed with an extra isn't there
      CredentialMissing .......... 1   a reference to a secret leads nowhere
      ListNotWritten ............. 1   an opt-out list could not be written, or something else stands in its place
      OutOfMemory ................ 1   manifests or sources take more memory than there is
      StateError ................. 1
        StateDamaged ............. 1   torn, empty or altered bytes; never read as "new"
        StateTooNew .............. 1   written by a newer format
        KeyProblem ............... 1   the digest key is gone, different or too short
        NewStateRefused .......... 1   CI never makes a key or a state by itself
        StateLocked .............. 5   another process writes
        LockLost ................. 5   this process held the lock and no longer does
      SourceMoved ................ 4   an id source changed between plan and apply
      PlanStale .................. 4   the saved plan or the expected digest no longer fits
      PolicyRefused .............. 6   a threshold or rule of the policy says no
      Interrupted ................ 130 or 143, state saved

Exit codes 2, 3 and 7 are results, not errors: see `pipeline.Outcome`.
"""

from __future__ import annotations

__all__ = [
    "CredentialMissing",
    "Interrupted",
    "KeyProblem",
    "ListNotWritten",
    "LockLost",
    "ManifestInvalid",
    "MissingExtra",
    "MixprivError",
    "NewStateRefused",
    "NotOffered",
    "OutOfMemory",
    "PlanStale",
    "PolicyRefused",
    "SourceMoved",
    "StateDamaged",
    "StateError",
    "StateLocked",
    "StateTooNew",
    "WrongUsage",
]


class MixprivError(Exception):
    """Something a person has to act on: *code* (`MPnnnn`), what is wrong, and what to type instead."""

    exit_code = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    @property
    def summary(self) -> str:
        """The first line of the message, a sentence of its own: what further lines list is told once, with the finding."""
        return self.message.partition("\n")[0]


class ManifestInvalid(MixprivError):
    """The workspace can't be planned; `diagnostics` holds every finding of the run, errors and warnings."""

    def __init__(self, diagnostics: tuple[object, ...], message: str = "the workspace has errors") -> None:
        super().__init__("MP0001", message, "")
        self.diagnostics = diagnostics


class WrongUsage(MixprivError):
    """The command line asks for something that can't be."""


class NotOffered(WrongUsage):
    """A format or an option that the command at hand doesn't have, and others may."""


class MissingExtra(WrongUsage):
    """What the manifests ask for needs a package that is installed with an extra; the hint has the command."""


class CredentialMissing(MixprivError):
    """A reference to a secret leads nowhere: an unset variable, a missing or unfit file."""


class ListNotWritten(MixprivError):
    """An opt-out list could not be written; what stood in its place is intact."""


class OutOfMemory(MixprivError):
    """What was read takes more memory than this machine or container gives."""


class StateError(MixprivError):
    """The remembered state can't be used as it is."""


class StateDamaged(StateError):
    """Torn, empty or altered bytes where state, segment or journal should be."""


class StateTooNew(StateError):
    """The state was written in a newer format, or uses a feature this version doesn't know."""


class KeyProblem(StateError):
    """The digest key is missing, too short, or not the one the state was made with."""


class NewStateRefused(StateError):
    """With `CI` set neither a key nor a new state is made unless `--new-state` is given."""


class StateLocked(StateError):
    """Another process holds the state's lock."""

    exit_code = 5


class LockLost(StateError):
    """This process held the lock and no longer does; it neither sends nor writes from here on."""

    exit_code = 5


class SourceMoved(MixprivError):
    """A source file no longer holds the ids that the plan was made from."""

    exit_code = 4


class PlanStale(MixprivError):
    """What would be done now is more than, or other than, what was approved."""

    exit_code = 4


class PolicyRefused(MixprivError):
    """A threshold or rule of the policy says no; the plan was still shown. *diagnostics* holds every refusal."""

    exit_code = 6

    def __init__(self, diagnostics: tuple[object, ...]) -> None:
        super().__init__("MP0001", "refused by policy", "")
        self.diagnostics = diagnostics


class Interrupted(MixprivError):
    """A signal ended the run after the state was saved, or a second one at once; *signal_number* 2 ends with 130, 15 with 143."""

    def __init__(self, signal_number: int, *, is_second: bool = False) -> None:
        what = "interrupted twice; what was acknowledged is saved, a batch that was on its way is in doubt"
        message = what if is_second else "interrupted; what was acknowledged is saved"
        super().__init__("MP0002", message, "run it again; with --expect, plan again first")
        self.exit_code = 128 + signal_number
