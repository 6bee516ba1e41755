"""Whether a host is this machine, by its letters alone: what plain http is allowed to."""

from __future__ import annotations

from ipaddress import ip_address

__all__ = ["is_loopback"]


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine: `localhost`, or an address of 127.0.0.0/8 or ::1, in no other spelling than four numbers or ::1."""
    if host == "localhost":
        return True
    try:
        # Python 3.13 takes ::ffff:127.0.0.1 for loopback too, and what the system does with it is a setting.
        return ip_address(host).is_loopback and "ffff" not in host
    except ValueError:
        return False
