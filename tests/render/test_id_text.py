"""Distinct ids as a person sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mixpriv_reconcile.render.id_text import MOST_CHARACTERS, id_text
from mixpriv_reconcile.render.look import printable


@pytest.mark.parametrize("plain", ["user-17", "007", "jo@example.com", "zoë", "日本", "a\\b", 'a"b', "$device:1f-2", "#4711"])
def test_a_plain_id_is_shown_as_it_is(plain: str) -> None:
    """What has nothing to hide stands there byte for byte."""
    assert id_text(plain) == plain


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", '""'),
        ("a b", '"a b"'),
        (" a", '" a"'),
        ('"a"', '"\\"a\\""'),
        ("a\\ b", '"a\\\\ b"'),
        ("\x1b[31m", '"\\u{1b}[31m"'),
        ("a\nb", '"a\\u{a}b"'),
        ("\u202eb", '"\\u{202e}b"'),
        ("a\u3164", '"a\\u{3164}"'),
        ("\u0301a", '"\\u{301}a"'),
        ("…", '"…"'),
        ("::error::", '"\\u{3a}:error::"'),
    ],
)
def test_what_is_hidden_is_spelled_out(value: str, shown: str) -> None:
    """Blanks are seen by the quotes around them, all else that nobody sees by its number."""
    assert id_text(value) == shown


def test_a_long_id_is_cut_and_says_so() -> None:
    """The first 200 characters are shown."""
    assert id_text("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS
    assert id_text("x" * (MOST_CHARACTERS + 1)) == "x" * MOST_CHARACTERS + "… (cut)"


@given(some.text(max_size=300))
def test_no_id_has_a_character_that_steers(value: str) -> None:
    """Whatever the id is, what is shown is one printable line, and no order to a CI system."""
    shown = id_text(value)
    assert shown.isprintable()
    assert printable(shown) == shown


ODD = some.text(some.sampled_from('ab"\\ u{1}…:#\x1b\u200b\u3164\u0301'), max_size=12)


@given(ODD, ODD)
def test_two_ids_look_different(one: str, other: str) -> None:
    """No two ids that aren't cut are shown alike."""
    assert (id_text(one) == id_text(other)) == (one == other)
