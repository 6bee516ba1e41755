"""The ways to Mixpanel: one lane a project, to its own region's origin, with credentials looked up when it is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from mixpriv_reconcile.errors import CredentialMissing, WrongUsage
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.lease import LONGEST_CALL_SECONDS, Lease
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.state import ProjectRecord, State
from mixpriv_reconcile.pipeline.credentials import resolved
from mixpriv_reconcile.pipeline.opening import project_records
from mixpriv_reconcile.pipeline.private import check_private_folder
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import Lane, Lock, Patience
from mixpriv_reconcile.remote import Origins

__all__ = ["LaneOpener", "check_credentials", "mixed_origins", "open_lanes", "sandbox_served"]

SANDBOX_STORE = ".mixpriv/sandbox"
SANDBOX_SPEED = 259_200.0
"""Times real time of the embedded stand-in: thirty days in ten seconds."""

SANDBOX_BEARER = "sandbox-gdpr-token"

LaneOpener = Callable[[str], Awaitable[Lane]]


@contextlib.contextmanager
def open_lanes(setting: Setting, desired: DesiredState, state: State, patience: Patience, lock: Lock | None = None) -> Iterator[LaneOpener]:
    """A way to open lanes by project name, of the manifests or remembered; credentials are looked up when a lane is opened."""
    # The client is loaded where something is sent, and not for the checks below.
    from mixpriv_reconcile.remote import Paces, Retrying, open_lane, runtime_folder, shared_tls

    records = {**state.projects, **project_records(desired)}
    rate = desired.workspace.limits.requests_per_second
    # Who takes a lease over must not meet a call of ours that is still under way.
    is_leased = desired.workspace.state.is_shared and not setting.sandbox
    call_seconds = Lease.from_environment(setting.environment).call_seconds if is_leased else LONGEST_CALL_SECONDS
    with contextlib.ExitStack() as stack:
        environment = dict(setting.environment)
        served = False
        paces = Paces(setting.clock, runtime_folder(environment), requests_per_second=rate, is_over=lambda: patience.is_over)
        tls = shared_tls()

        async def lane(project: str) -> Lane:
            nonlocal served
            if setting.sandbox and not served:
                environment.update(stack.enter_context(sandbox_served(setting, records)))
                served = True
            origins = Origins.from_environment(environment)
            access = access_to(project, records[project], setting)
            verify = lock.verify if lock is not None else None
            opened = open_lane(
                access,
                origins.of(access.region),
                paces,
                tls,
                verify,
                exports=origins.exports_of(access.region),
                call_seconds=call_seconds,
                asks_far=is_leased,
            )
            return Retrying(opened, patience, setting.clock)

        yield lane


def access_to(name: str, project: ProjectRecord, setting: Setting) -> Access:
    """How to reach a project; raises `CredentialMissing`. The sandbox takes made-up tokens and needs no credentials."""
    if setting.sandbox:
        token, bearer = Secret(_sandbox_token(project)), Secret(SANDBOX_BEARER)
    else:
        if project.gdpr_token is None:
            raise CredentialMissing(
                "MP0714", "workspace.credentials.gdpr_token is not set", "add `credentials: {gdpr_token: {env: MIXPANEL_GDPR_TOKEN}}`"
            )
        token = resolved(project.token, f"{name}.token", setting)
        bearer = resolved(project.gdpr_token, "workspace.credentials.gdpr_token", setting)
    return Access(name, project.project_id, project.region, token, bearer)


def _sandbox_token(project: ProjectRecord) -> str:
    return f"sandbox-token-{project.project_id}"


@contextlib.contextmanager
def sandbox_served(setting: Setting, records: Mapping[str, ProjectRecord]) -> Iterator[Mapping[str, str]]:
    """An embedded stand-in for Mixpanel while the block runs; the variables that point to it."""
    from mixpriv_reconcile.sandbox import Embedded, Project, SandboxError, SandboxOptions  # nobody else needs the stand-in

    check_private_folder(setting.root)
    known = {record.project_id: record for record in records.values()}
    options = SandboxOptions(
        store=setting.root / SANDBOX_STORE,
        speed=SANDBOX_SPEED,
        projects=tuple(
            Project(record.project_id, _sandbox_token(record), record.region.value, record.data_groups) for record in known.values()
        ),
        bearers=(SANDBOX_BEARER,),
    )
    with contextlib.ExitStack() as stack:
        try:
            origins = stack.enter_context(Embedded(options))
        except (SandboxError, OSError) as error:
            raise WrongUsage("MP0903", f"the sandbox can't start: {error}", "see `mixpriv explain MP0903`") from None
        yield {f"MIXPRIV_URL_{region.upper()}": origin for region, origin in origins.items()}


def check_credentials(projects: Iterable[str], setting: Setting, desired: DesiredState, state: State) -> None:
    """Raise `CredentialMissing` or `WrongUsage` before anything is sent, where one of *projects* can't be reached."""
    Origins.from_environment(setting.environment)
    records = {**state.projects, **project_records(desired)}
    for project in projects:
        access_to(project, records[project], setting)


def mixed_origins(setting: Setting, desired: DesiredState) -> tuple[Diagnostic, ...]:
    """A warning where some of the regions in use are reached on this machine, and others at Mixpanel: a rehearsal that erases."""
    used = sorted({record.region.value for record in project_records(desired).values()})
    told = {region: setting.environment.get(f"MIXPRIV_URL_{region.upper()}") for region in used}
    # Plain http is allowed to this machine only; a wrong origin is refused when a lane is opened.
    local = [region for region, origin in told.items() if origin is not None and origin.startswith("http://")]
    real = [region for region, origin in told.items() if origin is None]
    if setting.sandbox or not local or not real:
        return ()
    variables = ", ".join(f"MIXPRIV_URL_{region.upper()}" for region in real)
    message = (
        f"{', '.join(local)} is replaced by an origin on this machine, but {', '.join(real)} goes to Mixpanel itself: "
        "an apply erases people there"
    )
    return (Diagnostic("MP0723", Severity.WARNING, message, f"set {variables} too, or none of these variables"),)
