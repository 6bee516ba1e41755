"""Sockets: the three listening ports of a sandbox, on loopback only."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mixpriv_reconcile.sandbox.options import REGIONS, Region

__all__ = ["HOST", "listening", "origins"]

HOST: Final = "127.0.0.1"


def listening(port: int) -> Mapping[Region, socket.socket]:
    """Bound sockets at *port* and the two after it, or at any free ports for 0.

    OSError, with the port in its text, where one is taken; none stays open then.
    """
    bound: dict[Region, socket.socket] = {}
    try:
        for offset, region in enumerate(REGIONS):
            bound[region] = _bound(port + offset if port else 0)
    except OSError:
        for one in bound.values():
            one.close()
        raise
    return MappingProxyType(bound)


def origins(sockets: Mapping[Region, socket.socket]) -> Mapping[str, str]:
    """The origin of each region, e.g. `{"us": "http://127.0.0.1:8080", …}`."""
    return MappingProxyType({region: f"http://{HOST}:{one.getsockname()[1]}" for region, one in sockets.items()})


def _bound(port: int) -> socket.socket:
    # The protocol is named because asyncio sets TCP_NODELAY only where it is: without, each answer
    # whose body follows its headers waits 40 ms for a delayed acknowledgement.
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # So that a sandbox can start again on ports whose last connections still linger.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((HOST, port))
        # Listening from here on: a client that is told the port finds it open.
        one.listen(2048)
    except OSError as error:
        one.close()
        raise OSError(error.errno, f"{error.strerror}: {HOST}:{port}") from error
    return one
