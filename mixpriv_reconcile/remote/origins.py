"""Which origin serves a region: Mixpanel's own, unless the environment replaces it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.model.regions import APIS, Region, app_host

__all__ = ["ExportHosts", "Origins"]

HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
"""A name or an address as it goes on the wire; what else `urlsplit` lets through, the client would stumble over later."""

PORTS = {"http": 80, "https": 443}

STORAGE_HOSTS = frozenset({"storage.googleapis.com"})
"""Where Mixpanel's finished exports lie besides its own hosts (contract §7)."""


@dataclass(frozen=True, slots=True)
class ExportHosts:
    """Where an export may lie: at one *origin* alone, or on *hosts* by https. No other place is asked for anything (contract §7)."""

    origin: str | None
    hosts: frozenset[str] = frozenset()

    def why_not(self, scheme: str, host: str, port: int | None, userinfo: str) -> str:
        """Why nothing is fetched from there; empty where it may be. *host* is as it goes on the wire, *port* None for the scheme's own."""
        if userinfo:
            return "the link holds a user name"
        if self.origin is not None:
            ours = urlsplit(self.origin)
            same = (scheme, host, port or PORTS.get(scheme)) == (ours.scheme, ours.hostname, ours.port or PORTS.get(ours.scheme))
            return "" if same else "the link leads away from the origin that MIXPRIV_URL_* names"
        if scheme != "https":
            return "the link is not https"
        if host not in self.hosts or port not in (None, 443):
            return "the link leads to a host where no export of this region may lie"
        return ""


@dataclass(frozen=True, slots=True)
class Origins:
    """Origin (scheme, host, port) of each region's application API; manifests can't change it (contract §1)."""

    by_region: Mapping[Region, str]
    replaced: frozenset[Region] = frozenset()
    export_hosts: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Origins:
        """Mixpanel's hosts, or what `MIXPRIV_URL_US|EU|IN` name; plain http only on loopback, else `WrongUsage`.

        `MIXPRIV_EXPORT_HOSTS` names further hosts on which exports may lie, separated by commas.
        """
        chosen = {}
        for region in Region:
            variable = f"MIXPRIV_URL_{region.name}"
            text = environment.get(variable)
            chosen[region] = f"https://{app_host(region)}" if text is None else _origin(variable, text)
        replaced = frozenset(region for region in Region if f"MIXPRIV_URL_{region.name}" in environment)
        return cls(chosen, replaced, _export_hosts(environment.get("MIXPRIV_EXPORT_HOSTS", "")))

    def exports_of(self, region: Region) -> ExportHosts:
        """Where exports of a project in *region* may lie."""
        if region in self.replaced:
            return ExportHosts(self.by_region[region])
        return ExportHosts(None, STORAGE_HOSTS | self.export_hosts | _own_hosts(region))

    def of(self, region: Region) -> str:
        return self.by_region[region]


def _own_hosts(region: Region) -> frozenset[str]:
    """Mixpanel's hosts that belong to *region* and to no other."""
    by_region = {each: {api.at(each).partition("/")[0] for api in APIS} - {""} for each in Region}
    others = set().union(*(hosts for each, hosts in by_region.items() if each is not region))
    return frozenset(by_region[region] - others)


def _export_hosts(text: str) -> frozenset[str]:
    hosts = frozenset(host for part in text.split(",") if (host := part.strip().lower()))
    if not all(HOST.fullmatch(host) and (":" not in host or _is_address(host)) for host in hosts):
        hint = "set it to host names separated by commas, e.g. MIXPRIV_EXPORT_HOSTS=exports.example.com"
        raise WrongUsage("MP0724", "MIXPRIV_EXPORT_HOSTS must be names of hosts, without scheme, port or path", hint)
    return hosts


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _origin(variable: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    more = parts.path.removeprefix("/") or parts.query or parts.fragment or "@" in parts.netloc
    if not HOST.fullmatch(host) or parts.scheme not in ("http", "https") or more:
        raise WrongUsage(
            "MP0721", f"{variable} must be one origin", f"set it to scheme, host and port, e.g. {variable}=http://127.0.0.1:8081"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise WrongUsage("MP0722", f"{variable}: plain http is allowed on loopback only", "use https")
    if parts.scheme == "http" and host == "localhost":
        # A hosts file or a name server could send the name elsewhere, and over plain http nothing would notice (RFC 6761 §6.3).
        host = "127.0.0.1"
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + (f":{port}" if port is not None else "")
