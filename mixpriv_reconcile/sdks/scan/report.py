"""Where a file's findings are gathered, and how a text in the place of a host is judged, whichever SDK it is for."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan.call import Call, Item, resolved
from mixpriv_reconcile.sdks.scan.excerpt import excerpt
from mixpriv_reconcile.sdks.scan.hosts import Address, Verdict, addresses, ingestion_host, is_host, is_known, judged
from mixpriv_reconcile.sdks.scan.lexer import HOLE, Literal, Source

__all__ = ["Form", "Report"]

VALUE = re.compile(r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://)?(?P<host>[^/:?#\s]*)(?P<port>:[0-9]+)?(?P<path>[/?#]\S*)?")


MOST = 200
"""Findings of one file that are told one by one; the rest is counted."""


class Form(enum.Enum):
    """How an SDK wants its host written (API fact sheet §3.1)."""

    BARE = "a bare host, without a scheme"
    ORIGIN = "a URL of scheme and host"
    ENDPOINT = "a URL with its path"


@dataclass(slots=True)
class Report:
    """The findings of one *source*, held against *region*. *sdk* is the SDK that the file is known to use, empty where it isn't known."""

    source: Source
    region: Region
    allow_hosts: frozenset[str] = frozenset()
    sdk: str = ""
    found: dict[Diagnostic, None] = field(default_factory=dict)  # in the order they were made
    more: int = 0
    settled: set[int] = field(default_factory=set)  # literals of which all is said
    unless_manifest: set[Diagnostic] = field(default_factory=set)  # what an AndroidManifest.xml with endpoints would heal
    ran_into: set[str] = field(default_factory=set)  # SDKs that this file sets up

    @property
    def host(self) -> str:
        """The host that SDKs of the region send to."""
        return ingestion_host(self.region)

    @property
    def is_us(self) -> bool:
        return self.region is Region.US

    def add(self, code: str, severity: Severity, message: str, hint: str, start: int, end: int) -> None:
        """Add a finding about the characters from *start* up to *end*."""
        line, column = self.source.place(start)
        length = max(1, min(end, self.source.line_at(start)[1]) - start)
        span = SourceSpan(self.source.file, line, column, length)
        finding = Diagnostic(code, severity, message, hint, span, excerpt=excerpt(self.source, start))
        if len(self.found) < MOST:
            self.found[finding] = None
        elif finding not in self.found:
            self.more += 1

    def missing(self, call: Call, sdk: str, write: str) -> None:
        """This *call* names no host, and the SDK's own is in the US."""
        self.ran_into.add(sdk)
        if not self.is_us:
            message = f"no host is given here, so this SDK sends to the US instead of {self.host}"
            self.add("MP1003", Severity.ERROR, message, f"write {write}", call.start, call.opened)
            if sdk == "android":
                self.unless_manifest.add(next(reversed(self.found)))

    def partial(self, start: int, end: int, missing: str, write: str) -> None:
        """What this names covers only a part of the SDK's endpoints; *missing* stay in the US."""
        if not self.is_us:
            self.add("MP1006", Severity.ERROR, f"left on the US host: {missing}", f"write {write}", start, end)

    def late(self, start: int, end: int, write: str) -> None:
        """The host is set after the SDK was set up, which lets the first events go to the US."""
        if not self.is_us:
            message = "the host is set after the SDK was started: what it sends before goes to the US"
            self.add("MP1008", Severity.WARNING, message, f"write {write}", start, end)

    def flags(self, call: Call, write: str) -> None:
        """Feature flags have a host of their own, and it is not given."""
        if not self.is_us:
            message = "feature flags are asked for at a host of their own, which is left on the US here"
            self.add("MP1010", Severity.ERROR, message, f"write {write}", call.start, call.opened)

    def value(self, item: Item, form: Form, path: str = "", more: str = "") -> None:
        """Judge what is given in the place of a host. What can't be known (a variable, a setting) is passed over in silence."""
        literal = resolved(self.source, item)
        if literal is not None:
            self.literal(literal, form, path, more)

    def literal(self, literal: Literal, form: Form, path: str = "", more: str = "") -> None:
        """Judge a text in the place of a host; with *form* ENDPOINT its URL ends in *path*. *more* is added to each hint."""
        if literal.outer_start in self.settled or HOLE in literal.text or not literal.text.strip():
            return
        self.settled.add(literal.outer_start)
        wanted = {Form.BARE: self.host, Form.ORIGIN: f"https://{self.host}", Form.ENDPOINT: f"https://{self.host}{path}"}[form]
        write = f"write {wanted}{more}"
        known = addresses(literal.text)
        if not known:
            self._not_mixpanels(literal, form)
            return
        address, verdict = known[0], judged(known[0], self.region)
        start, end = literal.start + address.start, literal.start + address.end
        if verdict.verdict is Verdict.ELSEWHERE and not _is_for_people(address.host):
            self._elsewhere(address.host, verdict.region, write, start, end)
        elif address.host != self.host and (self.region, address.host) != (Region.US, "api-js.mixpanel.com"):
            message = f"{address.host} is no host that an SDK can send to; that of this region is {self.host}"
            self.add("MP1002", Severity.ERROR, message, write, start, end)
        self._form(literal, form, path, write)

    def _form(self, literal: Literal, form: Form, path: str, write: str) -> None:
        value = VALUE.fullmatch(literal.text)
        if value is None:
            return
        start, end = literal.start, literal.end
        here = value["path"] or ""
        if form is Form.BARE and value["scheme"]:
            message = "this must be a bare host: with a scheme before it this SDK reaches nothing"
            self.add("MP1004", Severity.ERROR, message, write, start, end)
        elif form is not Form.BARE and not value["scheme"]:
            self.add("MP1005", Severity.ERROR, f"this must be {form.value}: the scheme is missing", write, start, end)
        elif value["scheme"] == "http":
            self.add("MP1018", Severity.WARNING, "plain http lets everybody on the way read what is sent", write, start, end)
        if form is Form.ENDPOINT and here.split("?")[0].rstrip("/") != path:
            self.add("MP1016", Severity.ERROR, f"this URL must end in {path}, the path of this endpoint", write, start, end)
        elif form is not Form.ENDPOINT and here not in ("", "/"):
            self.add("MP1016", Severity.ERROR, f"this must be {form.value}; the SDK adds the path itself", write, start, end)

    def _not_mixpanels(self, literal: Literal, form: Form) -> None:
        value = VALUE.fullmatch(literal.text)
        host = value["host"].lower() if value is not None else ""
        start, end = literal.start, literal.end
        if form is Form.BARE and value is not None and value["scheme"] and host:
            message = "this must be a bare host: with a scheme before it this SDK reaches nothing"
            self.add("MP1004", Severity.ERROR, message, "leave out the scheme and what follows the host", start, end)
        if host in self.allow_hosts or literal.text.lower() in self.allow_hosts:
            return
        shown = f"{host} is" if is_host(host) else "this is"
        hint = f"see that it passes everything on to {self.host}, then allow it: `--allow-host HOST`, or `allow_hosts` in the manifest"
        self.add("MP1014", Severity.NOTE, f"{shown} no host of Mixpanel; a proxy is expected here", hint, start, end)

    def anywhere(self) -> None:
        """Judge every host of Mixpanel in a text that no SDK's rule has looked at."""
        for literal in self.source.literals:
            if literal.outer_start in self.settled:
                continue
            is_prose = bool(re.search(r"\S\s+\S", literal.text)) and not COMMAND.match(literal.text)
            for address in addresses(literal.text):
                verdict = judged(address, self.region)
                if verdict.verdict in (Verdict.RIGHT, Verdict.REGIONLESS):
                    continue
                start, end = literal.start + address.start, literal.start + address.end
                right = f"{address.scheme}://{verdict.right}" if address.scheme else verdict.right
                if is_prose:
                    if address.scheme:
                        message = f"this text names {address.host}, which is not of the region {self.region.value}"
                        self.add("MP1015", Severity.NOTE, message, f"if something is sent there, write {right}", start, end)
                elif verdict.verdict is Verdict.ELSEWHERE:
                    self._elsewhere(address.host, verdict.region, f"write {right}", start, end)
                else:
                    self._mixed(address, f"write {right}", start, end)

    def _elsewhere(self, host: str, region: Region | None, write: str, start: int, end: int) -> None:
        where = f"the region {region.value}" if region is not None else "another region"
        self.add("MP1001", Severity.ERROR, f"{host} belongs to {where}, the project to {self.region.value}", write, start, end)

    def _mixed(self, address: Address, write: str, start: int, end: int) -> None:
        message = f"{address.host} is no host of Mixpanel: its two ways to write a host are mixed up"
        if is_known(address.host):
            first = "/".join(address.path.split("/")[:3]) if address.path.startswith("/api") else "/".join(address.path.split("/")[:2])
            message = f"{address.host} doesn't serve {first}"
        self.add("MP1002", Severity.ERROR, message, write, start, end)


COMMAND = re.compile(r"\s*(?:curl|wget|http|https|GET|POST|PUT|DELETE)\s", re.IGNORECASE)


def _is_for_people(host: str) -> bool:
    """Whether *host* is the web application's, in whichever region."""
    return host in ("mixpanel.com", "eu.mixpanel.com", "in.mixpanel.com")
