
"""Addresses: one name for the same thing everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.address import Address

NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True)


@given(NAME, NAME, NAME | st.just(""))
def test_an_address_is_what_it_spells(project: str, kind: str, name: str) -> None:
    """What an address prints is what it is read from."""
    address = Address(project, kind, name)
    assert address == Address.parse(str(address))
    assert address.matches(str(address))


@pytest.mark.parametrize("text", ["", ".", "web-eu", "web-eu.", ".sso", "web-eu..x", "a.b.c.d", "a.b."])
def test_anything_else_is_no_address(text: str) -> None:
    """An address has a project, a kind and at most one name."""
    with pytest.raises(ValueError, match=r".*"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        ("web-eu.deletions.forgotten", True),
        ("web-eu.deletions", True),
        ("web-eu", True),
        ("web-*", True),
        ("*.deletions.*", True),
        ("web-eu.deletions.forgo[tT]ten", True),
        ("web", False),
        ("web-eu.deletion", False),
        ("web-eu.deletions.forgot", False),
        ("WEB-EU", False),
        ("", False),
    ],
)
def test_a_pattern_names_whole_parts(pattern: str, is_meant: bool) -> None:
    """A project's or kind's name means all below it; a part of a name means nothing."""
    assert is_meant is Address("web-eu", "deletions", "forgotten").matches(pattern)
