"""What a workspace's manifests say about the workspace itself and its projects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.secrets import SecretRef

__all__ = [
    "MAX_IDS_PER_DELETION",
    "MAX_REQUESTS_PER_SECOND",
    "Limits",
    "Policy",
    "Project",
    "ServiceAccountRef",
    "StateLocation",
    "TokenRef",
    "Workspace",
    "ids_per_deletion",
]

MAX_IDS_PER_DELETION = 2000
"""Most distinct ids in one deletion without Group Analytics. Source: API fact sheet §1.5, user guide and privacy overview."""

MAX_REQUESTS_PER_SECOND = 1.0
"""GDPR calls a second for one project. Source: API fact sheet §1.5, GDPR API reference."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a plan may do without a person raising a limit. Counts are distinct ids over all projects together."""

    max_deletions: int = 10_000
    max_withdrawals: int = 1_000
    opt_out: str = "warn"
    due_soon_days: int = 7
    allow_placeholder_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The workspace's own ceilings, never above Mixpanel's."""

    distinct_ids_per_request: int = MAX_IDS_PER_DELETION
    requests_per_second: float = MAX_REQUESTS_PER_SECOND


@dataclass(frozen=True, slots=True)
class TokenRef:
    """Where the GDPR OAuth token lies, and the day it was issued (valid for one year, API §5.1)."""

    ref: SecretRef
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccountRef:
    """Where the two halves of a service account's credentials lie; only the live check of regions uses them (API §2.3)."""

    username: SecretRef
    secret: SecretRef


@dataclass(frozen=True, slots=True)
class StateLocation:
    """Where the state is kept. What a backend has no use for is empty.

    *path* is relative to the workspace (local). *bucket*, *prefix*, *region* and *endpoint* are of an object store; *account* is Azure's,
    whose *bucket* is a container. The rest is of a server that speaks Terraform's HTTP state protocol.
    """

    backend: str = "local"
    path: str = "mixpriv.state.json"
    bucket: str = ""
    prefix: str = ""
    region: str = ""
    endpoint: str = ""
    account: str = ""
    address: str = ""
    lock_address: str = ""
    unlock_address: str = ""
    lock_method: str = "LOCK"
    unlock_method: str = "UNLOCK"
    username: SecretRef | None = None
    password: SecretRef | None = None
    span: SourceSpan | None = field(default=None, compare=False)

    @property
    def is_shared(self) -> bool:
        """Whether it lies where other machines reach it."""
        return self.backend != "local"

    @property
    def shown(self) -> str:
        """The place in a few words, for people; never with a credential."""
        match self.backend:
            case "local":
                return self.path
            case "http":
                return self.address
            case _:
                return f"{self.backend}://{'/'.join(filter(None, (self.account, self.bucket, self.prefix)))}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The `workspace:` block, defaults filled in."""

    organization_id: int | None = None
    timezone: str = "UTC"
    state: StateLocation = field(default_factory=StateLocation)
    gdpr_token: TokenRef | None = None
    service_account: ServiceAccountRef | None = None
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    span: SourceSpan | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """One project of Mixpanel: its number, its region for life, and where its token lies."""

    name: str
    project_id: int
    token: SecretRef
    region: Region
    data_groups: int = 0
    span: SourceSpan | None = None


def ids_per_deletion(data_groups: int, limits: Limits, learned_cap: int | None = None) -> int:
    """Most distinct ids in one deletion of a project, at least 1.

    Group Analytics lowers the cap to floor(2000 / (groups + 1)). Source: API fact sheet §1.5 (a Mixpanel engineer's
    formula; the public guide says only "may be lower"). *learned_cap* is what the server was seen to accept.
    """
    grouped = MAX_IDS_PER_DELETION // (data_groups + 1)
    ceilings = [grouped, limits.distinct_ids_per_request]
    if learned_cap is not None:
        ceilings.append(learned_cap)
    return max(1, min(ceilings))
