"""Text as it has to be written in Markdown, so that it comes out as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mixpriv_reconcile.render.look import printable

__all__ = ["code", "marked", "table_lines"]

SPECIAL = re.compile(r"[\\<>*_\[\]|#~&]")
URL = re.compile(r"https?://[^\s`]+")


def marked(text: str) -> str:
    """*text* with what Markdown or HTML would take for its own escaped; spans in backticks stay spans, and URLs become some."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner is one of the text
        return _escaped("".join(parts))
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    escaped, end = [], 0
    for found in URL.finditer(text):
        url = found[0].rstrip(".,;)")
        escaped += [SPECIAL.sub(r"\\\g<0>", text[end : found.start()]), f"`{url}`"]
        end = found.start() + len(url)
    return "".join([*escaped, SPECIAL.sub(r"\\\g<0>", text[end:])])


def code(text: str) -> str:
    """*text* as a span of code, whatever is in it; a backtick, which would end it, becomes an apostrophe."""
    return f"`{printable(text).replace('`', chr(39))}`" if text else ""


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, each cell in Markdown already; a bar within one is escaped, as tables need it even in code."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in line) + " |" for line in lines]
