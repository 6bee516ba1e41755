"""The opt-out list: the same people give the same bytes, which are what its page and its schema say."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mixpriv_reconcile.codec import canonical
from mixpriv_reconcile.model.opt_out_list import STEP, OptOutList, entry_of, is_list_of_ours
from mixpriv_reconcile.schema_files import schema_text

IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), unique=True, max_size=20)


def listed(ids: list[str], digest: str) -> bytes:
    entries = sorted(entry_of(one, digest) for one in ids)
    return b"".join(OptOutList("web-eu", 17, digest, entries).pieces())


@given(IDS, st.sampled_from(["none", "sha256"]))
def test_the_list_is_the_document_that_its_page_describes(ids: list[str], digest: str) -> None:
    """Entries ascend by code point, are counted, and the checksum is that of the canonical form of the rest, whatever the ids hold."""
    document = json.loads(listed(ids, digest))
    wanted = sorted(ids if digest == "none" else [hashlib.sha256(one.encode()).hexdigest() for one in ids])
    assert is_list_of_ours(document)
    assert (wanted, len(ids), digest) == (document["distinct_ids"], document["count"], document["digest"])
    assert list(Draft202012Validator(json.loads(schema_text("opt-outs"))).iter_errors(document)) == []
    assert document.pop("checksum") == hashlib.sha256(canonical(document)).hexdigest()


@given(IDS, st.randoms())
def test_the_same_people_give_the_same_bytes(ids: list[str], random: object) -> None:
    """The order in which people were declared leaves no trace in the list, and neither does the time."""
    assert listed(ids, "none") == listed(ids[::-1], "none")


def test_an_entry_stands_on_a_line_of_its_own() -> None:
    """Two versions of a list compare line by line."""
    lines = listed(["b", "a"], "none").decode().splitlines()
    assert [' "distinct_ids": [', '  "a",', '  "b"', " ]", "}"] == lines[-5:]


@pytest.mark.parametrize("count", [0, 1, STEP - 1, STEP, STEP + 1, 2 * STEP + 1])
def test_lists_of_every_length_are_whole(count: int) -> None:
    """Entries are spelled some at a time, and none is lost where one part ends."""
    ids = [f"user-{number:06}" for number in range(count)]
    document = json.loads(listed(ids, "none"))
    assert ids == document["distinct_ids"]
    assert document.pop("checksum") == hashlib.sha256(canonical(document)).hexdigest()


def test_a_hashed_list_with_an_id_in_it_breaks_its_schema() -> None:
    """With `digest: sha256` the published schema lets nothing but hashes through."""
    document = json.loads(listed(["user-17"], "none")) | {"digest": "sha256"}
    assert list(Draft202012Validator(json.loads(schema_text("opt-outs"))).iter_errors(document)) != []
