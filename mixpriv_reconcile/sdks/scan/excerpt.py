"""The source line of a finding, with everything masked that could be a token or a distinct id.

Shown is code: names, brackets, marks; of texts a host of Mixpanel and the one that is found fault with, if it is a host or a URL without a
query, and options' names. Comments, numbers and what looks random are masked, character by character, so that the caret still points right.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.hosts import addresses
from mixpriv_reconcile.sdks.scan.lexer import HOLE, Source
from mixpriv_reconcile.sdks.scan.syntax import SYNTAXES

__all__ = ["excerpt"]

MASK = "•"
LONGEST = 2_000
"""Characters of a line that is shown; a longer one is a packed script."""

URL = re.compile(r"(?:https?://)?(?:[A-Za-z0-9-]{1,40}\.){1,5}[A-Za-z]{2,12}(?::[0-9]{2,5})?(?:/[A-Za-z0-9_./-]{0,60})?|/[a-z][a-z/_-]{0,30}")
"""A host, a URL without a query, or a path."""

WORDS = frozenset({"api_host", "api_hosts", "host", "mixpanel", "mixpanel-browser", "mixpanel-react-native"})
"""Texts that are names of options and packages; any other word could be somebody's id."""

SETTING = re.compile(
    r"<meta-data\b|\bandroid:(?:name|value)\b|com\.mixpanel\.android\.MPConfig\.\w+"
    r"|(?<![\w.-])[a-z_.-]{0,40}mixpanel[a-z_.-]{0,40}(?=[\"']?\s{0,8}[=:])|APIHostAddress",
    re.IGNORECASE,
)
"""What is shown of settings, besides hosts: the names of those that are about Mixpanel."""

RANDOM = re.compile(r"(?=[A-Za-z0-9]{0,100}[0-9])[A-Za-z0-9]{16,}|(?<![A-Za-z_])[0-9]{4,}|[\w.+-]{1,64}@[\w-]{1,63}\.\w+")


def excerpt(source: Source, at: int) -> str:
    """The line that holds offset *at*, masked; empty where it is too long to show."""
    start, end = source.line_at(at)
    if end - start > LONGEST:
        return ""
    texts = [literal for literal in source.literals if literal.end > start and literal.start < end]
    is_settings = SYNTAXES[source.family].words  # there most words are values, and few of them are read as texts
    line = [
        char if char.isspace() or (source.is_code(here) and not (is_settings and char.isalnum())) else MASK
        for here, char in enumerate(source.text[start:end], start=start)
    ]
    for literal in texts:
        hosts = [range(literal.start + one.start, literal.start + one.end) for one in addresses(literal.text)]
        is_meant = bool(hosts) or literal.outer_start <= at <= literal.end
        is_shown = literal.text in WORDS or (is_meant and URL.fullmatch(literal.text) is not None)
        for here in range(max(literal.start, start), min(literal.end, end)):
            if literal.text[here - literal.start] != HOLE:
                line[here - start] = source.text[here] if is_shown or any(here in host for host in hosts) else MASK
    for found in SETTING.finditer(source.text, start, end) if is_settings else ():
        line[found.start() - start : found.end() - start] = found[0]
    for found in RANDOM.finditer(source.text, start, end):
        line[found.start() - start : found.end() - start] = MASK * len(found[0])
    return "".join(line)
