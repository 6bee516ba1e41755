"""A plan file says what was approved byte for byte: whatever byte of it is another one is found before anything is asked."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from render.samples import FORGOTTEN, plan_of_changes

from mixpriv_reconcile.codec import canonical, plan_document
from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.ids.keys import random_key
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.saved import load_plan, save_plan

KEY = random_key()
PLAN = plan_of_changes([FORGOTTEN], options=PlanOptions(targets=("web-eu.*",)))
WHITE = b" \t\r\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved plan."""
    path = tmp_path_factory.mktemp("plans") / "saved.plan"
    save_plan(PLAN, path, KEY)
    return path


def is_found(path: Path, content: bytes) -> bool:
    """Whether reading and checking this as a plan file fails with one of the program's own errors."""
    path.write_bytes(content)
    try:
        load_plan(path).check_seal(KEY)
    except MixprivError:
        return True
    return False


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_of_any_byte_is_found(written: Path, tmp_path: Path, bit: int) -> None:
    """No bit of the file can flip unnoticed, that of white space, the checksum and the seal included."""
    content = written.read_bytes()
    path = tmp_path / "flipped.plan"
    for at in range(len(content)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        assert is_found(path, bytes(flipped)), f"byte {at}, {content[at : at + 1]!r}"


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_any_other_byte_is_found_or_means_the_same(written: Path, tmp_path: Path, data: st.DataObject) -> None:
    """A byte that is replaced, left out or put in is found, or the file still says the same: white space between values carries nothing."""
    content = written.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    put = data.draw(st.binary(max_size=2) | st.text(WHITE.decode(), max_size=2).map(str.encode))
    changed = content[:at] + put + content[at + data.draw(st.integers(0, 1)) :]
    path = tmp_path / "changed.plan"
    if is_found(path, changed):
        return
    said = json.loads(changed)
    assert said == json.loads(content)
    assert canonical(said) == canonical(json.loads(content))


def test_white_space_carries_nothing(written: Path, tmp_path: Path) -> None:
    """A plan file that was indented anew is the same plan: the checksum is over values, as the format says."""
    path = tmp_path / "indented.plan"
    assert not is_found(path, json.dumps(json.loads(written.read_bytes()), indent=4).encode())
    assert load_plan(path).plan == load_plan(written).plan


def test_a_plan_of_an_earlier_version_has_no_day(tmp_path: Path) -> None:
    """A plan file that was written before plans named their day is read and fits its seal."""
    document = plan_document(PLAN)
    del document["today"]
    content = canonical(document)
    whole = written_by_hand(content, document)
    path = tmp_path / "old.plan"
    assert not is_found(path, whole)
    assert load_plan(path).plan.today is None
    assert load_plan(path).plan.digest == PLAN.digest


def written_by_hand(content: bytes, document: dict[str, object]) -> bytes:
    """A plan file as the format page specifies it."""
    sealed = {"checksum": hashlib.sha256(content).hexdigest(), "seal": hmac.new(KEY.plan, content, hashlib.sha256).hexdigest()}
    return json.dumps({**document, **sealed}, indent=1).encode()


def test_the_day_is_kept(tmp_path: Path) -> None:
    """A saved plan knows the day it was made on."""
    path = tmp_path / "saved.plan"
    save_plan(dataclasses.replace(PLAN, today=date(2026, 11, 8)), path, KEY)
    assert load_plan(path).plan.today == date(2026, 11, 8)
