from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.errors import KeyProblem
from mixpriv_reconcile.ids.cmac import Cmac
from mixpriv_reconcile.ids.digest import Digester
from mixpriv_reconcile.ids.keys import derive, random_key
from mixpriv_reconcile.ids.rows import flat

from .workshop import KEY, digest

RFC_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
RFC_MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


@pytest.mark.parametrize(
    ("length", "tag"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_rfc_4493(length: int, tag: str) -> None:
    """Digests are AES-CMAC as RFC 4493 publishes it."""
    tags = Cmac(RFC_KEY).tags(RFC_MESSAGE, np.array([0]), np.array([length]))
    assert tags.tobytes().hex() == tag


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=70) | st.integers(0, 1024).map(lambda size: b"x" * size), max_size=60))
def test_bulk_is_one_by_one(ids: list[bytes]) -> None:
    """An id's digest never depends on the ids it is computed together with."""
    rows = Digester(KEY).digest(b"".join(ids), np.cumsum([len(value) for value in ids], dtype=np.int64))
    assert [digest(value) for value in ids] == [row.tobytes() for row in rows]


def test_every_length() -> None:
    """Every length up to the bound of 1,024 bytes and a block beyond has the digest that the standard gives it."""
    ids = [bytes(at % 251 for at in range(length)) for length in range(1041)]
    rows = Digester(KEY).digest(b"".join(ids), np.cumsum([len(value) for value in ids]))
    assert b"".join(map(digest, ids)) == bytes(flat(rows))


def test_large_blobs_are_cut() -> None:
    """Ids in a buffer of many MiB have the digests that they have alone."""
    ids = [b"%d-" % number * 40 for number in range(60_000)]
    rows = Digester(KEY).digest(memoryview(b"".join(ids)), np.cumsum([len(value) for value in ids]))
    for index in (0, 1, 29_999, 30_000, 59_999):
        assert digest(ids[index]) == rows[index].tobytes()


def test_derived_key_is_pinned() -> None:
    """A key derives to the same digests with every version of the program, or states would be lost."""
    key = derive("correct horse battery staple")
    assert key.scheme == "aes-256-cmac/scrypt-32768-8-1/v1"
    assert (key.check, key.aes.hex()[:16]) == ("4f4271246928c38f9be4009ec76b76b7", "f5ca9295899e7a2e")
    cmac = CMAC(algorithms.AES(key.aes))
    cmac.update(b"user-17")
    assert cmac.finalize() == digest("user-17", key)


def test_sub_keys_differ() -> None:
    """What one key is used for says nothing about another use, and two runs' throw-away keys differ."""
    key = random_key()
    assert len({key.aes, key.source, key.plan, key.check.encode(), random_key().aes}) == 5


def test_short_key_is_refused() -> None:
    """A key of fewer than 16 characters is refused, and the message doesn't repeat it."""
    with pytest.raises(KeyProblem) as refused:
        derive("hunter2hunter2!")
    assert refused.value.code == "MP0507"
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_key_is_never_shown() -> None:
    """A key can't be printed, copied into a pickle, or read from a traceback's values."""
    key = random_key()
    for text in (repr(key), str(key), f"{key}", f"{key:>20}"):
        assert key.aes.hex() not in text
        assert "‹masked›" in text
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.deepcopy(key)
