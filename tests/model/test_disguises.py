"""A text that somebody else chose is no name for a task where it gives away a token or an id."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import random
import unicodedata
import uuid
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from mixpriv_reconcile.model.disguises import Disguises

WORDS = ("zoë kanári+1@example.com", "canary%40example.com", "bearer-canary-9f27c1", "00491701234567")

SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "percent": lambda word: quote(word, safe=""),
    "percent twice": lambda word: quote(quote(word, safe=""), safe=""),
    "plus": quote_plus,
    "entities": lambda word: html.escape(word.replace("@", "&#64;")),
    "escapes": lambda word: json.dumps(word.replace("@", "\\u0040"))[1:-1].replace("\\\\", "\\"),
    "base64": lambda word: base64.b64encode(word.encode()).decode(),
    "base64, one byte later": lambda word: base64.b64encode(b"x" + word.encode()).decode(),
    "base64, two bytes later": lambda word: base64.b64encode(b"xy" + word.encode()).decode(),
    "base64 for addresses": lambda word: base64.urlsafe_b64encode(word.encode()).decode().rstrip("="),
    "base64 of percent": lambda word: base64.b64encode(quote(word, safe="").encode()).decode(),
    "hex": lambda word: word.encode().hex(),
    "HEX": lambda word: word.encode().hex().upper(),
    "UTF-16 in hex": lambda word: word.encode("utf-16-le").hex() if word.isascii() else word,
    "backwards": lambda word: word[::-1],
    **{name: lambda word, name=name: hashlib.new(name, word.encode()).hexdigest() for name in ("md5", "sha1", "sha256", "blake2b")},
    "half of a hash": lambda word: hashlib.sha256(word.encode()).hexdigest()[:32],
    "hash in base64": lambda word: base64.b64encode(hashlib.sha512(word.encode()).digest()).decode(),
    "hash with dashes": lambda word: "-".join(hashlib.sha224(word.encode()).hexdigest()[at : at + 4] for at in range(0, 56, 4)),
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_disguise_is_seen_through(word: str, spelling: str) -> None:
    """A word is found in every spelling, alone and inside of a longer text, among two thousand others."""
    disguises = Disguises([f"user-{number}" for number in range(2_000)] + [word])
    disguised = SPELLINGS[spelling](word)
    assert disguises.are_in(disguised)
    assert disguises.are_in(f"task:{disguised}")


def test_ordinary_names_pass() -> None:
    """No random UUID and no number of 19 digits is taken for one of two thousand ids, whatever these look like."""
    chance = random.Random(7)
    ids = [spelt for number in range(400) for spelt in (str(number), f"{number:05x}", f"u{number}", f"{number:09d}", f"user {number}")]
    disguises = Disguises(ids)
    names = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(100)]
    names += [str(10**18 + chance.randrange(9 * 10**18)) for _ in range(100)] + ["deletion-77", "t-1", "JOB_2026_11"]
    assert [] == [name for name in names if disguises.are_in(name)]


@pytest.mark.parametrize("word", ["1", "ab", "4711", "üß"])
def test_a_short_word_must_be_all_of_the_text(word: str) -> None:
    """A word that by chance is a part of many texts is found only where there is nothing else."""
    assert Disguises([word]).are_in(word)
    assert not Disguises([word]).are_in(f"0-{word}-0")


def test_a_long_number_is_found_in_a_longer_one() -> None:
    """An id of digits, as shops have them, is found inside of a number that is long enough to hold it."""
    assert Disguises(["491701234567"]).are_in("9491701234567000001")


@pytest.mark.parametrize("text", ["", "%", "=", "\\u12", "&#x110000;", "&#xd800;", "\ud800", "%ff%fe", "a" * 256, "\\ud800"])
def test_any_text_can_be_asked_about(text: str) -> None:
    """Nothing that a server may send is more than a text without the word."""
    assert not Disguises(["canary@example.com", "\ud800-lone"]).are_in(text)
