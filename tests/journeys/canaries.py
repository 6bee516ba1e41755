"""Ids and secrets that are looked for in every byte, and the disguises in which they could lie there."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from .workspace import BEARER, KEY, Ended, Workspace

INLINE = (
    "canary.person@example.com",
    "canary.person%40example.com",
    unicodedata.normalize("NFC", "zoë-kanári-ж-17"),
    unicodedata.normalize("NFD", "zoë-kanári-ж-17"),
)
CSV = ('canary "4711" x+y', "canary line\nbreak", "=cmd|'/c canary'!A1", "canary, comma")
TXT = ("../../canary/etc/passwd", "C:\\canary\\x")
NDJSON = ('"}],"canary":[{"x', "canary\u2028\u0007<b>&amp;")
PACKED = ("canary-packed-1@example.com", "canary-packed-2@example.com")
IDS = (*INLINE, *CSV, *TXT, *NDJSON, *PACKED)

SECRETS = (BEARER, "token-canary-web-5d41", KEY)
FILES = ("privacy.yaml", "ids.csv", "ids.txt", "ids.ndjson", "ids.csv.gz", "bearer.secret", "token.secret")
"""What the user wrote, and where ids and secrets may stand."""

WORDS = (b"canary", "kanári".encode(), unicodedata.normalize("NFD", "kanári").encode())
"""What every id and secret but the key has in it: not even a part of one is to be found."""

HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")


def sources(workspace: Workspace) -> dict[str, Any]:
    """A request with canaries in the manifest and in a file of each format, which are written too."""
    root = workspace.root
    (root / "ids.csv").write_bytes("\r\n".join(["distinct_id", *('"' + one.replace('"', '""') + '"' for one in CSV), ""]).encode())
    (root / "ids.txt").write_text("\n".join([*TXT, ""]), "utf-8")
    (root / "ids.ndjson").write_text("".join(json.dumps({"user": one}) + "\n" for one in NDJSON), "utf-8")
    (root / "ids.csv.gz").write_bytes(gzip.compress("\n".join(["distinct_id", *PACKED, ""]).encode()))
    files: list[dict[str, str]] = [
        {"file": "ids.csv", "column": "distinct_id"},
        {"file": "ids.txt"},
        {"file": "ids.ndjson", "field": "user"},
        {"file": "ids.csv.gz", "column": "distinct_id"},
    ]
    return workspace.deletion(INLINE) | {"from": files}


def declared(workspace: Workspace, *, secrets_in_files: bool = False) -> None:
    """A project with the canaries as one request and an SSO to confirm; its secrets in variables, or in files and in a key file."""
    workspace.project("web", r1=sources(workspace))["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    if secrets_in_files:
        for name, variable in (("bearer.secret", "GDPR_TOKEN"), ("token.secret", "TOKEN_WEB")):
            (workspace.root.parent / name).write_text(f"{workspace.environment.pop(variable)}\n", "utf-8")
        del workspace.environment["MIXPRIV_DIGEST_KEY"]
        workspace.manifest["workspace"]["credentials"]["gdpr_token"] = {"file": str(workspace.root.parent / "bearer.secret")}
        workspace.manifest["projects"]["web"]["token"] = {"file": "../token.secret"}
    workspace.write()


def disguises(secret: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which a value may be written down by mistake, by name."""
    raw = secret.encode()
    yield "raw", raw
    for name, quoted in (("percent", quote(secret, safe="")), ("path", quote(secret)), ("form", quote_plus(secret))):
        yield name, quoted.encode()
        yield f"{name}, small digits", re.sub("%..", lambda found: found[0].lower(), quoted).encode()
    escaped = json.dumps(secret)[1:-1]
    yield "json", escaped.encode()
    yield "json, large digits", re.sub(r"\\u....", lambda found: "\\u" + found[0][2:].upper(), escaped).encode()
    yield "json, unicode", json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield "python", repr(secret)[1:-1].encode()
    yield "bytes of python", repr(raw)[2:-1].encode()
    yield "html", html.escape(secret).encode()
    for order in ("le", "be"):
        yield f"utf-16-{order}", secret.encode(f"utf-16-{order}")
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for before in range(3):
        # what comes before shares its last digit with the first of the value, and what follows the last
        digits = base64.b64encode(bytes(before) + raw)[(0, 2, 3)[before] :].rstrip(b"=")
        digits = digits if (before + len(raw)) % 3 == 0 else digits[:-1]
        yield f"base64 at {before}", digits
        yield f"base64 for addresses at {before}", digits.translate(bytes.maketrans(b"+/", b"-_"))
    for name in HASHES:
        digest = hashlib.new(name, raw).digest()[:12]  # hashes are often cut
        yield f"{name} in hex", digest.hex().encode()
        yield f"{name} in HEX", digest.hex().upper().encode()
        yield f"{name} as bytes", digest
        yield f"{name} in base64", base64.b64encode(digest)
        yield f"{name} in base64 for addresses", base64.urlsafe_b64encode(digest)


def checksum(secret: str) -> re.Pattern[bytes]:
    """The value's CRC-32 in hexadecimal, standing alone: its eight digits are by chance in longer ones."""
    return re.compile(rb"(?<![0-9a-z])(0x)?%08x(?![0-9a-z])" % zlib.crc32(secret.encode()), re.IGNORECASE)


def found(texts: Mapping[str, bytes], secrets: Iterable[str] = (*IDS, *SECRETS)) -> list[str]:
    """Where one of *secrets*, or a word of one, lies: the text's name, and the disguise."""
    everything = b"\0\0".join(texts.values())
    hits = [("a word", word) for word in WORDS if word in everything.lower()]
    for secret in secrets:
        hits += [(name, disguise) for name, disguise in dict(disguises(secret)).items() if disguise in everything]
        hits += [("checksum", checked[0]) for checked in [checksum(secret).search(everything)] if checked]
    return [f"{name}: {how}, {hit!r}" for how, hit in hits for name, text in texts.items() if hit in text or hit in text.lower()]


def written(workspace: Workspace, *, spool: bool = True) -> dict[str, bytes]:
    """All files below the workspace's parent, home and runtime folder included, but the user's own; and all of their names."""
    root = workspace.root.parent
    paths = [path for path in root.rglob("*") if path.name not in FILES and (spool or path.parent.parent.name != "spool")]
    kept = {str(path.relative_to(root)): path.read_bytes() for path in paths if path.is_file()}
    return kept | {"names": "\n".join(str(path.relative_to(root)) for path in paths).encode()}


def check(workspace: Workspace, *shown: Ended, spool: bool = True, more: tuple[str, ...] = ()) -> None:
    """Nothing shown and no file but the user's own holds a canary, or one of *more*, in any disguise; the key stands in its file alone."""
    texts = written(workspace, spool=spool) | {f"output {number}": ended.both.encode() for number, ended in enumerate(shown)}
    own_key = texts.pop("workspace/mixpriv.key", b"").decode().strip()
    hits = found(texts, (*IDS, *SECRETS, *more, *([own_key] if own_key else [])))
    assert [] == hits, "\n".join(hits)
