"""Opening a workspace that has, or will have, a state: where that lies, and the digest key it was made with."""

from __future__ import annotations

import dataclasses
import functools
import getpass
import os
import secrets as randomness
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from mixpriv_reconcile.errors import KeyProblem, MixprivError, NewStateRefused, StateError, WrongUsage
from mixpriv_reconcile.ids.keys import DigestKey, check_length, derive
from mixpriv_reconcile.manifest import Reading
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.paths import SANDBOX_STATE
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import ProjectRecord, State
from mixpriv_reconcile.model.workspace import Policy, StateLocation
from mixpriv_reconcile.pipeline.credentials import resolved
from mixpriv_reconcile.pipeline.last_place import remember_place
from mixpriv_reconcile.pipeline.place_check import check_left_behind, check_remembered
from mixpriv_reconcile.pipeline.reading import check_state_folder, desired_of, read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.tokens import without_tokens
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state import Loaded, Store, Surroundings, find_key, make_key, open_backend
from mixpriv_reconcile.state.digest_key import KEY_WANTED

__all__ = [
    "backend_at",
    "digest_key",
    "kept_elsewhere",
    "key_at_hand",
    "key_note",
    "lock_facts",
    "no_state",
    "open_workspace",
    "project_records",
    "state_of",
]

Find: TypeAlias = Callable[[Reading], DesiredState]

RESTORED = (
    "restore mixpriv.key from your backup, or set MIXPRIV_DIGEST_KEY to the same value as before, or as the others who share the state, "
    "for it may have been changed; only if it is really gone: `mixpriv state rekey`"
)
"""How to go on without the key of a state."""


def open_workspace(
    setting: Setting, *, is_replaced: bool = False, needs_key: bool = False, find: Find = desired_of
) -> tuple[DesiredState, tuple[Diagnostic, ...], StateBackend, Store]:
    """The wishes, with the policy capped, and the doors to the state. Manifests that the state remembers are missed if they broke.

    With *needs_key* a shared state isn't asked for anything without a digest key: raises `KeyProblem`. *find* raises `ManifestInvalid` for
    manifests with errors.
    """
    reading = read(setting)
    desired = find(reading)
    if needs_key and state_of(setting, desired).is_shared:
        _check_key_is_there(setting)
    backend, store = open_store(setting, desired)
    if not is_replaced:
        backend.check_not_lost()
    loaded = store.load(with_ids=False)
    if loaded.exists and not setting.sandbox:
        remember_place(setting.root, desired.workspace.state, state=None if loaded.recovered else loaded.state)
    gone = set(loaded.state.manifests) - set(desired.manifests)
    if gone:
        reading = read(setting, frozenset(gone))
        desired = find(reading)
    policy = capped_policy(desired.workspace.policy, setting.environment)
    desired = dataclasses.replace(desired, workspace=dataclasses.replace(desired.workspace, policy=policy))
    notes = tuple(
        Diagnostic("MP0503", Severity.NOTE, f"{name} could be read by others; its mode was narrowed to the owner's")
        for name in backend.tightened
    )
    findings = without_tokens(reading.diagnostics) if setting.sandbox else reading.diagnostics
    return desired, (*findings, *notes), backend, store


def open_store(setting: Setting, desired: DesiredState) -> tuple[StateBackend, Store]:
    """The state's backend and the store over it; raises `StateError` where the state was kept elsewhere so far."""
    location = state_of(setting, desired)
    if setting.sandbox:
        backend = backend_at(setting, location)
        return backend, Store(backend, recovery=backend.recovery)
    backend = backend_at(setting, location)
    check_remembered(setting.root, location, lambda: _state_in(backend))
    check_left_behind(setting.root, location, backend)
    remember = functools.partial(remember_place, setting.root, location)
    return backend, Store(backend, recovery=backend.recovery, on_published=lambda state: remember(state=state))


def _state_in(backend: StateBackend) -> State | None:
    """The state that *backend* leads to; None where there is none that can be read."""
    try:
        return Store(backend).load(with_ids=False).state
    except MixprivError:
        return None


def state_of(setting: Setting, desired: DesiredState) -> StateLocation:
    """Where the state of this run lies; the sandbox's is always in files of its own."""
    return StateLocation(path=SANDBOX_STATE) if setting.sandbox else desired.workspace.state


def no_state(setting: Setting, desired: DesiredState) -> str:
    """Words for that there is no state; of a shared one with the place, for a wrong bucket or prefix looks like a new state."""
    location = state_of(setting, desired)
    return f"there is no state at {location.shown}" if location.is_shared else "there is no state"


def kept_elsewhere(setting: Setting, desired: DesiredState) -> str:
    """The end of a hint where there is no state: of a shared one, for a machine that is new has no memory of another place."""
    if not state_of(setting, desired).is_shared:
        return ""
    return "; if it was kept elsewhere so far, move it here: `mixpriv state migrate --help`"


