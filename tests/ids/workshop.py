"""Sources on disk for the tests, and the plainest possible reading of them to compare with."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from mixpriv_reconcile.ids.keys import DigestKey, random_key
from mixpriv_reconcile.ids.scan import Scan, scan
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSources, InlineIds, SourceEntry

KEY = random_key()
USUAL = Bounds()
ADDRESS = "web-eu.deletions.2026-11-forgotten"
SPAN = SourceSpan("manifest.yaml", 7, 9)


def entry(pattern: str, *, column: str | None = None, field: str | None = None, base: str = "") -> SourceEntry:
    return SourceEntry(pattern, base, SPAN, column, field)


def inline(ids: Iterable[str]) -> InlineIds:
    """Inline ids that stand one a line from line 10 on, in column 5."""
    packed = [value.encode() for value in ids]
    ends, total = array("q"), 0
    for value in packed:
        total += len(value)
        ends.append(total)
    lines = array("q", range(10, 10 + len(packed)))
    return InlineIds("manifest.yaml", b"".join(packed), ends, lines, array("q", [5] * len(packed)))


def read(
    root: Path,
    *entries: SourceEntry,
    within: InlineIds | None = None,
    bounds: Bounds = USUAL,
    allowed: Iterable[str] = (),
    block_bytes: int = 2**20,
) -> Scan:
    sources = IdSources(within, entries)
    return scan(root, sources, KEY, bounds=bounds, allowed_placeholders=frozenset(allowed), address=ADDRESS, block_bytes=block_bytes)


def digest(value: str | bytes, key: DigestKey = KEY) -> bytes:
    """The digest by the library's own CMAC."""
    cmac = CMAC(algorithms.AES(key.aes))
    cmac.update(value.encode() if isinstance(value, str) else value)
    return cmac.finalize()


def digests(values: Iterable[str]) -> list[bytes]:
    """The digests that a set of these ids has, ascending."""
    return sorted({digest(value) for value in values})


def pieces(buffer: memoryview) -> list[bytes]:
    """A flat buffer of digests, one by one."""
    flat = bytes(buffer)
    return [flat[at : at + 16] for at in range(0, len(flat), 16)]


def errors(found: Scan | Iterable[Diagnostic]) -> list[str]:
    """The errors as `CODE FILE:LINE:COLUMN`."""
    diagnostics = found.diagnostics if isinstance(found, Scan) else found
    return [f"{one.code} {one.span}" for one in diagnostics if one.severity is Severity.ERROR]


def printed(found: Scan) -> str:
    """Everything that the diagnostics could show."""
    return "\n".join(repr(diagnostic) for diagnostic in found.diagnostics)
