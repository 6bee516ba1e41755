"""Documents as JSON: the same text however long they are."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.render.json_text import LONG, json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from([1, 2]))
def test_a_long_document_always_looks_like_a_short_one(value: Any, indent: int) -> None:
    """What a document holds is spelled and indented the same, whether it is short or long."""
    document = {"value": value, "filling": "x" * LONG}
    assert json.dumps(document, indent=indent).replace("##", "#\\u0023") + "\n" == json_text(document, indent=indent)
