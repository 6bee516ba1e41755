"""Which origin serves a region: Mixpanel's own, unless the environment replaces it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.regions import Region, app_host

__all__ = ["Origins", "is_loopback"]

HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
"""A name or an address as it goes on the wire; what else `urlsplit` lets through, the client would stumble over later."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Origin (scheme, host, port) of each region's application API; manifests can't change it (contract §1)."""

    by_region: Mapping[Region, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Origins:
        """Mixpanel's hosts, or what `MIXPRIV_URL_US|EU|IN` name; plain http only on loopback, else `WrongUsage`."""
        chosen = {}
        for region in Region:
            variable = f"MIXPRIV_URL_{region.name}"
            text = environment.get(variable)
            chosen[region] = f"https://{app_host(region)}" if text is None else _origin(variable, text)
        return cls(chosen)

    def of(self, region: Region) -> str:
        return self.by_region[region]


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


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine: `localhost`, or an address of 127.0.0.0/8 or ::1, in no other spelling than four numbers or ::1."""
    if host == "localhost":
        return True
    try:
        # Python 3.13 takes ::ffff:127.0.0.1 for loopback too, and what the system does with it is a setting.
        return ip_address(host).is_loopback and "ffff" not in host
    except ValueError:
        return False
