"""What counts as an e-mail address among ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.ids.mail import mail_like


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org",
        "anna.b+tag@mail.example.co.uk",
        "mailto:anna@example.org",
        "anna%40example.org",
        "ÄNNA@bücher.example",
        "anna@xn--bcher-kva.example",
        "prefix|anna@example.org|suffix",
        "'anna'@@example.org",
        '"anna b"@example.org',
        '17,"""anna b""@example.org"',
        '{"id": "\\"anna b\\"@example.org"}',
        '"anna"%40example.org',
    ],
)
def test_an_address_is_found(text: str) -> None:
    """Plain, tagged, escaped as in a URL, behind a prefix, or of a host with other letters: it names somebody."""
    assert len(list(mail_like(text))) == 1


@pytest.mark.parametrize("text", ["user-17", "@anna", "a@b", "user@1.2", "$device:17f0@", "anna at example.org", "@example.org", "a@b.c", "", '{"id": "@example.org"}', '"17","@example.org"'])
def test_what_is_no_address_is_passed_over(text: str) -> None:
    """An at sign alone makes no address: there must be somebody before it, and a host with a dot behind it."""
    assert list(mail_like(text)) == []


def test_the_place_is_that_of_the_word() -> None:
    """Where an address begins, counted from 0, and how long it is; each of several."""
    assert list(mail_like("17,anna@example.org,bob@example.net;x")) == [(3, 16), (20, 15)]
    assert list(mail_like('17,"anna b"@example.org')) == [(3, 20)]


def test_domains_may_be_allowed() -> None:
    """Addresses at an allowed domain or below it name nobody; at one that merely ends alike they do."""
    allowed = ("example.com",)
    assert list(mail_like("a@example.com a@qa.EXAMPLE.com", allowed)) == []
    assert len(list(mail_like("a@badexample.com", allowed))) == 1


@given(st.text(), st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.[a-z]{2,3}", fullmatch=True))
def test_an_address_is_found_whatever_stands_before_it(before: str, address: str) -> None:
    """An address behind a comma is always found."""
    text = f"{before},{address}"
    assert list(mail_like(text))[-1] == (len(before) + 1, len(address))
