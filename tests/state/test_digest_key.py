"""The digest key: where it comes from, and what is never taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.errors import KeyProblem, StateError
from mixpriv_reconcile.ids.keys import derive
from mixpriv_reconcile.state import find_key, make_key

FILE = "mixpriv.key"
FROM_VARIABLE = {"MIXPRIV_DIGEST_KEY": "a key from the secret store"}


def test_no_key(tmp_path: Path) -> None:
    """Without variable and file there is no key, and looking makes none."""
    assert find_key(tmp_path, {}) is None
    assert list(tmp_path.iterdir()) == []


def test_new_key(tmp_path: Path) -> None:
    """A new key is long, random, found again, and can be read by its owner only."""
    key = make_key(tmp_path)
    assert find_key(tmp_path, {}) == key
    assert len(key) >= 43
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / "other").mkdir()
    assert make_key(tmp_path / "other") != key


def test_key_is_never_overwritten(tmp_path: Path) -> None:
    """Making a key where one is fails, and leaves that one."""
    key = make_key(tmp_path)
    with pytest.raises(StateError, match=r"can't create mixpriv\.key: File exists"):
        make_key(tmp_path)
    assert find_key(tmp_path, {}) == key


def test_variable_beats_file(tmp_path: Path) -> None:
    """The environment's key counts, whatever the file holds, even nothing of use."""
    (tmp_path / FILE).write_bytes(b"\xff\x00")
    assert find_key(tmp_path, FROM_VARIABLE) == "a key from the secret store"


def test_line_end_is_not_the_keys(tmp_path: Path) -> None:
    """A key file may end with a line end, as editors and `openssl rand` leave one; the key is the same."""
    for written in ("sixteen or more characters", "sixteen or more characters\n", "sixteen or more characters\r\n"):
        (tmp_path / FILE).write_text(written, newline="")
        assert find_key(tmp_path, {}) == "sixteen or more characters"


@pytest.mark.parametrize("where", ["file", "variable"])
@pytest.mark.parametrize("key", ["short", "fifteen letters"])
def test_short_key(tmp_path: Path, where: str, key: str) -> None:
    """A key of less than 16 characters is refused with how to make one, and not repeated."""
    (tmp_path / FILE).write_text(key)
    found = find_key(tmp_path, {} if where == "file" else {"MIXPRIV_DIGEST_KEY": key})
    assert found == key
    with pytest.raises(KeyProblem, match="it needs at least 16") as short:
        derive(found)
    assert key not in short.value.message + short.value.hint
    assert "openssl rand" in short.value.hint


def test_empty_variable(tmp_path: Path) -> None:
    """A variable that is set but empty is a short key, not a reason to look for another one."""
    make_key(tmp_path)
    found = find_key(tmp_path, {"MIXPRIV_DIGEST_KEY": ""})
    assert found == ""
    with pytest.raises(KeyProblem):
        derive(found)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"  \n", b"\xff\xfe" * 40, bytes(44), b"half a key, then a power cut" + bytes(16), b"k" * (64 * 2**10 + 1)],
    ids=["empty", "line-end", "blank", "binary", "zeros", "torn", "large"],
)
def test_file_that_holds_no_key(tmp_path: Path, content: bytes) -> None:
    """An empty, binary, torn or huge key file is refused, never used and never replaced."""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(KeyProblem, match=r"mixpriv\.key holds no key") as problem:
        find_key(tmp_path, {})
    assert "restore it from your backup" in problem.value.hint
    assert (tmp_path / FILE).read_bytes() == content


def test_wider_mode_is_tightened(tmp_path: Path) -> None:
    """A key file that others could read is narrowed to its owner when it is used."""
    key = make_key(tmp_path)
    (tmp_path / FILE).chmod(0o664)
    assert find_key(tmp_path, {}) == key
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_file_that_is_no_file(tmp_path: Path) -> None:
    """A folder in the key's place is an error that names it."""
    (tmp_path / FILE).mkdir()
    with pytest.raises(StateError, match=r"mixpriv\.key: it is not a regular file"):
        find_key(tmp_path, {})