def backend_at(setting: Setting, location: StateLocation, *, cache_root: Path | None = None) -> StateBackend:
    """The door to the state at *location*; nothing is read or written yet. Raises `MissingExtra`, `CredentialMissing`, `StateError`.

    With *cache_root*, a shared state's copies of segments lie there instead of in the workspace.
    """
    check_state_folder(setting, location)
    surroundings = Surroundings(
        root=cache_root if cache_root is not None and location.is_shared else setting.root,
        environment=setting.environment,
        lease=Lease.from_environment(setting.environment),
        secret=lambda ref, what: resolved(ref, what, setting),
    )
    return open_backend(location, surroundings)


def _check_key_is_there(setting: Setting) -> None:
    """Raise `KeyProblem` where there is no key, or none that can be one. An unset secret of a CI is often an empty variable."""
    text = find_key(setting.root, setting.environment)
    if text is None or not text:
        raise KeyProblem(*KEY_WANTED)
    check_length(text)


def digest_key(setting: Setting, loaded: Loaded, *, new_state: bool = False) -> DigestKey:
    """The key that the state's digests were made with, or a new one for a workspace that has no state.

    Raises `KeyProblem` where the key is gone, different or too short; `NewStateRefused` in CI, where no key is made by itself.
    """
    text = find_key(setting.root, setting.environment)
    known = loaded.state.digest_key
    if text is None:
        if known is not None:
            raise KeyProblem(
                "MP0505",
                "the state's digest key is gone: without it nobody can tell which distinct ids were submitted",
                RESTORED,
            )
        if setting.in_ci and not setting.sandbox and not new_state:
            raise NewStateRefused(
                "MP0502",
                "there is no digest key, and CI is set: no key is made by itself",
                "set MIXPRIV_DIGEST_KEY from your secret store; `mixpriv apply --new-state` makes a key if this really is the first run",
            )
        text = _made_key(setting)
    key = derive(text)
    if known is not None and known.check != key.check:
        raise KeyProblem(
            "MP0506",
            "the digest key is not the one the state was made with",
            RESTORED,
        )
    return key


def key_at_hand(setting: Setting) -> DigestKey | None:
    """The user's digest key, whichever state it belongs to; None where there is none, or none that can be read or be one."""
    try:
        text = find_key(setting.root, setting.environment)
        return derive(text) if text is not None else None
    except StateError:
        return None


def key_note(setting: Setting) -> tuple[Diagnostic, ...]:
    """A note where the run is about to make the digest key: without it the state is of no use."""
    if find_key(setting.root, setting.environment) is not None:
        return ()
    message = "a digest key is made in mixpriv.key: without it nobody can tell later which distinct ids were submitted"
    return (Diagnostic("MP0509", Severity.NOTE, message, "back it up, and never commit it; in CI pass it as MIXPRIV_DIGEST_KEY"),)


def _made_key(setting: Setting) -> str:
    """A new key; or the one that another first run made in this very moment."""
    try:
        return make_key(setting.root)
    except StateError:
        text = find_key(setting.root, setting.environment)
        if text is None:
            raise
        return text


def capped_policy(policy: Policy, environment: Mapping[str, str]) -> Policy:
    """*policy*, lowered to what `MIXPRIV_MAX_DELETIONS` and `MIXPRIV_MAX_WITHDRAWALS` allow."""

    def cap(variable: str, value: int) -> int:
        text = environment.get(variable)
        if text is None:
            return value
        if not text.isascii() or not text.isdigit():
            raise WrongUsage("MP0006", f"{variable} must be a whole number", f"unset {variable}, or set it to a number")
        return min(value, int(text))

    return dataclasses.replace(
        policy,
        max_deletions=cap("MIXPRIV_MAX_DELETIONS", policy.max_deletions),
        max_withdrawals=cap("MIXPRIV_MAX_WITHDRAWALS", policy.max_withdrawals),
    )


def lock_facts(setting: Setting) -> Mapping[str, str]:
    """Who we are, for the lock and the journal."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = f"uid {os.getuid()}"
    return {
        "lock_id": randomness.token_hex(8),
        "who": who,
        "host": socket.gethostname(),
        "pid": str(os.getpid()),
        "since": setting.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "command": f"mixpriv {setting.command}",
    }


def project_records(desired: DesiredState) -> Mapping[str, ProjectRecord]:
    """The manifests' projects as the state remembers them: references to credentials, never credentials."""
    gdpr_token = desired.workspace.gdpr_token.ref if desired.workspace.gdpr_token is not None else None
    return {
        name: ProjectRecord(project.project_id, project.region, project.token, gdpr_token, project.data_groups)
        for name, project in desired.projects.items()
    }
