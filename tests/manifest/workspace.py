"""Workspaces made of real files, and what reading them comes to."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from mixpriv_reconcile.manifest import Reading, read_workspace
from mixpriv_reconcile.manifest.lines import lines_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState
from mixpriv_reconcile.render.diagnostics import diagnostics_document, render_diagnostics
from mixpriv_reconcile.render.look import Look

TODAY = date(2026, 11, 23)

HEAD = """\
version: 1
workspace:
  credentials:
    gdpr_token: {env: GDPR_TOKEN, issued: 2026-03-01}
"""

PROJECT = """\
projects:
  web:
    id: 17
    token: {env: WEB_TOKEN}
    residency: eu
"""

REQUEST = """\
    deletions:
      r1:
        compliance: gdpr
        received: 2026-11-03
"""

WHOLE = HEAD + PROJECT + REQUEST


def today_everywhere(timezone: str) -> date:
    """One fixed day in every time zone."""
    return TODAY


def wrote(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """*root*, after *files* were written below it, byte for byte."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def read(root: Path, *manifests: str | bytes, bounds: Bounds | None = None, remembered: frozenset[str] = frozenset()) -> Reading:
    """What the workspace in *root* comes to, after *manifests* were written to `m.yaml`, `m1.yaml` and so on."""
    wrote(root, {f"m{number or ''}.yaml": content for number, content in enumerate(manifests)})
    return read_workspace(root, today=today_everywhere, bounds=bounds or Bounds(), remembered_files=remembered)


def codes(reading: Reading) -> list[str]:
    """The codes of its findings, in their order."""
    return [found.code for found in reading.diagnostics]


def places(reading: Reading) -> list[tuple[str, int, int]]:
    """Code, line and column of its findings."""
    return [(found.code, found.span.line, found.span.column) for found in reading.diagnostics if found.span is not None]


def only(reading: Reading) -> Diagnostic:
    """Its one finding."""
    (found,) = reading.diagnostics
    return found


def wished(reading: Reading) -> DesiredState:
    """What is asked for, where nothing is wrong."""
    assert [found for found in reading.diagnostics if found.is_error] == []
    assert reading.desired is not None
    return reading.desired


def ids(reading: Reading, address: str = "web.deletions.r1") -> list[bytes]:
    """The inline ids of a request."""
    return list(inline(reading, address)) if inline(reading, address) is not None else []


def inline(reading: Reading, address: str = "web.deletions.r1"):  # type: ignore[no-untyped-def]
    """The packed inline ids of a request."""
    (spec,) = [resource.spec for resource in wished(reading).resources if resource.address == Address.parse(address)]
    assert isinstance(spec, DeletionSpec)
    return spec.sources.inline


def indented(text: str, spaces: int) -> str:
    """*text*, dedented and then moved *spaces* to the right."""
    return textwrap.indent(textwrap.dedent(text), " " * spaces)


def shown(reading: Reading, width: int = 120) -> str:
    """Its findings as a person sees them."""
    stream = io.StringIO()
    render_diagnostics(reading.diagnostics, stream, Look(width=width))
    return stream.getvalue()


def everything(reading: Reading) -> str:
    """All that is ever printed of its findings: the text, the JSON, the excerpts, the types' own repr."""
    return "\n".join([shown(reading, 10_000), str(diagnostics_document(reading.diagnostics)), repr(reading)])


def marked(found: Diagnostic, text: str) -> str:
    """The characters of *text* that a finding points at."""
    assert found.span is not None
    line = lines_of(text.removeprefix("\ufeff"))[found.span.line - 1]
    return line[found.span.column - 1 : found.span.column - 1 + found.span.length]
