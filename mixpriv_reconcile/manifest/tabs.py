"""Tabs that stand between a manifest's scalars: libyaml lets some of them pass, and no two editors show them alike."""

from __future__ import annotations

import re
from typing import Any

from mixpriv_reconcile.manifest.document import Document, Flaw, Place
from mixpriv_reconcile.manifest.lines import Lines
from mixpriv_reconcile.manifest.syntax import TAB_HINT, TAB_MESSAGE

__all__ = ["Tabs"]

COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")


class Tabs:
    """Looks at what lies between an event and the one before: outside of scalars a `#` begins a comment, whose tabs don't matter."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines = Lines(document.text)
        self._end = 0
        self._line = 0

    def look_before(self, event: Any) -> None:
        """Report the first tab of each line up to *event*."""
        start = event.start_mark.index
        if start > self._end and "\t" in (gap := self._document.text[self._end : start]):
            bare = COMMENT.sub(lambda comment: " " * len(comment[0]), gap)
            for tab in re.finditer("\t", bare):
                line, column = self._lines.at(self._end + tab.start())
                if line > self._line:
                    self._line = line
                    self._document.flaws.append(Flaw("MP0105", TAB_MESSAGE, TAB_HINT, Place(line, column)))
        self._end = max(self._end, event.end_mark.index)
