"""Anything that a state, a journal and a plan can hold, as hypothesis draws it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model import journal as entries
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Cost, ManualStep, Plan, PlanOptions, SubmitBatch, Summary
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Confirmation, Extension
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import (
    MOST_NEXT_BATCH,
    MOST_SERIAL,
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

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LINEAGE = st.from_regex(r"[ -~]{1,64}", fullmatch=True)
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,8}", fullmatch=True)
COUNT = st.integers(0, 2**53)
WHEN = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))
REGION = st.sampled_from(Region)
HASH = st.binary(min_size=32, max_size=32).map(bytes.hex)
PROJECT_ID = st.integers(1, 10**9)
ADDRESSES = st.builds(Address, NAME, st.just("deletions"), NAME)
WORDS = st.dictionaries(TEXT, TEXT, max_size=2)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


def tuples_of(strategy: st.SearchStrategy[object], size: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=size).map(tuple)


@st.composite
def id_sets(draw: st.DrawFn) -> IdSet:
    return from_unsorted(b"".join(draw(st.lists(st.binary(min_size=16, max_size=16), max_size=4))))


DIGESTS = id_sets().map(lambda found: found.digests)
DECLARED = st.builds(Declared, COUNT, HASH)
SECRET_REFS = st.builds(SecretRef, env=TEXT) | st.builds(SecretRef, file=TEXT)
EXTENSIONS = st.builds(Extension, DAY, TEXT)
BATCHES = st.builds(
    BatchRecord, COUNT, COUNT, HASH, st.integers(1, 3), st.sampled_from(BatchPhase), WHEN, maybe(WHEN), maybe(TEXT), st.booleans(), TEXT
)
REQUESTS = st.builds(
    RequestRecord,
    kind=st.sampled_from(["deletions", "retrievals"]),
    project=NAME,
    project_id=PROJECT_ID,
    region=REGION,
    compliance=st.sampled_from(["gdpr", "ccpa"]),
    declared=DECLARED,
    received=maybe(DAY),
    not_before=maybe(DAY),
    extension=maybe(EXTENSIONS),
    disclosure=maybe(TEXT),
    next_batch=st.integers(0, MOST_NEXT_BATCH),
    batches=tuples_of(BATCHES),
    segments=tuples_of(st.builds(SegmentRef, HASH, COUNT)),
    held=maybe(DECLARED),
    refused_under=maybe(HASH),
    downloads=tuples_of(WORDS),
    withdrawn_at=maybe(WHEN),
)
RESIDENCIES = st.builds(ResidencyRecord, st.just("residency"), NAME, PROJECT_ID, REGION, WHEN)
SSOS = st.builds(SsoRecord, st.just("sso"), NAME, TEXT, st.builds(Confirmation, TEXT, DAY), WHEN)
TASKS = st.builds(
    TaskRecord,
    tracking_id=TEXT,
    kind=st.just("deletions"),
    project=NAME,
    project_id=PROJECT_ID,
    region=REGION,
    status=TEXT,
    subjects=COUNT,
    submitted_at=WHEN,
    checked_at=WHEN,
    adopted=st.booleans(),
    foreign=st.booleans(),
    cancelled_at=maybe(WHEN),
)
PROJECTS = st.builds(ProjectRecord, PROJECT_ID, REGION, SECRET_REFS, maybe(SECRET_REFS), COUNT, maybe(COUNT))
KEYS = st.builds(KeyRecord, TEXT, HASH)
POLICIES = st.builds(PolicyRecord, COUNT, COUNT, st.sampled_from(["off", "warn", "require"]), tuples_of(TEXT))


def addressed(records: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    """A record, and an address of its kind."""
    named = st.tuples(NAME, records)
    return named.map(
        lambda found: (str(Address(found[1].project, found[1].kind, found[0] if "declared" in dir(found[1]) else "")), found[1])
    )


STATES = st.builds(
    State,
    lineage=LINEAGE,
    serial=COUNT,
    tool_version=TEXT,
    digest_key=maybe(KEYS),
    created_by_plan=maybe(HASH),
    last_journal=maybe(TEXT),
    features=tuples_of(TEXT),
    encryption=maybe(WORDS),
    journal=maybe(WORDS),
    policy=maybe(POLICIES),
    manifests=tuples_of(TEXT),
    sources=tuples_of(st.builds(SourceRecord, TEXT, TEXT, COUNT, HASH, COUNT, HASH)),
    projects=st.dictionaries(NAME, PROJECTS, max_size=2),
    records=st.lists(addressed(REQUESTS | RESIDENCIES | SSOS), max_size=3).map(dict),
    tasks=st.lists(TASKS, max_size=3).map(lambda tasks: {task.key: task for task in tasks}),
)
ENTRIES: st.SearchStrategy[entries.Entry] = st.one_of(
    st.builds(
        entries.Began,
        TEXT,
        LINEAGE,
        st.integers(0, MOST_SERIAL - 1),
        TEXT,
        WHEN,
        TEXT,
        TEXT,
        maybe(HASH),
        maybe(KEYS),
        maybe(POLICIES),
        maybe(tuples_of(TEXT)),
        st.dictionaries(NAME, PROJECTS, max_size=2),
    ),
    addressed(RESIDENCIES | SSOS).map(lambda found: entries.Put(*found)),
    st.builds(
        lambda found, *more: entries.PutRequestEntry(*found, *more), addressed(REQUESTS), WHEN, maybe(ADDRESSES.map(str)), st.booleans()
    ),
    st.builds(entries.Intended, ADDRESSES.map(str), st.integers(0, MOST_NEXT_BATCH - 1), st.integers(1, 3), COUNT, HASH, WHEN, DIGESTS),
    st.builds(entries.Acknowledged, ADDRESSES.map(str), COUNT, TASKS, WHEN),
    st.builds(entries.Unsettled, ADDRESSES.map(str), COUNT, st.sampled_from(["in_doubt", "returned", "refused"]), TEXT, WHEN),
    st.builds(entries.Polled, PROJECT_ID, TEXT, TEXT, WHEN, maybe(st.booleans())),
    st.builds(entries.CancelAccepted, PROJECT_ID, TEXT, WHEN),
    st.builds(entries.LearnedCap, NAME, COUNT),
    st.builds(entries.Forgot, ADDRESSES.map(str)),
)
SPANS = st.builds(SourceSpan, TEXT, COUNT, COUNT)
DIAGNOSTICS = st.builds(Diagnostic, TEXT, st.sampled_from(Severity), TEXT, TEXT, maybe(SPANS), TEXT)
STEPS = st.one_of(
    st.builds(CancelTask, PROJECT_ID, TEXT, COUNT, COUNT),
    st.builds(SubmitBatch, id_sets(), st.integers(1, 3), TEXT, maybe(TEXT)),
    st.builds(ManualStep, TEXT, tuples_of(TEXT)),
)
FACTS = maybe(st.dictionaries(TEXT, TEXT | COUNT | st.none(), max_size=3))
CHANGES = st.builds(
    Change,
    address=ADDRESSES,
    kind=st.just("deletions"),
    project=NAME,
    project_id=PROJECT_ID,
    actions=st.lists(st.sampled_from(Action), min_size=1, max_size=2).map(tuple),
    reasons=tuples_of(TEXT),
    before=FACTS,
    after=FACTS,
    steps=tuples_of(STEPS),
    irreversible=st.booleans(),
    submits=id_sets(),
    withdraws=id_sets(),
    waits=id_sets(),
    withdrawn_unsent=COUNT,
    deadline=maybe(DAY),
    source=maybe(SPANS),
)
PLANS = st.builds(
    Plan,
    tool_version=TEXT,
    lineage=maybe(TEXT),
    serial=COUNT,
    digest=HASH,
    changes=tuples_of(CHANGES),
    diagnostics=tuples_of(DIAGNOSTICS),
    refusals=tuples_of(DIAGNOSTICS),
    summary=st.builds(Summary, COUNT, COUNT, COUNT),
    cost=st.builds(Cost, COUNT, COUNT, st.floats(0.01, 1)),
    erases=COUNT,
    withdraws=COUNT,
    cancels=COUNT,
    resubmits=COUNT,
    next_deadline=maybe(DAY),
    options=st.builds(PlanOptions, tuples_of(TEXT), tuples_of(TEXT)),
    manifests=TEXT,
    declared=st.dictionaries(TEXT, HASH, max_size=2),
    known_since=maybe(WHEN),
)
