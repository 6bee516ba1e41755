"""What a host of Mixpanel says: whose region it is, or which of the two grammars it mixes up, and what stands there instead.

Machine hosts take a suffix (`api-eu.mixpanel.com`), the web application and what hangs on it a sub-domain (`eu.mixpanel.com`);
API fact sheet §2.1.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from mixpriv_reconcile.model.regions import APIS, Region, app_host

__all__ = ["HOST_FORM", "Address", "Verdict", "addresses", "ingestion_host", "is_host", "is_known", "judged"]

ADDRESS = re.compile(
    r"(?<![\w.@\0-])(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,10})://)?(?P<host>(?:[A-Za-z0-9_-]{1,63}\.){0,5}mixpanel\.(?:com|eu|in))"
    r"(?![\w-]|\.\w)(?P<port>:[0-9]{1,5})?(?P<path>/[A-Za-z0-9_./{}$:%-]*)?",
    re.IGNORECASE,
)
HOST_FORM = re.compile(r"(?=.{4,253}$)(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z]{2,24}")

INGESTION = ("track", "engage", "groups", "import", "lookup-tables", "flags", "record", "decide")
"""First parts of the paths that machine hosts of the ingestion and flag APIs serve."""

OTHER_NAMES = ("api-js.mixpanel.com", "decide.mixpanel.com")
"""Hosts of the US that the SDKs of browsers and of older applications send to."""

WORDS = {"us": Region.US, "eu": Region.EU, "in": Region.IN, "ind": Region.IN, "india": Region.IN, "europe": Region.EU}
MACHINES = "api-js|api|data|platform|mcp|decide"
MIXED = re.compile(
    rf"(?P<machine>{MACHINES})[._-]?(?P<region>{'|'.join(WORDS)})|(?P<before>{'|'.join(WORDS)})[._-]?(?P<after>{MACHINES})", re.IGNORECASE
)
"""A machine's name and a region's, put together in any way; the right ways are known before this is asked."""


class Verdict(enum.Enum):
    """What a host of Mixpanel is, seen from one region."""

    RIGHT = "right"
    ELSEWHERE = "elsewhere"
    MIXED = "mixed"
    REGIONLESS = "regionless"


@dataclass(frozen=True, slots=True)
class Address:
    """A host of Mixpanel within a text, at *start* up to *end* of it; *path* begins with a slash, or is empty."""

    start: int
    end: int
    scheme: str
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Judged:
    """*verdict*, the region that the host belongs to where it is known, and the host that belongs there instead."""

    verdict: Verdict
    region: Region | None
    right: str


def addresses(text: str) -> tuple[Address, ...]:
    """Every host of Mixpanel in *text*."""
    if "mixpanel." not in text.lower():
        return ()
    return tuple(
        Address(found.start(), found.end("host"), found["scheme"] or "", found["host"].lower(), found["path"] or "")
        for found in ADDRESS.finditer(text)
    )


def ingestion_host(region: Region) -> str:
    """The host that SDKs send to."""
    return _machine("api", region)


def is_host(text: str) -> bool:
    """Whether *text* is a host's name, without scheme, port and path."""
    return HOST_FORM.fullmatch(text) is not None


def is_known(host: str) -> bool:
    """Whether *host* is one of Mixpanel's hosts that have a region."""
    return host in KNOWN


def judged(address: Address, region: Region) -> Judged:
    """What is to be said of *address* in a source that belongs to *region*."""
    host, first = address.host, address.path.lstrip("/").partition("/")[0].lower()
    if first == "security" or address.path.startswith("/api/app/scim"):
        return Judged(Verdict.REGIONLESS, None, host)
    family, its_region = KNOWN.get(host, (None, None))
    if family is None or its_region is None:
        return _unknown(host, first, region)
    right = _right_family(family, first, address.path)
    if family == "app" and its_region is Region.US and right == "app" and first != "api":
        return Judged(Verdict.REGIONLESS, Region.US, app_host(region))  # mixpanel.com alone is the way to pages for people
    if right != family:
        return Judged(Verdict.MIXED, its_region, _host(right, region))
    return Judged(Verdict.RIGHT if its_region is region else Verdict.ELSEWHERE, its_region, _host(family, region))


def _unknown(host: str, first: str, region: Region) -> Judged:
    """A host that isn't in the table: a mistake where it names a region or a machine, else one that has no region."""
    name, _, domain = host.rpartition(".mixpanel.")
    if not name:
        name, domain = "", host.rpartition(".")[2]
    mixed = MIXED.fullmatch(name)
    if mixed is not None:
        machine = (mixed["machine"] or mixed["after"]).lower()
        meant = WORDS[(mixed["region"] or mixed["before"]).lower()]
        return Judged(Verdict.MIXED, meant, _host("api" if machine in ("api-js", "decide") else machine, region))
    if domain != "com":
        family = "api" if name.startswith("api") or first in INGESTION else name if name in ("data", "mcp", "platform") else "app"
        return Judged(Verdict.MIXED, WORDS.get(domain), _host(family, region))
    if name in WORDS:  # us.mixpanel.com
        return Judged(Verdict.MIXED, WORDS[name], _host("api" if first in INGESTION else "app", region))
    return Judged(Verdict.REGIONLESS, None, host)


def _right_family(family: str, first: str, path: str) -> str:
    """The family of hosts that serves *path*; the same where it says nothing."""
    if first in INGESTION and family in ("app", "data"):
        return "api"
    if path.startswith(("/api/2.0/export", "/api/2.0/nessie")) and family in ("app", "api"):
        return "data"
    if path.startswith(("/api/app", "/api/query")) and family in ("api", "data"):
        return "app"
    return family


def _table() -> dict[str, tuple[str, Region]]:
    """Every host that has a region, by name, with its family: the word before the region's suffix, or `app`."""
    table: dict[str, tuple[str, Region]] = dict.fromkeys(OTHER_NAMES, ("api", Region.US))
    for api in APIS:
        hosts = {region: api.at(region).partition("/")[0] for region in Region}
        if len(set(hosts.values())) < len(Region) or not all(hosts.values()):
            continue
        family = "app" if hosts[Region.EU].startswith("eu.") else hosts[Region.EU].partition("-eu.")[0]
        table |= {host: (family, region) for region, host in hosts.items()}
    return table


KNOWN = _table()


def _machine(family: str, region: Region) -> str:
    return next(host for host, known in KNOWN.items() if known == (family, region) and host not in OTHER_NAMES)


def _host(family: str, region: Region) -> str:
    return app_host(region) if family == "app" else _machine(family, region)
