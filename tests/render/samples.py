"""A workspace in the middle of its life, as values: the story that the goldens tell."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Cost, ManualStep, Plan, PlanOptions, SubmitBatch, Summary
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Confirmation, Extension
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import (
    BatchPhase,
    BatchRecord,
    Declared,
    KeyRecord,
    PolicyRecord,
    ProjectRecord,
    RequestRecord,
    ResidencyRecord,
    SegmentRef,
    SourceRecord,
    SsoRecord,
    State,
    TaskRecord,
)
from mixpriv_reconcile.model.status import RequestStatus, StatusReport, Subjects, TaskStatus

MORNING = datetime(2026, 11, 8, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 8)


def ids(count: int, salt: str = "") -> IdSet:
    """A set of *count* ids, as a plan read back from a file knows it: its digests aside."""
    return IdSet(count, hashlib.sha256(f"{count} {salt}".encode()).hexdigest(), memoryview(b"")) if count else EMPTY_IDS


def batches(*counts: int, origin: str = "new", after: str | None = None) -> tuple[SubmitBatch, ...]:
    return tuple(SubmitBatch(ids(count, str(number)), 1, origin, after) for number, count in enumerate(counts))


def plan_of_changes(
    changes: Sequence[Change],
    diagnostics: Sequence[Diagnostic] = (),
    refusals: Sequence[Diagnostic] = (),
    options: PlanOptions | None = None,
    known_since: datetime | None = None,
) -> Plan:
    """A plan whose totals are those of its changes."""
    pending = [change for change in changes if change.is_pending]
    count = {action: sum(change.action is action for change in pending) for action in Action}
    deadlines = [change.deadline for change in pending if change.deadline is not None and change.submits]
    posts = sum(change.requests for change in pending)
    return Plan(
        tool_version="1.2.3",
        lineage="4c0b7a5e-0000-4000-8000-000000000001",
        serial=7,
        digest=hashlib.sha256(b"the plan").hexdigest(),
        changes=tuple(changes),
        diagnostics=tuple(diagnostics),
        refusals=tuple(refusals),
        summary=Summary(count[Action.CREATE], count[Action.UPDATE], count[Action.DELETE]),
        cost=Cost(posts, posts),
        erases=sum(change.submits.count for change in changes if change.irreversible),
        withdraws=sum(change.withdraws.count + change.withdrawn_unsent for change in changes),
        cancels=sum(len(change.cancels) for change in changes),
        resubmits=sum(batch.ids.count for change in changes for batch in change.batches if batch.origin == "resubmitted"),
        next_deadline=min(deadlines, default=None),
        options=options or PlanOptions(),
        manifests=hashlib.sha256(b"the manifests").hexdigest(),
        declared={str(change.address): change.submits.sha256 for change in changes},
        known_since=known_since,
    )


FORGOTTEN = Change(
    address=Address("web-eu", "deletions", "2026-11-forgotten"),
    kind="deletions",
    project="web-eu",
    project_id=1978118,
    actions=(Action.DELETE,),
    reasons=("new_request",),
    after={"declared": 4321, "compliance": "gdpr"},
    steps=batches(2000, 2000, 321),
    irreversible=True,
    submits=ids(4321),
    deadline=date(2026, 12, 3),
    source=SourceSpan("manifests/eu.yaml", 12, 7, 17),
)

WITHDRAWN = Change(
    address=Address("web-us", "deletions", "2026-10-forgotten"),
    kind="deletions",
    project="web-us",
    project_id=2195193,
    actions=(Action.DELETE, Action.UPDATE),
    reasons=("in_doubt", "withdrawn_ids", "resubmitted"),
    before={"declared": 2030, "submitted": 2000, "tasks": 1},
    after={"declared": 2018, "compliance": "ccpa"},
    steps=(
        CancelTask(2195193, "1234567890", 12, 1988),
        *batches(30, origin="in_doubt"),
        *batches(1988, origin="resubmitted", after="1234567890"),
    ),
    irreversible=True,
    submits=ids(2018),
    withdraws=ids(12),
    deadline=date(2026, 12, 15),
    source=SourceSpan("manifests/us.yaml", 31, 7),
)

LEFT = Change(
    address=Address("web-us", "deletions", "typo"),
    kind="deletions",
    project="web-us",
    project_id=2195193,
    actions=(Action.UPDATE,),
    reasons=("withdrawn_request",),
    before={"declared": 5, "submitted": 0, "tasks": 0},
    withdrawn_unsent=5,
)

ADOPTED = Change(
    address=Address("web-eu", "residency"),
    kind="residency",
    project="web-eu",
    project_id=1978118,
    actions=(Action.CREATE,),
    reasons=("adopt",),
    after={"region": Region.EU, "project_id": 1978118},
    source=SourceSpan("manifests/eu.yaml", 8, 16),
)

BY_HAND = Change(
    address=Address("web-eu", "sso"),
    kind="sso",
    project="web-eu",
    project_id=1978118,
    actions=(Action.UPDATE,),
    reasons=("manual_step",),
    after={"postback_url": "https://eu.mixpanel.com/security/login/42", "region": "eu", "identity_provider": "okta"},
    steps=(
        ManualStep(
            "at the identity provider (okta), set “Postback URL” to https://eu.mixpanel.com/security/login/42",
            ("leave the ACS URL as it is", "then run `mixpriv confirm web-eu.sso --by WHO`"),
        ),
    ),
    source=SourceSpan("manifests/eu.yaml", 9, 7),
)

WAITING = Change(
    address=Address("web-eu", "deletions", "cooling"),
    kind="deletions",
    project="web-eu",
    project_id=1978118,
    actions=(Action.NO_OP,),
    reasons=("not_before",),
    after={"declared": 17, "compliance": "gdpr"},
    waits=ids(17),
    deadline=date(2026, 12, 8),
    source=SourceSpan("manifests/eu.yaml", 20, 7),
)

IN_DOUBT = Diagnostic(
    "MP0613",
    Severity.WARNING,
    "batch 2 with 30 distinct ids is in doubt (timeout): it may have arrived, and the next apply sends it a second time",
    "where Mixpanel answers 409, apply adopts the task that holds these ids instead",
    SourceSpan("manifests/us.yaml", 31, 7),
    "web-us.deletions.2026-10-forgotten",
    "      2026-10-forgotten:",
)
GONE = Diagnostic("MP0610", Severity.NOTE, "3 distinct ids can't be recalled: task 99 has started", address="web-us.deletions.typo")
TOO_MANY = Diagnostic(
    "MP0602",
    Severity.ERROR,
    "this plan erases 6,339 distinct ids; policy.max_deletions allows 5,000",
    "check the number; if it is right, set `max_deletions: 6339` under workspace.policy",
)
CONFLICT = Diagnostic(
    "MP0601",
    Severity.ERROR,
    "project 1978118 was adopted in region us; the manifest now says eu",
    "write `residency: us`",
    SourceSpan("manifests/eu.yaml", 8, 16),
    "web-eu.residency",
)

SMALL = plan_of_changes([FORGOTTEN])
RICH = plan_of_changes(
    [ADOPTED, BY_HAND, WAITING, FORGOTTEN, WITHDRAWN, LEFT],
    [IN_DOUBT, GONE],
    options=PlanOptions(targets=("web-*",), retry=("web-eu.deletions.*",)),
    known_since=MORNING,
)
REFUSED = plan_of_changes([FORGOTTEN, WITHDRAWN], [IN_DOUBT], [TOO_MANY])
CONFLICTING = plan_of_changes(
    [
        Change(
            Address("web-eu", "residency"),
            "residency",
            "web-eu",
            1978118,
            (Action.NO_OP,),
            ("conflict",),
            {"region": "us"},
            {"region": "eu"},
            notes=(CONFLICT,),
        )
    ],
    [CONFLICT],
)
NOTHING = plan_of_changes([])

STATUS = StatusReport(
    today=DAY,
    requests=(
        RequestStatus(
            "web-eu.deletions.2026-09-forgotten",
            "deletions",
            "gdpr",
            date(2026, 9, 1),
            date(2026, 10, 1),
            date(2026, 9, 1),
            "succeeded",
            Subjects(declared=12, succeeded=12),
            (TaskStatus("11", "SUCCESS", 12, MORNING, MORNING),),
        ),
        RequestStatus(
            "web-eu.deletions.2026-10-late",
            "deletions",
            "gdpr",
            date(2026, 10, 5),
            date(2026, 11, 5),
            date(2026, 10, 6),
            "in_doubt",
            Subjects(declared=4321, submitted=1998, succeeded=2000, in_doubt=323),
            (
                TaskStatus("12", "SUCCESS", 2000, MORNING, MORNING),
                TaskStatus("13", "PENDING", 1998, MORNING, MORNING),
            ),
            overdue=True,
            submit_overdue=True,
        ),
        RequestStatus(
            "web-us.deletions.2026-11",
            "deletions",
            "ccpa",
            date(2026, 11, 3),
            date(2026, 12, 18),
            date(2026, 11, 18),
            "unsent",
            Subjects(declared=3, unsent=3),
            (),
        ),
        RequestStatus("web-us.deletions.undated", "deletions", "gdpr", None, None, None, "pending", Subjects(declared=1, submitted=1), ()),
    ),
    serial=7,
    apply_running={"who": "ops", "host": "runner-3", "pid": "4242", "since": "2026-11-08T08:59:00Z"},
)

_DIGEST = "ab" * 32
_TASK = TaskRecord("1234567890", "deletions", "web-eu", 1978118, Region.EU, "PENDING", 2000, MORNING, MORNING, adopted=True)
STATE = State(
    lineage="4c0b7a5e-0000-4000-8000-000000000001",
    serial=7,
    tool_version="1.2.3",
    digest_key=KeyRecord("cmac", _DIGEST),
    created_by_plan="cd" * 32,
    policy=PolicyRecord(10_000, 1_000, "warn"),
    manifests=("manifests/eu.yaml",),
    sources=(SourceRecord("web-eu.deletions.a", "requests/a.csv", 12, _DIGEST, 2030, _DIGEST),),
    projects={
        "web-eu": ProjectRecord(
            1978118, Region.EU, SecretRef(env="MIXPANEL_WEB_EU_TOKEN"), SecretRef(file="/run/secrets/gdpr"), learned_cap=1999
        )
    },
    records={
        "web-eu.residency": ResidencyRecord("residency", "web-eu", 1978118, Region.EU, MORNING),
        "web-eu.sso": SsoRecord(
            "sso", "web-eu", "https://eu.mixpanel.com/security/login/42", Confirmation("ops@example.com", date(2026, 11, 20)), MORNING
        ),
        "web-eu.deletions.a": RequestRecord(
            kind="deletions",
            project="web-eu",
            project_id=1978118,
            region=Region.EU,
            compliance="gdpr",
            declared=Declared(2030, _DIGEST),
            received=date(2026, 11, 3),
            extension=Extension(date(2026, 11, 20), "complex request"),
            next_batch=3,
            batches=(
                BatchRecord(1, 2000, _DIGEST, 1, BatchPhase.SENT, MORNING, MORNING, "1234567890", adopted=True),
                BatchRecord(2, 30, _DIGEST, 2, BatchPhase.IN_DOUBT, MORNING, why="timeout"),
            ),
            segments=(SegmentRef(_DIGEST, 2030),),
        ),
    },
    tasks={_TASK.key: _TASK},
)
