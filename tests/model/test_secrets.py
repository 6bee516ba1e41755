"""Secrets and ids never print themselves."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access, Conflict, Request, Response, TaskSeen
from mixpriv_reconcile.model.secrets import RawIds, Secret, SecretRef

CANARY = "canary-4f1e"
SECRET, IDS = Secret(CANARY), RawIds([CANARY, "other"])

SPELLINGS: list[Callable[[object], str]] = [
    repr,
    str,
    lambda value: f"{value}",
    lambda value: f"{value!s}",
    lambda value: f"{value!r:>40}",
    lambda value: "{}".format(value),  # noqa: UP032 - the old spelling is what is tested
    lambda value: "%s %r" % (value, value),  # noqa: UP031
    lambda value: repr([value]),
    lambda value: repr({"value": value}),
    lambda value: str(ValueError(value)),
    lambda value: "".join(traceback.format_exception(ValueError(value))),
]


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize("value", [SECRET, IDS], ids=["token", "ids"])
def test_no_spelling_shows_the_value(spell: Callable[[object], str], value: object) -> None:
    """repr, str, every kind of format and a traceback print a mask."""
    assert CANARY not in spell(value)


def test_a_width_pads_the_mask() -> None:
    """A format with a width pads the mask, not the token."""
    assert CANARY not in f"{SECRET:>40}"
    assert 40 == len(f"{SECRET:>40}")


@pytest.mark.parametrize("value", [SECRET, IDS], ids=["token", "ids"])
@pytest.mark.parametrize("save", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_they_are_not_copied_out(save: Callable[[object], object], value: object) -> None:
    """Neither is pickled, copied or written as JSON by accident."""
    with pytest.raises(TypeError) as raised:
        save(value)
    assert CANARY not in str(raised.value)


def test_a_part_of_ids_is_masked_too() -> None:
    """A slice of ids prints as ids do; one id is what the wire needs."""
    assert "‹1 distinct ids›" == repr(IDS[:1])
    assert [CANARY] == list(IDS[:1])
    assert CANARY == IDS[0]


@pytest.mark.parametrize(
    "value",
    [
        Access("web-eu", 1, Region.EU, SECRET, SECRET),
        Request("POST", "/", {"distinct_ids": [CANARY]}),
        Response(200, {"x": CANARY}, CANARY.encode()),
        TaskSeen("PENDING", IDS),
        Conflict(IDS, ("t",)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_holds_them_masks_them(value: object) -> None:
    """Values that carry tokens, ids or bodies print none of them."""
    assert CANARY not in repr(value)


def test_a_token_is_compared_by_its_value() -> None:
    """Equal tokens are equal, and `reveal` is the way to the value."""
    assert Secret(CANARY) == SECRET
    assert Secret("other") != SECRET
    assert CANARY != SECRET
    assert hash(Secret(CANARY)) == hash(SECRET)
    assert CANARY == SECRET.reveal()
    assert not hasattr(SECRET, "__dict__")


def test_a_reference_says_where_the_secret_lies() -> None:
    """A reference prints the variable or the file."""
    assert ("environment variable TOKEN", "file /run/token") == (str(SecretRef(env="TOKEN")), str(SecretRef(file="/run/token")))
