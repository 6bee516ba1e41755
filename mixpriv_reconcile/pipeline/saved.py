"""Saved plans: the plan's JSON, with a checksum that anybody can check and a seal that only the digest key can make."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from mixpriv_reconcile import __version__
from mixpriv_reconcile.codec import FORMAT_VERSION, as_filed, canonical, plan_document, plan_of
from mixpriv_reconcile.errors import MixprivError, PlanStale, StateDamaged, StateTooNew, WrongUsage
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.plan.digest import digest_again
from mixpriv_reconcile.plan.expected import expected
from mixpriv_reconcile.state.files import read_whole, write_atomically

__all__ = ["SavedPlan", "load_plan", "save_plan"]

ANEW = "make a new one with `mixpriv plan --out FILE`, under a name that isn't taken"


class SavedPlan:
    """A plan read from a file, and the seal that its maker put on it."""

    def __init__(self, plan: Plan, content: bytes, seal: str, name: str) -> None:
        self.plan = plan
        self._content = content
        self._seal = seal
        self._name = name

    def check_seal(self, key: DigestKey) -> None:
        """Raise `PlanStale` where the plan wasn't made with this workspace's digest key, or was altered since."""
        if not hmac.compare_digest(self._seal, _seal(self._content, key)):
            raise PlanStale("MP0620", f"{self._name} was made with another digest key, or altered", "plan again in this workspace")

    def shown(self, key: DigestKey | None) -> Plan:
        """The plan for people and pipelines: raises as `check_seal` does. Where there is no *key* it has a warning instead, and no digest,
        for nobody can tell that it is the digest of what is shown; raises `StateDamaged` where it certainly isn't."""
        if key is not None:
            self.check_seal(key)
            return self.plan
        if not _may_be_its_digest(self.plan):
            raise _damaged(self._name)
        unverified = Diagnostic(
            "MP0673",
            Severity.WARNING,
            f"{self._name} isn't verified: the digest key isn't here, and without it nobody can tell whether the plan was altered",
            "set MIXPRIV_DIGEST_KEY, or believe only what `mixpriv plan` says where the key is; `mixpriv apply FILE` always verifies",
        )
        return dataclasses.replace(self.plan, diagnostics=(unverified, *self.plan.diagnostics), digest="")


def _may_be_its_digest(plan: Plan) -> bool:
    """Whether the plan's digest is one, and its own. Another version may have had another way to make it."""
    try:
        expected(plan.digest)
    except ValueError:
        return False
    return plan.tool_version != __version__ or plan.digest == digest_again(plan)


def _damaged(name: str) -> StateDamaged:
    return StateDamaged("MP0621", f"{name} is damaged or no plan file", ANEW)


def save_plan(plan: Plan, path: Path, key: DigestKey) -> None:
    """Write *plan* to *path* (0600), whole or not at all; raises `WrongUsage` where something else than a plan is there."""
    if os.path.lexists(path):
        _check_overwritable(path)
    document = plan_document(plan)
    content = canonical(document)
    sealed = {**document, "checksum": hashlib.sha256(content).hexdigest(), "seal": _seal(content, key)}
    write_atomically(path, [as_filed(sealed)])


def _check_overwritable(path: Path) -> None:
    try:
        load_plan(path)
    except MixprivError:
        raise WrongUsage("MP0624", f"{path.name} exists and is no plan file; it was left as it is", "give --out another name") from None


def load_plan(path: Path) -> SavedPlan:
    """The plan in *path*; raises `WrongUsage` where there is none, `StateDamaged` where it was altered, `StateTooNew` for a later one."""
    content = read_whole(path, instead=ANEW)
    if content is None:
        raise WrongUsage("MP0619", f"there is no plan file {path.name}", ANEW)
    try:
        document: Any = json.loads(content)
        version = document["format_version"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise StateTooNew(
                "MP0512", f"{path.name} has format version {version}; this version of mixpriv reads {FORMAT_VERSION}", "use a newer mixpriv"
            )
        checksum, seal = document.pop("checksum"), document.pop("seal")
        plain = canonical(document)
        if checksum != hashlib.sha256(plain).hexdigest() or not isinstance(seal, str) or not seal.isascii():
            raise ValueError("altered")
        return SavedPlan(plan_of(document), plain, seal, path.name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(path.name) from None


def _seal(content: bytes, key: DigestKey) -> str:
    return hmac.new(key.plan, content, hashlib.sha256).hexdigest()
