"""The live check of regions: with a service account, each region in use is asked once which projects it has (API fact sheet §2.3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.kinds.account import Seen, Unseen, live_regions, question, read_answer
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.workspace import ServiceAccountRef
from mixpriv_reconcile.pipeline.credentials import resolved
from mixpriv_reconcile.pipeline.lanes import sandbox_served
from mixpriv_reconcile.pipeline.opening import project_records
from mixpriv_reconcile.pipeline.running import Run, running
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.remote import Origins, asked, shared_tls

__all__ = ["looked_up"]

T = TypeVar("T")

MOST_SECONDS = 15.0
"""Longest that the regions are waited for; the call takes 2 to 5 s (API fact sheet §7)."""

SANDBOX_ACCOUNT = (Secret("sandbox-service-account"), Secret("sandbox-service-account-secret"))


def looked_up(setting: Setting, desired: DesiredState, seconds: float) -> tuple[Mapping[int, Region], tuple[Diagnostic, ...]]:
    """Where the manifests' projects live, by number, and what is to be said of those of which it isn't known.

    At most half of *seconds* is taken, for tasks are to be looked at too. Raises `Interrupted`.
    """
    account = desired.workspace.service_account
    declared = {project.project_id: (name, project.region) for name, project in desired.projects.items()}
    if account is None or not declared or seconds <= 0:
        return {}, ()
    try:
        username, secret = SANDBOX_ACCOUNT if setting.sandbox else _credentials(account, setting)
    except CredentialMissing as missing:
        message = f"the regions of live projects aren't checked: {missing.message}"
        return {}, (Diagnostic(missing.code, Severity.WARNING, message, missing.hint),)
    within = min(seconds / 2, MOST_SECONDS)
    regions = sorted({region for _, region in declared.values()}, key=lambda region: region.value)
    with _origins(setting, desired) as origins:

        async def one(region: Region) -> tuple[Region, Seen | Unseen]:
            answer = await asked(question(), origins.of(region), username, secret, tls, seconds=within)
            return region, read_answer(answer, declared)

        async def every() -> list[tuple[Region, Seen | Unseen]]:
            with running(setting, within) as run:
                return await _unless_stopped(run, [one(region) for region in regions])

        tls = shared_tls()
        return live_regions(declared, dict(asyncio.run(every())))


async def _unless_stopped(run: Run, questions: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All answers, or `Interrupted` as soon as a signal comes."""
    asking = [asyncio.ensure_future(question) for question in questions]
    stopping = asyncio.ensure_future(run.stop.wait())
    try:
        while not all(one.done() for one in asking) and not run.stop.is_set():
            await asyncio.wait([*(one for one in asking if not one.done()), stopping], return_when=asyncio.FIRST_COMPLETED)
        run.raise_if_interrupted()
        return [one.result() for one in asking]
    finally:
        for waiting in (*asking, stopping):
            waiting.cancel()
        await asyncio.gather(*asking, stopping, return_exceptions=True)


def _credentials(account: ServiceAccountRef, setting: Setting) -> tuple[Secret, Secret]:
    where = "workspace.credentials.service_account"
    return resolved(account.username, f"{where}.username", setting), resolved(account.secret, f"{where}.secret", setting)


@contextlib.contextmanager
def _origins(setting: Setting, desired: DesiredState) -> Iterator[Origins]:
    """The origins of the regions; those of the embedded stand-in, as long as the block runs, where it is pretended."""
    with contextlib.ExitStack() as stack:
        environment = dict(setting.environment)
        if setting.sandbox:
            environment.update(stack.enter_context(sandbox_served(setting, project_records(desired))))
        yield Origins.from_environment(environment)
