"""gzip as a stream: bounded in memory and in ratio, strict about its end."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from mixpriv_reconcile.ids.flaws import Flaw, shown_path

__all__ = ["gunzip"]

_FREE = 2**20  # output that is let through at any ratio (contract §1)
_GZIP = 16 + zlib.MAX_WBITS
_HEADER_BYTES = 10


def gunzip(blocks: Iterator[bytes], path: str, *, ratio: int, size: int) -> Iterator[bytes]:
    """The content of gzip members one after the other, in pieces of at most *size* bytes.

    `Flaw` when it is cut off or damaged, when something that isn't gzip follows, or beyond *ratio* bytes out for each byte in.
    """
    member = zlib.decompressobj(_GZIP)
    taken = given = start = 0
    for block in blocks:
        rest, full = block, False
        while rest or full:
            if rest and member.eof:
                member, start = zlib.decompressobj(_GZIP), taken
            try:
                piece = member.decompress(rest, size)
            except zlib.error:
                raise _broken(path, start > 0 and taken - start < _HEADER_BYTES) from None
            left = member.unused_data if member.eof else member.unconsumed_tail
            taken += len(rest) - len(left)
            # a full piece may have more behind it, which zlib holds back without needing further input
            rest, full = left, len(piece) == size and not member.eof
            given += len(piece)
            if given > _FREE and given > ratio * taken:
                raise Flaw(
                    "MP0437",
                    f"{shown_path(path)} unpacks to more than {ratio} times its size",
                    "unpack it yourself, if you trust it; or set MIXPRIV_MAX_GZIP_RATIO",
                )
            if piece:
                yield piece
    if not member.eof:
        raise Flaw("MP0436", f"{shown_path(path)} is cut off: the gzip stream has no end", "fetch or pack the file again")


def _broken(path: str, behind: bool) -> Flaw:
    if behind:
        return Flaw("MP0438", f"{shown_path(path)} goes on behind its gzip stream with something else", "pack the file again")
    return Flaw("MP0436", f"{shown_path(path)} is not gzip, or damaged", "fetch or pack the file again")
