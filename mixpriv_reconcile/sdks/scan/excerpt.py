"""The source line of a finding, with everything masked that could be a token or a distinct id.

Shown is code: names, brackets, marks; of texts a host of Mixpanel and the one that is found fault with, if it is a host or a URL without a
query, and options' names. Comments, numbers and what looks random are masked, character by character, so that the caret still points right.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.hosts import addresses
from mixpriv_reconcile.sdks.scan.lexer import HOLE, Source

__all__ = ["excerpt"]

MASK = "•"
LONGEST = 2_000
"""Characters of a line that is shown; a longer one is a packed script."""

URL = re.compile(r"(?:https?://)?(?:[A-Za-z0-9-]{1,40}\.){1,5}[A-Za-z]{2,12}(?::[0-9]{2,5})?(?:/[A-Za-z0-9_./-]{0,60})?|/[a-z][a-z/_-]{0,30}")
"""A host, a URL without a query, or a path."""

WORDS = frozenset({"api_host", "api_hosts", "host", "mixpanel", "mixpanel-browser", "mixpanel-react-native"})
"""Texts that are names of options and packages; any other word could be somebody's id."""

RANDOM = re.compile(r"(?=[A-Za-z0-9]{0,100}[0-9])[A-Za-z0-9]{16,}|(?<![A-Za-z_])[0-9]{4,}|[\w.+-]{1,64}@[\w-]{1,63}\.\w+")


def excerpt(source: Source, at: int) -> str:
    """The line that holds offset *at*, masked; empty where it is too long to show."""
    start, end = source.line_at(at)
    if end - start > LONGEST:
        return ""
    texts = [literal for literal in source.literals if literal.end > start and literal.start < end]
    line = [char if source.is_code(here) or char.isspace() else MASK for here, char in enumerate(source.text[start:end], start=start)]
    for literal in texts:
        is_meant = literal.outer_start <= at <= literal.end or addresses(literal.text)
        is_shown = literal.text in WORDS or (is_meant and URL.fullmatch(literal.text) is not None and RANDOM.search(literal.text) is None)
        for here in range(max(literal.start, start), min(literal.end, end)):
            if literal.text[here - literal.start] != HOLE:
                line[here - start] = source.text[here] if is_shown else MASK
    return RANDOM.sub(lambda found: MASK * len(found[0]), "".join(line))
