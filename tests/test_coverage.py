"""The map of Mixpanel's privacy page: whole, in order, and pointing to commands, keys and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.main import COMMANDS
from mixpriv_reconcile.kinds import KINDS
from mixpriv_reconcile.model.regions import APIS
from mixpriv_reconcile.sdks import PROFILES

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "docs" / "reference" / "coverage.md"
SENTENCES = 28
"""Sentences and table rows of the page, its headings and its navigation aside."""

ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| \d", line)]


def test_every_sentence_has_its_row() -> None:
    """None is left out, and none counted twice."""
    assert [str(number) for number in range(1, SENTENCES + 1)] == [row[0] for row in ROWS]
    assert all(len(row) == 5 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_serves_it_is_there(row: list[str]) -> None:
    """A row names commands and keys that exist, and a test that exists."""
    named = [word.split()[1] for word in re.findall(r"`(mixpriv [^`]*)`", row[3])]
    assert set(named) <= set(COMMANDS)
    keys = set(re.findall(r"`([a-z_]+):", row[3])) & {"retrievals", "deletions", "opt_outs", "sdks", "sso", "residency", "legal_holds"}
    assert keys <= {kind.name for kind in KINDS}
    assert (CHECKOUT / row[4].strip("`")).is_file()


def test_every_kind_serves_a_sentence() -> None:
    """What can be managed is on the page; holds are what the law adds to it."""
    text = " ".join(row[3] for row in ROWS)
    assert {kind.name for kind in KINDS if f"{kind.name}:" not in text} == {"legal_holds"}


def test_the_pages_hosts_are_those_of_the_table() -> None:
    """The six APIs of the page have a row each."""
    on_page = [api.name for api in APIS if api.on_privacy_page]
    assert on_page == [re.sub(r"[“”]| …", "", row[1]) for row in ROWS if " API …" in row[1] and row[0] in ("7", "8", "9", "10", "11", "12")]


def test_the_pages_ten_sdks_are_named() -> None:
    """Each SDK of the page stands in its row, by the name that people write."""
    (row,) = (row for row in ROWS if row[0] == "14")
    assert [profile.title for profile in PROFILES if profile.on_privacy_page] == row[2].partition(": ")[2].split(", ")
