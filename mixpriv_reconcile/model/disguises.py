"""Whether a text that somebody else chose gives away a token or a distinct id, as it is or in a disguise.

A tracking id is opaque, and it is written to the state and shown. A broken or hostile server could name a task after a person.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import unquote, unquote_plus

__all__ = ["Disguises"]

RANDOM_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|[0-9]{1,20}", re.ASCII | re.IGNORECASE)
"""A random UUID or a number, the names that Mixpanel gives (API §1.8 #3): too common to be hashed against each time."""

PART_BYTES = 6
"""A shorter word is found where it is all of the text only: by chance it is a part of many."""

DIGITS_BYTES = 12
"""The same for a word of hexadecimal digits, which UUIDs and numbers are full of: 2,000 of 12 digits meet one by chance in 10^8 batches."""

HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")
HASH_BYTES = 8
"""Of a hash its beginning counts, for hashes are often cut."""

LAYERS = 2
"""Encodings around each other that are seen through, such as base64 of percent-encoding."""

DIGITS = re.compile(r"[0-9a-f-]*", re.ASCII)
HEX_RUN = re.compile(rf"[0-9A-Fa-f]{{{2 * PART_BYTES},}}", re.ASCII)
BASE64_RUN = re.compile(rf"[A-Za-z0-9+/]{{{PART_BYTES + 2},}}", re.ASCII)
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})", re.ASCII)


class Disguises:
    """Many words, in all spellings in which a text may hold them. Made once for many texts; it keeps what it works out."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)

    def are_in(self, text: str) -> bool:
        """Whether *text* is one of the words, or holds one: in other case or Unicode form, encoded, or as the beginning of a plain hash."""
        is_random = RANDOM_NAME.fullmatch(text) is not None
        readings, decoded = _readings(text, 1 if is_random else LAYERS)
        if not self._folded.isdisjoint(readings):
            return True
        together = "\0".join(readings)
        if any(part in together for part in self._parts):
            return True
        return not is_random and any(not self._hashes.isdisjoint(_windows(content)) for content in decoded)

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(_folded, self._words))

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        """The words that are long enough to be looked for inside of a text."""
        # Most words have so many characters that their bytes needn't be counted.
        return tuple(
            word for word in self._folded if len(word) >= DIGITS_BYTES or len(word.encode("utf-8", "replace")) >= _least_bytes(word)
        )

    @cached_property
    def _hashes(self) -> frozenset[bytes]:
        contents = [word.encode("utf-8", "surrogatepass") for word in self._words]
        return frozenset(hashlib.new(name, content, usedforsecurity=False).digest()[:HASH_BYTES] for name in HASHES for content in contents)


def _least_bytes(word: str) -> int:
    return DIGITS_BYTES if DIGITS.fullmatch(word) else PART_BYTES


def _folded(text: str) -> str:
    """The text without what case and Unicode forms add; composed and decomposed accents are the same."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _readings(text: str, layers: int) -> tuple[set[str], set[bytes]]:
    """All that *text* may stand for, folded; and the bytes that were found encoded in it."""
    seen, newest, decoded = {text}, {text}, set[bytes]()
    for _ in range(layers):
        contents = {content for reading in newest for content in _encoded_in(reading)}
        spelt = {spelling for reading in newest for spelling in _spelt(reading)}
        newest = (spelt | {_text(content) for content in contents}) - seen
        seen |= newest
        decoded |= contents
    return set(map(_folded, seen)), decoded


def _spelt(text: str) -> Iterator[str]:
    """*text* without percent-encoding, entities and escapes, and backwards."""
    yield from (unquote(text), unquote_plus(text), html.unescape(text), ESCAPE.sub(lambda found: chr(int(found[1], 16)), text), text[::-1])


def _encoded_in(text: str) -> Iterator[bytes]:
    """The bytes behind each run of hexadecimal digits or base64 in *text*, wherever in the run they begin."""
    for run in HEX_RUN.findall(text) + HEX_RUN.findall(text.replace("-", "").replace(":", "")):
        for start in (0, 1):
            digits = run[start:]
            yield bytes.fromhex(digits[: len(digits) // 2 * 2])
    for run in BASE64_RUN.findall(text.replace("-", "+").replace("_", "/")):
        for start in range(4):
            digits = run[start:]
            digits = digits[:-1] if len(digits) % 4 == 1 else digits
            yield base64.b64decode(digits + "=" * (-len(digits) % 4))


def _text(content: bytes) -> str:
    """Bytes as a text; UTF-16 of plain letters reads like UTF-8."""
    return content.replace(b"\0", b"").decode("utf-8", "replace")


def _windows(content: bytes) -> Iterator[bytes]:
    return (content[start : start + HASH_BYTES] for start in range(len(content) - HASH_BYTES + 1))
