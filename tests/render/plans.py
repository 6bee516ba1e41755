"""Any plan: a hypothesis strategy whose plans add up."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Plan, PlanOptions, SubmitBatch
from mixpriv_reconcile.render.reasons import SENTENCES

from .samples import MORNING, ids, plan_of_changes

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
counts = st.integers(0, 10_000_000)
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
spans = st.builds(SourceSpan, texts.filter(bool), st.integers(1, 10**6), st.integers(1, 500))


@st.composite
def changes(draw: st.DrawFn, number: int) -> Change:
    project, kind = draw(names), draw(st.sampled_from(["deletions", "residency", "sso", "retrievals"]))
    is_deletion = kind == "deletions"
    sent = draw(st.lists(st.integers(1, 2000), max_size=5)) if kind in ("deletions", "retrievals") else []
    cancels = draw(st.lists(st.integers(1, 2000), max_size=7)) if is_deletion else []
    unsent, doubtful = (draw(st.integers(0, 3)), draw(st.integers(0, 3))) if is_deletion else (0, 0)
    origins = st.sampled_from(["new", "in_doubt", "after_failure", *(["resubmitted"] if cancels else [])])
    updates = cancels or unsent or doubtful
    actions = ([Action.DELETE if is_deletion else Action.CREATE] if sent else []) + ([Action.UPDATE] if updates else [])
    steps = [CancelTask(number, str(index), gone, index) for index, gone in enumerate(cancels)]
    return Change(
        address=Address(project, kind, f"{draw(names)}-{number}" if kind in ("deletions", "retrievals") else ""),
        kind=kind,
        project=project,
        project_id=draw(st.integers(1, 10**9)),
        actions=tuple(actions) or (draw(st.sampled_from([Action.NO_OP, Action.CREATE, Action.UPDATE])),),
        reasons=tuple(draw(st.lists(st.sampled_from(sorted(SENTENCES)), max_size=3, unique=True))),
        before=draw(st.none() | st.fixed_dictionaries({"declared": counts, "submitted": counts, "tasks": counts})),
        after=draw(st.none() | st.fixed_dictionaries({"declared": counts, "compliance": st.sampled_from(["gdpr", "ccpa"])})),
        steps=(*steps, *(SubmitBatch(ids(count, str(index)), 1, draw(origins)) for index, count in enumerate(sent))),
        irreversible=is_deletion and bool(sent),
        submits=ids(sum(sent)),
        withdraws=ids(sum(cancels) + doubtful),
        waits=draw(st.sampled_from([EMPTY_IDS, ids(17)])),
        held=draw(st.sampled_from([EMPTY_IDS, ids(1234)])),
        withdrawn_unsent=unsent,
        beyond_recall=draw(st.sampled_from([0, 0, 1, 2345])),
        refused=draw(st.sampled_from([0, 0, 1, 3456])),
        failed=draw(st.sampled_from([0, 0, 1, 4567])),
        deadline=draw(st.none() | days),
        source=draw(st.none() | spans),
    )


@st.composite
def diagnostics(draw: st.DrawFn, *severities: Severity) -> Diagnostic:
    code = f"MP{draw(st.integers(0, 9999)):04}"
    return Diagnostic(code, draw(st.sampled_from(severities)), draw(texts), draw(texts), draw(st.none() | spans), draw(names), draw(texts))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan, with any findings; its totals are those of its changes."""
    return plan_of_changes(
        [draw(changes(number)) for number in range(draw(st.integers(0, 6)))],
        draw(st.lists(diagnostics(*Severity), max_size=3)),
        draw(st.lists(diagnostics(Severity.ERROR), max_size=2)),
        PlanOptions(tuple(draw(st.lists(names, max_size=2))), tuple(draw(st.lists(names, max_size=2)))),
        draw(st.none() | st.just(MORNING)),
    )
