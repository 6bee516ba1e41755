"""What is tried after Mixpanel refused a batch."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.apply.refusal import parts_of


@pytest.mark.parametrize(("count", "parts"), [(2000, (1999, 1)), (1999, (1000, 999)), (1000, (500, 500)), (3, (2, 1)), (2, (1, 1))])
def test_a_refused_batch_is_tried_with_1999_ids_and_then_halved(count: int, parts: tuple[int, int]) -> None:
    """1,999 ids first, the always-legal number; then halves, down to single ids."""
    assert parts == parts_of(count)
