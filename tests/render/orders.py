"""Texts that steer terminals and CI systems, and how to see that one got through."""

from __future__ import annotations

import re

__all__ = ["ORDERS", "STEERING", "is_harmless"]

ORDERS = [
    "::error::x",
    "::set-output name=a::b",
    " ::stop-commands::x",
    "\t::add-mask::x",
    "\n::warning file=x::y",
    "\u2003::debug::x",
    "##[error]x",
    "a ##[add-mask]x",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[message text='x']",
    "###[group]x",
]
"""GitHub reads an order where a line begins with `::` behind any blanks, or has `##[` anywhere; Azure and TeamCity the last ones."""

STEERING = [
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x9b2J",
    "\r",
    "\x08",
    "\x00",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    "\x85",
    "\udcff",
    "\ufeff",
]
"""Controls of terminals and of the direction of text, line ends that nobody expects, and half a character."""

ORDER = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


def is_harmless(shown: str) -> bool:
    """Whether no line of *shown* is an order, and no character but a line end steers anything."""
    return ORDER.search(shown) is None and shown.replace("\n", "").isprintable()
