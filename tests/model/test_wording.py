"""Sentences as people write them."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.wording import capitalised, people, verb


@pytest.mark.parametrize("text", ["the plan no longer fits", "can't write the output", "interrupted; what was acknowledged is saved", "done", "übrig"])
def test_a_sentence_begins_with_a_capital(text: str) -> None:
    """A plain first word is capitalised, and nothing else is touched."""
    assert capitalised(text) == text[0].upper() + text[1:]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c.txt does not exist",
        "lists/erased is damaged",
        "web.sso is no manual step of this workspace",
        "web-eu.deletions.first was never submitted",
        "eu.yaml:3:4: mars is no region",
        "web: Mixpanel can't be reached",
        "`mixpriv apply` ended",
        "max_deletions allows 5",
        "it's.csv is empty",
    ],
)
def test_a_name_keeps_its_spelling(text: str) -> None:
    """An address, a file, a key or a command at the beginning of a sentence stays as it is written."""
    assert capitalised(text) == text


def test_a_verb_goes_with_its_number() -> None:
    """One is, and none or several are."""
    assert [f"{people(count)} {verb(count, 'is', 'are')} left" for count in (0, 1, 2)] == [
        "0 distinct ids are left",
        "1 distinct id is left",
        "2 distinct ids are left",
    ]
