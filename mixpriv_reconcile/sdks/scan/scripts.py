"""Pages and components: what isn't in a `<script>` is blanked, so that the rest can be read as JavaScript at its own place."""

from __future__ import annotations

import re

__all__ = ["only_scripts"]

SCRIPT = re.compile(r"<script\b[^>]{0,1000}>(?P<code>.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def only_scripts(text: str) -> str:
    """*text* with everything but its scripts blanked; of the same length, with the same lines."""
    text = COMMENT.sub(lambda found: _blank(found[0]), text)
    kept, at = [], 0
    for found in SCRIPT.finditer(text):
        start, end = found.span("code")
        kept += [_blank(text[at:start]), text[start:end]]
        at = end
    return "".join([*kept, _blank(text[at:])])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
