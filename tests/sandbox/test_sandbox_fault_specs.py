"""How faults are written."""

from __future__ import annotations

from typing import get_args

import pytest

from mixpriv_reconcile.sandbox import SandboxOptions
from mixpriv_reconcile.sandbox.faults import Fault, FaultPlan, Place


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("@2", [2]),
        ("@2-4", [2, 3, 4]),
        ("@7-", [7, 8, 9]),
        ("/3", [3, 6, 9]),
        ("@2/3", [2, 5, 8]),
        ("@1-6/2", [1, 3, 5]),
    ],
)
def test_ordinals(when: str, struck: list[int]) -> None:
    """A fault strikes the calls that its ordinals name, counted from 1."""
    plan = FaultPlan((f"GET{when}=500",))
    hits = [plan.struck("GET", "deletion") is not None for _ in range(9)]
    assert [number for number, hit in enumerate(hits, 1) if hit] == struck


@pytest.mark.parametrize(
    ("selector", "concerned"),
    [
        ("POST", {("POST", "deletion"), ("POST", "retrieval")}),
        ("post:deletions", {("POST", "deletion")}),
        ("ANY:retrievals", {("POST", "retrieval"), ("GET", "retrieval")}),
        ("ANY", {(method, kind) for method in ("POST", "GET") for kind in ("deletion", "retrieval")}),
        ("GET:exports", {("GET", "export")}),
    ],
)
def test_selectors(selector: str, concerned: set[tuple[str, str]]) -> None:
    """A fault is for one method or any, for one kind or both, or for exports."""
    fault = Fault.parsed(f"{selector}=500")
    found = {
        (method, kind)
        for method in ("POST", "GET")
        for kind in get_args(Place)
        if fault.concerns(method, kind)
    }
    assert found == concerned


def test_first_of_two_faults_wins() -> None:
    """Where two faults strike the same call, the one that was named first wins; both count the call."""
    plan = FaultPlan(("POST@2=500", "ANY@2-3=503"))
    struck = [plan.struck("POST", "deletion") for _ in range(4)]
    assert [fault and fault.spec for fault in struck] == [None, "POST@2=500", "ANY@2-3=503", None]


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "POST",
        "POST=",
        "PATCH=500",
        "POST:events=500",
        "POST:exports=500",
        "GET:exports=status:SUCCESS",
        "GET:exports=no-task",
        "POST@0=500",
        "POST@3-2=500",
        "POST/0=500",
        "POST@x=500",
        "POST=200",
        "POST=600",
        "POST=500:soon",
        "POST=500:retry-after=x",
        "POST=explode",
        "POST=delay",
        "POST=delay:x",
        "POST=hang:-1",
        "POST=hold:1",
        "POST=redirect",
        "POST=redirect304:http://127.0.0.1/",
        "POST=empty:1",
        "POST=body",
        "POST=results:{",
        "POST=task:nobody",
        "POST=drip:soon",
        "POST=echo-secrets:",
        "POST=echo-secrets:nowhere",
        "POST=echo-secrets:task,rot13",
        "POST=refuse-ids",
        "GET=refuse-ids:x",
        "POST=refuse-over",
        "POST=refuse-over:many",
        "POST=refuse-over:2,500",
        "GET=refuse-over:2",
        "POST=conflict-names",
        "GET=conflict-names:t-1",
        "DELETE=conflict-stale",
        "POST=hide-ids",
        "POST=status:SUCCESS",
        "GET=status",
    ],
)
def test_wrong_spec_is_explained(spec: str) -> None:
    """A fault that can't be read is named in the error, with everything that could be written."""
    with pytest.raises(ValueError, match="reset-after, hang") as caught:
        SandboxOptions(faults=(spec,))
    assert repr(spec) in str(caught.value)
