"""Long inline lists are taken in a loop of their own, which gives what the general way gives."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.model.bounds import Bounds

ITEMS = [
    "a",
    "007",
    "~",
    "",
    "'x'",
    '""',
    "''",
    '"q\\n"',
    "&a b",
    "&l",
    "!x y",
    "! z",
    "*a",
    "*n",
    "é😀",
    "x  # c",
    "[p, q]",
    "{k: v}",
    "[[r]]",
    "null",
    "- s",
    "?",
]
BLOCKS = [
    "|\n          two\n          lines",
    ">-\n          one",
    "|",
    "plain\n          goes on",
    "'quoted\n          goes on'",
    "# c\n          late",
]
TAB = "# \t\n"
"""A comment with a tab: where a file has any, every event is looked at, and ids are taken one by one in the general way."""

LIST = st.lists(st.sampled_from([*ITEMS, *BLOCKS]), max_size=12).map(
    lambda items: "".join(f"\n        - {item}" for item in items) or " []"
)
FLOW = st.lists(st.sampled_from([*ITEMS, "a\n          b"]), max_size=12).map(lambda items: f" [{', '.join(items)}]")


def packed(document: Document) -> Any:
    """All that a document holds, with the ids of its lists in place of these."""

    def opened(value: Any) -> Any:
        ids = getattr(value, "ids", None)
        if ids is not None:
            return (ids.blob, ids.ends, ids.lines, ids.columns)
        if isinstance(value, dict):
            return {key: opened(item) for key, item in value.items()}
        return [opened(item) for item in value] if isinstance(value, list) else value

    return opened(document.values), [opened(one) for one in document.others], document.keys, document.places, document.flaws


@settings(deadline=None, max_examples=600)
@given(st.lists(LIST | FLOW, min_size=1, max_size=3), st.integers(3, 12))
def test_ids_and_their_places_are_those_of_the_general_way(lists: list[str], depth: int) -> None:
    """However ids are written, they, their places and what is wrong with them are always the same as when they are taken one by one."""
    text = "n: &n 1\n" + "".join(f"r{at}:\n      distinct_ids:{one}\n" for at, one in enumerate(lists))
    bounds = Bounds(depth=depth)
    plain, slow = read_events("a.yaml", text, bounds), read_events("a.yaml", text + TAB, bounds)
    assume(not any(flaw.is_syntax for flaw in (*plain.flaws, *slow.flaws)))  # its end may be where the text ends
    assert packed(slow) == packed(plain)
