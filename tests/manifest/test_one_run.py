"""All that is wrong is told in one run: what breaks in one place hides nothing that is wrong in another, and has no echo elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .breakages import BREAKAGES, Breakage, broken, placed, told


def compatible(breakages: Sequence[Breakage]) -> list[Breakage]:
    """Those of *breakages* that can be made together, the first of two that can't."""
    kept: list[Breakage] = []
    for breakage in breakages:
        if not any(breakage.excludes(other) for other in kept):
            kept.append(breakage)
    return kept


def test_the_workspace_is_valid_before_it_is_broken(tmp_path: Path) -> None:
    """Nothing at all is said of the workspace that the others start from."""
    assert set() == broken(tmp_path, ())
    assert [] == [(found.code, str(found.span)) for found in told(tmp_path)]


@pytest.mark.parametrize("breakage", BREAKAGES, ids=repr)
def test_one_cause_is_one_message(breakage: Breakage, tmp_path: Path) -> None:
    """Whatever is broken alone is told once, at its place, and nothing else is."""
    expected = broken(tmp_path, [breakage])
    findings = told(tmp_path)

    assert sorted(expected) == placed(findings)
    assert all(found.hint for found in findings)


@settings(deadline=None, max_examples=40)
@given(st.permutations(BREAKAGES), st.integers(2, len(BREAKAGES)))
def test_any_of_them_together_are_told_as_each_alone(order: Sequence[Breakage], count: int) -> None:
    """Of any set of things that are broken, `validate` reports exactly what it reports of each, by file, line and column."""
    with tempfile.TemporaryDirectory() as folder:
        expected = broken(Path(folder), compatible(order[:count]))

        found = placed(told(Path(folder)))

        assert sorted(expected) == sorted(found)
        assert [place for _, *place in found] == sorted(place for _, *place in found)
