"""Pages and components: what isn't in a `<script>` is blanked, so that the rest can be read as JavaScript at its own place."""

from __future__ import annotations

import re

__all__ = ["only_scripts"]

MARK = re.compile(r"<!--|<script\b[^>]{0,1000}>", re.IGNORECASE)
END = re.compile(r"</script\b", re.IGNORECASE)


def only_scripts(text: str) -> str:
    """*text* with everything but its scripts blanked; of the same length, with the same lines."""
    kept, at = [], 0
    while (mark := MARK.search(text, at)) is not None:
        kept.append(_blank(text[at : mark.end()]))
        if mark[0] == "<!--":
            end = text.find("-->", mark.end())
            at = len(text) if end < 0 else end
            kept.append(_blank(text[mark.end() : at]))
        else:
            closing = END.search(text, mark.end())
            at = len(text) if closing is None else closing.start()
            kept.append(text[mark.end() : at])
    return "".join([*kept, _blank(text[at:])])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
