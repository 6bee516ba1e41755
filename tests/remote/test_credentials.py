"""From a reference to a secret, and never from a secret to a message."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.remote import resolve

WHAT = "web-eu.token"


def from_variable(value: str) -> Secret:
    return resolve(SecretRef(env="TOKEN"), WHAT, {"TOKEN": value}, Bounds())


def from_file(path: Path | str, bounds: Bounds | None = None) -> Secret:
    return resolve(SecretRef(file=str(path)), WHAT, {}, bounds or Bounds())


def test_variable() -> None:
    """A secret may come from an environment variable, as it is."""
    assert from_variable("s3cr3t+/=&?").reveal() == "s3cr3t+/=&?"


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_file(tmp_path: Path, line_end: str) -> None:
    """A secret may come from a file, whose last line end isn't part of it."""
    (tmp_path / "token").write_text("s3cr3t" + line_end, newline="")
    assert from_file(tmp_path / "token").reveal() == "s3cr3t"


def test_file_behind_a_link(tmp_path: Path) -> None:
    """A secret file may be a symbolic link, as mounted secrets are."""
    (tmp_path / "..data").write_text("s3cr3t")
    (tmp_path / "token").symlink_to("..data")
    assert from_file(tmp_path / "token").reveal() == "s3cr3t"


@pytest.mark.parametrize("environment", [{}, {"TOKEN": ""}])
def test_variable_is_not_set(environment: dict[str, str]) -> None:
    """A variable that is missing or empty is named, with what it is for."""
    with pytest.raises(CredentialMissing, match=r"web-eu\.token: the environment variable TOKEN is not set") as missing:
        resolve(SecretRef(env="TOKEN"), WHAT, environment, Bounds())
    assert missing.value.hint == "export TOKEN=…"


def test_file_is_missing(tmp_path: Path) -> None:
    """A file that is missing, or whose folder is none, is named with the reason."""
    (tmp_path / "file").touch()
    for path, reason in ((tmp_path / "token", "No such file or directory"), (tmp_path / "file" / "token", "Not a directory")):
        with pytest.raises(CredentialMissing, match=f"can't read {path}: {reason}"):
            from_file(path)


def test_path_that_cannot_be() -> None:
    """A path that no system has is an error like a missing file."""
    with pytest.raises(CredentialMissing, match="can't read"):
        from_file("/run/\0secret")


def test_fifo_does_not_hang(tmp_path: Path) -> None:
    """A pipe in a secret's place is refused at once; nobody waits for somebody to write to it."""
    os.mkfifo(tmp_path / "token")
    with pytest.raises(CredentialMissing, match="is not a regular file"):
        from_file(tmp_path / "token")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
def test_not_a_regular_file(path: str) -> None:
    """Devices and folders aren't secrets."""
    with pytest.raises(CredentialMissing):
        from_file(path)


def test_too_large(tmp_path: Path) -> None:
    """A file of more than 64 KiB isn't a secret; the bound can be raised."""
    (tmp_path / "token").write_text("x" * (64 * 2**10))
    assert len(from_file(tmp_path / "token").reveal()) == 65536
    (tmp_path / "token").write_text("x" * (64 * 2**10 + 1))
    with pytest.raises(CredentialMissing, match="larger than 65536 bytes"):
        from_file(tmp_path / "token")
    assert len(from_file(tmp_path / "token", Bounds(secret_bytes=65537)).reveal()) == 65537


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs a file system whose files don't tell their size")
def test_too_large_without_a_size() -> None:
    """A file that doesn't tell its size is measured by what it gives."""
    with pytest.raises(CredentialMissing, match="larger than 1 bytes"):
        from_file("/proc/self/cmdline", Bounds(secret_bytes=1))


UNFIT = {
    "space": "hunter2 hunter2",
    "lines": "hunter2\n\nx",
    "blank-line": "\nhunter2",
    "tab": "hunter2\t",
    "accent": "hunter2é",
    "nul": "hunter2\x00",
    "delete": "hunter2\x7f",
    "header": "hunter2\r\nX-Evil: 1",
    "bom": "\ufeffhunter2",
    "search-path": "/usr/bin:/opt/hunter2",
    "url": "postgres://ci:hunter2@db/x",
    "document": '{"key":"hunter2"}',
    "quoted": '"hunter2"',
    "list": "hunter2,hunter3",
}


@pytest.mark.parametrize("text", UNFIT.values(), ids=UNFIT)
def test_unfit_file(tmp_path: Path, text: str) -> None:
    """What can't be a token (more lines, spaces, controls, other than ASCII, what only paths, URLs and documents have) is refused and never repeated."""
    (tmp_path / "token").write_text(text, newline="", encoding="utf-8")
    with pytest.raises(CredentialMissing, match=r"web-eu\.token: what stands in file .* can't be a token") as unfit:
        from_file(tmp_path / "token")
    assert told(unfit.value).count("hunter2") == 0


@pytest.mark.parametrize("text", [*UNFIT.values(), "hunter2\n", "hunter2\udcff"], ids=[*UNFIT, "line-end", "bytes"])
def test_unfit_variable(text: str) -> None:
    """The same in a variable; here a line end is no editor's, and counts."""
    with pytest.raises(CredentialMissing, match=r"what stands in environment variable TOKEN can't be a token") as unfit:
        from_variable(text)
    assert told(unfit.value).count("hunter2") == 0


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    """An empty file holds no token."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(CredentialMissing, match="can't be a token"):
        from_file(tmp_path / "token")


def test_secret_is_masked() -> None:
    """However a secret is printed, it isn't."""
    secret = from_variable("hunter2")
    assert not any("hunter2" in shown for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", repr([secret])))


def told(error: CredentialMissing) -> str:
    """All that may be printed of *error*, its causes included."""
    chain: list[BaseException] = [error]
    while (earlier := chain[-1].__cause__ or (None if chain[-1].__suppress_context__ else chain[-1].__context__)) is not None:
        chain.append(earlier)
    return "".join(repr(one) + str(one) for one in chain) + error.hint
