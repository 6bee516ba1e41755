"""Valid JSON documents, changed anywhere into other valid JSON: it is the structure that is tried, not the checksum."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

NUMBERS = [0, -1, 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, 10**4000, -(2**70), 1.5, 1e308, float("inf"), float("nan"), True]
TIMES = [
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-20T08:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "1969-07-20T20:17:40Z", "2026-11-20T08:00:00.123456+05:45", "2026-11-20", "0001-01-01", "9999-12-31", "2026-13-40",
]  # fmt: skip
TEXTS = [
    "", "a", ".", "..", "\n", "\x00", "\x1b[31m", "\u202e", "\u2028", "::error::x", "a\n::error::x", "##[error]x", "a" * 5000, "{}", "%s", "😀",
    "a.b", "a.deletions.b", "deletions", "residency", "sso", "sent", "returned", "refused", "in_doubt", "eu", "us", "ccpa", "STARTED", "NOT_FOUND",
]  # fmt: skip
OTHERS = [None, [], {}, [[]], [None], {"": None}, [1, 2], {"kind": "deletions"}, {"env": "A", "file": "b"}]
ANYTHING = st.sampled_from([*NUMBERS, *TIMES, *TEXTS, *OTHERS])
"""Values of every type, at the edges of what is meant and far beyond."""


def _instead(value: Any) -> st.SearchStrategy[Any]:
    """What to put in the place of *value*: mostly something of its own kind, which is believed most readily."""
    if isinstance(value, (int, float)):
        return st.sampled_from(NUMBERS) | ANYTHING
    if isinstance(value, str):
        is_time = value[:4].isdigit() and value[4:5] == "-"
        return st.sampled_from(TIMES if is_time else TEXTS) | ANYTHING
    return st.sampled_from([*TIMES, *TEXTS, *NUMBERS]) | ANYTHING if value is None else ANYTHING


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        found += _places(item, (*path, key))
    return found


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """*document* after one to three changes: a value replaced, removed, or put elsewhere, a key renamed or added."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        places = _places(document)
        if not places:
            return document
        leaves = [place for place in places if not isinstance(_at(document, place), (dict, list))]
        *above, last = draw(st.sampled_from(leaves or places) | st.sampled_from(places))
        holder = _at(document, tuple(above))
        match draw(st.integers(0, 9)):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, dict):
                holder[draw(st.sampled_from(["", "x", "a.b", "a.sso", "\x1b.deletions.x", "::x.deletions.y"]))] = holder.pop(last)
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            case _:
                holder[last] = copy.deepcopy(draw(_instead(holder[last])))
    return document
