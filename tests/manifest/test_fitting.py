"""What is found fit without jsonschema is what jsonschema finds nothing in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.manifest.arbiter import errors_in
from mixpriv_reconcile.manifest.fitting import check_for, is_fit
from mixpriv_reconcile.manifest.schema import manifest_schema

from .test_schema import example

SMALL = {"version": 1, "projects": {"a": {"id": 1, "token": {"file": "t"}, "residency": "us"}}}
WORDS = ["version", "id", "env", "file", "issued", "deletions", "distinct_ids", "from", "received", "sdks", "x", "projects"]
EDGES = [
    0, 1, -1, 1.0, 2, 2000, 2001, 0.0, True, False, None, [], {}, [[]], "", "1", "us", "uk", "gdpr", "s3", "warn", "require", "7d", "77777d", "7d\n",
    "2026-02-29", "2024-02-29", "2026-02-03\n", "20260203", "2026-W01-1", "٢٠٢٦-02-03", "0000-01-01", "A", "A\n", "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    {"env": "A"}, {"file": "b"}, {"env": "A", "file": "b"}, {"file": ""}, {"env": "9"}, [{"file": "a.txt"}], [{}], float("nan"), float("inf"), 10**400,
]  # fmt: skip
"""Values at the edges of what the schema's keywords tell apart."""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container below *value*, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *places(item)]
    return found


@st.composite
def edged(draw: st.DrawFn) -> Any:
    """A good manifest in which a few values became ones at the edge, or got a key that belongs elsewhere."""
    document = copy.deepcopy(draw(st.sampled_from([example(), SMALL])))
    for _ in range(draw(st.integers(1, 3))):
        if not (left := places(document)):
            break
        holder, key = draw(st.sampled_from(left))
        edge = copy.deepcopy(draw(st.sampled_from(EDGES)))
        match draw(st.integers(0, 3)):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[draw(st.sampled_from(WORDS) | st.text(max_size=5))] = edge
            case _:
                holder[key] = edge
    return document


@settings(deadline=None, max_examples=1500)
@given(edged())
def test_what_is_fit_is_always_what_jsonschema_accepts(values: Any) -> None:
    """A manifest is found fit exactly where jsonschema has nothing to say."""
    assert (not list(errors_in(values))) == is_fit(values)


@pytest.mark.parametrize("edge", EDGES, ids=ascii)
def test_every_edge_in_every_place_is_judged_as_by_jsonschema(edge: Any) -> None:
    """Each value at an edge, in each place of a manifest, is found fit exactly where jsonschema accepts it."""
    for at in range(len(places(example()))):
        document = example()
        holder, key = places(document)[at]
        holder[key] = copy.deepcopy(edge)
        assert (not list(errors_in(document))) == is_fit(document), key


def test_a_keyword_that_is_not_known_is_left_to_jsonschema() -> None:
    """A schema with a keyword that only jsonschema knows finds nothing fit, so that jsonschema is asked; under `not` too."""
    stricter = manifest_schema()
    stricter["$defs"]["distinctIds"]["not"] = {"contains": {"const": "x"}}
    assert check_for(manifest_schema())(SMALL)
    assert not check_for(stricter)(SMALL)
