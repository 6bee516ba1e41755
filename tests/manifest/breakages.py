"""A valid workspace, and ways to break one place of it: each names the code that is told, and where it stands then."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mixpriv_reconcile.errors import ManifestInvalid
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.validate import validate

from .workspace import wrote

SHARED = """\
version: 1
workspace:
  organization: {id: 42}
  timezone: Europe/Berlin
  state: {path: mixpriv.state.json}
  credentials:
    gdpr_token: {env: GDPR_TOKEN, issued: 2026-03-01}
    service_account:
      username: {env: SA_USER}
      secret: {env: SA_SECRET}
  policy:
    max_deletions: 9000
    allow_placeholder_ids: [unknown]
  limits: {requests_per_second: 1}
"""

WEB = """\
version: 1
projects:
  web:
    id: 17
    token: {env: WEB_TOKEN}
    residency: eu
    data_groups: 0
    sso:
      postback_url: https://eu.mixpanel.com/security/login/42
      confirmed: {by: ops, on: 2026-11-20}
    sdks:
      javascript: {source: src/analytics.js, allow_hosts: [t.example.com]}
      python: {source: src/collect.py}
    deletions:
      spring:
        compliance: gdpr
        received: 2026-11-03
        distinct_ids: [user-1, user-2]
        from:
          - {file: ids/spring.txt}
          - {file: ids/more.csv, column: id}
          - {file: ids/*.ndjson, field: id}
      summer:
        compliance: ccpa
        received: 2026-11-04
        not_before: 2026-11-20
        extension: {notified: 2026-11-20, reason: complex}
        distinct_ids: [unknown, user-3]
      autumn:
        compliance: gdpr
        received: 2026-11-05
        distinct_ids: [user-4]
    retrievals:
      access:
        compliance: gdpr
        received: 2026-11-10
        download_to: exports/access
        distinct_ids: [user-5]
      other:
        compliance: ccpa
        disclosure: categories
        received: 2026-11-11
        download_to: exports/other
        from: [{file: ids/access.txt}]
    opt_outs:
      write_to: lists/web.json
      distinct_ids: [user-6]
    legal_holds: {distinct_ids: [user-7]}
"""

APP = """\
version: 1
projects:
  app:
    id: 18
    token: {env: APP_TOKEN}
    residency: us
    sso: {postback_url: mixpanel.com/security/login/42, region: us}
    sdks:
      nodejs: {source: app.js}
    deletions:
      winter:
        compliance: gdpr
        received: 2026-11-06
        from: [{file: winter.txt}]
      later:
        compliance: gdpr
        received: 2026-11-06
        distinct_ids: [user-8]
    opt_outs: {write_to: lists/app.json, distinct_ids: []}
"""

SIDE = """\
version: 1
projects:
  side:
    id: 19
    token: {file: /run/secrets/side}
    residency: in
"""

FILES: Mapping[str, str] = {
    "mixpriv.yaml": SHARED,
    "web.yaml": WEB,
    "teams/app.yaml": APP,
    "teams/side.yaml": SIDE,
    "src/analytics.js": "mixpanel.init('t', {\n  api_host: 'https://api-eu.mixpanel.com',\n});\n",
    "src/collect.py": "import mixpanel\nmixpanel.Mixpanel('t', consumer=mixpanel.Consumer(api_host='api-eu.mixpanel.com'))\n",
    "teams/app.js": "const mixpanel = require('mixpanel');\nmixpanel.init('t', {host: 'api.mixpanel.com'});\n",
    "ids/spring.txt": "user-11\nuser-12\nuser-13\n",
    "ids/more.csv": "id,name\nuser-21,a\nuser-22,b\n",
    "ids/a.ndjson": '{"id": "user-31"}\n{"id": "user-32"}\n',
    "ids/access.txt": "user-41\n",
    "teams/winter.txt": "user-51\nuser-52\n",
    "lists/README": "lists\n",
    "exports/README": "exports\n",
}


@dataclass(frozen=True)
class Breakage:
    """In *file* the text *old*, which stands there once, becomes *new*; then *code* is told at *at*, which stands once in the broken text.

    *hides* are files that can't be looked at any more, and codes of what depends on it. *links* is a folder, and where it leads from then on.
    """

    code: str
    file: str
    old: str
    new: str
    at: str
    hides: tuple[str, ...] = ()
    links: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"{self.code}: {self.file}: {self.new.strip()[:30]!r}"

    def excludes(self, other: Breakage) -> bool:
        """Whether the two can't be told apart: they break the same text, or one hides the other."""
        return self._overlaps(other) or self._hides(other) or other._hides(self)

    def _hides(self, other: Breakage) -> bool:
        return other.code in self.hides or other.file in self.hides

    def _overlaps(self, other: Breakage) -> bool:
        (start, end), (first, last) = self._range, other._range
        return self.file == other.file and start < last and first < end

    @property
    def _range(self) -> tuple[int, int]:
        (start,) = [found.start() for found in re.finditer(re.escape(self.old), FILES[self.file])]
        return start, start + len(self.old)

    def found_in(self, text: str) -> Finding:
        """What is told of it, where *text* is what its file came to."""
        assert 1 == text.count(self.at), self
        before = text[: text.index(self.at)]
        return self.code, self.file, before.count("\n") + 1, len(before) - before.rfind("\n")


Finding = tuple[str, str, int, int]
"""Code, file, line and column."""


def broken(root: Path, breakages: Collection[Breakage]) -> set[Finding]:
    """Write the workspace with *breakages* into *root*; what is to be told of it."""
    texts = dict(FILES)
    for breakage in breakages:
        assert 1 == FILES[breakage.file].count(breakage.old), breakage
        texts[breakage.file] = texts[breakage.file].replace(breakage.old, breakage.new)
    wrote(root, texts)
    for folder, target in [breakage.links for breakage in breakages if breakage.links is not None]:
        shutil.rmtree(root / folder)
        (root / folder).symlink_to(target)
    return {breakage.found_in(texts[breakage.file]) for breakage in breakages}


class _Noon(SystemClock):
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, tzinfo=UTC)


def setting(root: Path) -> Setting:
    """A run in *root* on the day that the workspace was written for."""
    return Setting(root, {}, _Noon())


def told(root: Path, *, with_sources: bool = True) -> tuple[Diagnostic, ...]:
    """Everything that `validate` says of *root*."""
    try:
        return validate(setting(root), with_sources=with_sources)
    except ManifestInvalid as invalid:
        return tuple(found for found in invalid.diagnostics if isinstance(found, Diagnostic))


def placed(findings: Collection[Diagnostic]) -> list[Finding]:
    """Code and place of each, in their order."""
    assert [] == [found.code for found in findings if found.span is None]
    return [(found.code, found.span.file, found.span.line, found.span.column) for found in findings if found.span is not None]


def _web(code: str, old: str, new: str, at: str = "", **more: Any) -> Breakage:
    return Breakage(code, "web.yaml", old, new, at or new, **more)


def _shared(code: str, old: str, new: str, at: str = "", **more: Any) -> Breakage:
    return Breakage(code, "mixpriv.yaml", old, new, at or new, **more)


def _app(code: str, old: str, new: str, at: str = "", **more: Any) -> Breakage:
    return Breakage(code, "teams/app.yaml", old, new, at or new, **more)


def _side(code: str, old: str, new: str, at: str) -> Breakage:
    return Breakage(code, "teams/side.yaml", old, new, at, hides=("teams/side.yaml",))


SPRING = "      spring:\n        compliance: gdpr\n"

BREAKAGES = (
    # The workspace block
    _shared("MP0311", "Europe/Berlin", "Europe/Belin"),
    _shared("MP0312", "mixpriv.state.json", "../mixpriv.state.json"),
    _shared("MP0370", "GDPR_TOKEN", "MIXPRIV_GDPR_TOKEN"),
    _shared("MP0206", "2026-03-01", "2026-02-30"),
    _shared("MP0210", "{env: SA_USER}", "sa-user"),
    _shared("MP0202", "      secret: {env: SA_SECRET}\n", "", "service_account"),
    _shared("MP0201", "    max_deletions", "    max_deletion", "max_deletion:"),
    _shared("MP0316", "[unknown]", "[unknown, user-9]", "user-9"),
    _shared("MP0205", "requests_per_second: 1", "requests_per_second: 9", "9}"),
    _shared("MP0201", "  limits: {requests_per_second: 1}", "  limit: {requests_per_second: 1}", "limit:"),
    # A project and its settings
    _web("MP0202", "    id: 17\n", "", "web:"),
    _web("MP0213", "{env: WEB_TOKEN}", "{env: WEB-TOKEN}", "WEB-TOKEN"),
    _web("MP0203", "data_groups: 0", "data_groups: none", "none"),
    _web("MP0353", "https://eu.mixpanel.com", "https://mixpanel.com"),
    _web("MP0355", "on: 2026-11-20", "on: 2026-11-30", "2026-11-30"),
    _web("MP1025", "[t.example.com]", '["https://t.example.com"]', '"https://t.example.com"', hides=("src/analytics.js",)),
    _web("MP1020", "src/collect.py", "src/colect.py"),
    Breakage("MP1001", "src/analytics.js", "api-eu.mixpanel.com", "api.mixpanel.com", "https://api.mixpanel.com"),
    # A request
    _web("MP0201", SPRING, SPRING.replace("compliance", "complianse"), "complianse"),
    _web("MP0362", "received: 2026-11-03", "received: 2026-12-03", "2026-12-03"),
    _web("MP0412", "user-2]", "anonymous]", "anonymous"),
    _web("MP0401", "ids/spring.txt", "ids/sprang.txt", hides=("ids/spring.txt",)),
    _web("MP0201", "column: id", "colum: id", "colum:", hides=("ids/more.csv",)),
    _web("MP0402", "ids/*.ndjson", "ids/*.jsonl", hides=("ids/a.ndjson",)),
    _web("MP0211", "      summer:", "      summer 1:", "summer 1"),
    _web("MP0361", "        received: 2026-11-04\n", "", "summer", hides=("MP0377",)),
    _web("MP0377", "not_before: 2026-11-20", "not_before: 2027-11-20", "2027-11-20"),
    _web("MP0202", ", reason: complex}", "}", "extension", hides=("MP0377",)),
    _web("MP0411", "user-3]", "user-3, '']", "''"),
    _web("MP0107", "      autumn:\n        compliance: gdpr\n", "      autumn:\n        compliance: gdpr\n        compliance : ccpa\n", "compliance :"),
    _web("MP0206", "2026-11-05", "05.11.2026"),
    _web("MP0110", "[user-4]", "[user-4, {}]", "{}]"),
    _web("MP0374", "    download_to: exports/access\n", "    download_to: exports/access\n        disclosure: data\n", "data\n"),
    _web("MP0412", "[user-5]", "[user-5, 'NULL']", "'NULL'"),
    _web("MP0204", "disclosure: categories", "disclosure: category", "category"),
    _web("MP0375", "exports/other", "exports/README/x"),
    _web("MP0317", "ids/access.txt", "/ids/access.txt", hides=("ids/access.txt",)),
    _web("MP0381", "lists/web.json", "lists/.web.json"),
    _web("MP0384", "lists/web.json", "teams/lists/app.json"),
    _web("MP0386", "lists/web.json", "lists/web.json", "opt_outs:", links=("lists", "exports/.hidden")),
    _web("MP0412", "[user-6]", "[undefined]", "undefined"),
    _web("MP0203", "[user-7]", "user-7"),
    # Another manifest
    _app("MP0111", "{env: APP_TOKEN}", "*token"),
    _app("MP0354", "login/42", "login/43", "mixpanel.com/security/login/43"),
    _app("MP0108", "      winter:\n", "      winter:\n        <<: {received: 2026-11-06}\n", "<<", hides=("MP0207",)),
    _app("MP0207", "        from: [{file: winter.txt}]\n", "", "winter:", hides=("teams/winter.txt",)),
    _app("MP0412", "[user-8]", "['n/a']", "'n/a'"),
    _app("MP0105", "      later:\n", "      later:\t# soon\n", "\t#"),
    # Files of ids
    Breakage("MP0413", "ids/spring.txt", "user-12", "u" * 2_000, "u" * 2_000),
    Breakage("MP0411", "ids/spring.txt", "user-13\n", "\nuser-13\n", "\nuser-13"),
    Breakage("MP0412", "ids/more.csv", "user-22", "undefined", "undefined"),
    Breakage("MP0412", "ids/a.ndjson", "user-31", "null", '"null"'),
    Breakage("MP0411", "ids/access.txt", "user-41\n", "\nuser-41\n", "\nuser-41"),
    Breakage("MP0412", "teams/winter.txt", "user-51", "undefined", "undefined"),
    # A manifest that can't be read, and what it must not share with others
    _side("MP0104", "in\n", "[in\n", "[in"),
    _side("MP0204", "residency: in", "residency: uk", "uk"),
    _side("MP0302", "  side:\n", "  app:\n", "app:"),
    _side("MP0303", "id: 19", "id: 18", "18"),
    _side("MP0301", "version: 1\n", "version: 1\nworkspace: {}\n", "workspace:"),
)
