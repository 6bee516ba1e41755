"""The search that the journeys of leaks rely on finds what it looks for."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from .canaries import FILES, IDS, SECRETS, check, declared, found
from .workspace import Ended, Workspace

PLANTED: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "in a line": lambda one: b"2026-11-26 told " + one.encode() + b" to go\n",
    "percent": lambda one: quote(one, safe="").encode(),
    "percent, small digits": lambda one: "".join(f"%{byte:02x}" if byte > 127 else quote(chr(byte), safe="") for byte in one.encode()).encode(),
    "query": lambda one: b"?q=" + quote_plus(one).encode(),
    "json": lambda one: json.dumps({"id": one}).encode(),
    "json, large digits": lambda one: "".join(f"\\u{ord(char):04X}" if ord(char) > 127 else json.dumps(char)[1:-1] for char in one).encode(),
    "json, unicode": lambda one: json.dumps([one], ensure_ascii=False).encode(),
    "python": lambda one: repr([one]).encode(),
    "html": lambda one: f"<td>{html.escape(one)}</td>".encode(),
    "utf-16": lambda one: f"[{one}]".encode("utf-16-le"),
    "hex": lambda one: one.encode().hex().encode(),
    "HEX": lambda one: one.encode().hex().upper().encode(),
    **{
        f"base64 after {before} and before {after}": lambda one, before=before, after=after: base64.b64encode(
            b"\xff" * before + one.encode() + b"\xff" * after
        )
        for before in range(3)
        for after in range(3)
    },
    "base64 for addresses": lambda one: base64.urlsafe_b64encode(one.encode()),
    "half a hash": lambda one: hashlib.sha256(one.encode()).hexdigest()[:32].encode(),
    "checksum": lambda one: f"name-{zlib.crc32(one.encode()):08x}.lock".encode(),
    **{
        f"{name} as {how}": lambda one, name=name, written=written: written(hashlib.new(name, one.encode()).digest())
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")
        for how, written in {"bytes": bytes, "hex": lambda digest: digest.hex().encode(), "base64": base64.b64encode}.items()
    },
}


@pytest.mark.parametrize("how", PLANTED)
def test_each_disguise_is_found(how: str) -> None:
    """Every id and every secret is found in each disguise in which it was planted, and named by its file."""
    for secret in (*IDS, *SECRETS):
        assert ["the file"] == sorted({hit.partition(":")[0] for hit in found({"other": b"nothing", "the file": PLANTED[how](secret)})}), secret


def test_nothing_is_found_in_nothing() -> None:
    """Ordinary bytes hold no canary."""
    assert [] == found({"text": b"Plan: 1 to add.", "digits": bytes(range(256)) * 40, "empty": b""})


@pytest.mark.parametrize("where", ["workspace/.mixpriv/x/kept", "runtime/mixpriv/kept", "home/kept", "workspace/mixpriv.state.d/journal"])
def test_a_planted_file_is_found(workspace: Workspace, where: str) -> None:
    """The search looks into every folder that the program could write to, and into the names of files."""
    declared(workspace)
    check(workspace)
    planted = workspace.root.parent / where
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_bytes(hashlib.md5(IDS[0].encode(), usedforsecurity=False).digest())
    with pytest.raises(AssertionError, match="md5 as bytes"):
        check(workspace)
    planted.rename(planted.with_name(IDS[0]))
    (planted.parent / IDS[0]).write_bytes(b"")
    with pytest.raises(AssertionError, match="names"):
        check(workspace)


def test_output_and_keys_are_searched(workspace: Workspace) -> None:
    """A canary on either stream is found, and so is the digest key outside of its file."""
    with pytest.raises(AssertionError, match="output 1"):
        check(workspace, Ended(0, "", ""), Ended(0, "", f"error: {SECRETS[0]}"))
    (workspace.root / "mixpriv.key").write_text("own-key-of-this-test\n", "utf-8")
    check(workspace)
    (workspace.root / "copy").write_text("own-key-of-this-test", "utf-8")
    with pytest.raises(AssertionError, match="copy"):
        check(workspace)
    assert "mixpriv.key" not in FILES
