"""Reading sources: comments are no code, a URL's slashes are no comment, and nothing is ever too much."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan import scan
from mixpriv_reconcile.sdks.scan.lexer import lexed
from mixpriv_reconcile.sdks.scan.syntax import SYNTAXES

ENDINGS = ("js", "tsx", "vue", "swift", "m", "kt", "java", "py", "rb", "dart", "php", "go", "cs", "xml", "asset", "env")
PIECES = [
    "mixpanel", ".init(", "'", '"', "`", '"""', "${", "}", "{", "(", ")", "//", "/*", "*/", "#", "\n", "\\", "<<~X", "\nX\n", "=begin", "\n=end",
    "https://api.mixpanel.com/track", "api.eu.mixpanel.com", "Mixpanel", "::Tracker.new", "@\"", "\\(", ",", "api_host", ":", "=", "new ", "[", "]",
    "import mixpanel from 'mixpanel-browser'", "require('mixpanel')", "<script>", "</script>", "é", "\r\n", "\t", "MixpanelAPI", "serverURL", "f\"",
]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(ENDINGS), st.sampled_from(Region))
def test_no_text_is_too_odd(pieces: list[str], ending: str, region: Region) -> None:
    """Whatever a file holds, it is read to its end, and each finding lies within a line of it."""
    text = "".join(pieces)
    lines = text.split("\n")
    for found in scan(f"a.{ending}", text, region).diagnostics:
        assert found.span is not None
        assert 1 <= found.span.line <= len(lines)
        line = lines[found.span.line - 1].removesuffix("\r")
        assert 1 <= found.span.column <= len(line) + 1
        assert found.span.column - 1 + found.span.length <= max(len(line), found.span.column)


@given(st.text(st.sampled_from("ab'\"`/*#\n\\{}$()<!->@=x "), max_size=80), st.sampled_from(sorted(SYNTAXES)))
def test_blanking_moves_nothing(text: str, family: str) -> None:
    """Code is as long as the text, with the same lines, and what is left of it stands where it stood."""
    code = lexed("a", text, family).code
    assert len(text) == len(code)
    assert all(one in (" ", other) for one, other in zip(code, text, strict=True))
    assert text.count("\n") == code.count("\n")


@pytest.mark.parametrize("piece", ["`${", "'", '"', "/*", "(", "{", "mixpanel.init(", "<script>", "#{", '"\\(', "a.", "/x", "<<~X\n", "mixpanel.", " ", "\n", "x", "<!--", "from a import ", ".serverURL = ", "a = [Mixpanel ", "'https://api.mixpanel.com',"])
@pytest.mark.parametrize("ending", ["js", "swift", "rb", "kt", "java", "m", "py", "xml", "html", "php", "env"])
def test_a_piece_without_end_is_read_through(piece: str, ending: str) -> None:
    """Twenty thousand times the same opening, never closed, is no trap: it takes no more than a moment, or this test never ends."""
    scan(f"a.{ending}", "mixpanel\n" + piece * 20_000, Region.EU)


def test_lines_and_columns_count_characters() -> None:
    """Wide letters, CRLF and a first line count as an editor counts them."""
    (found,) = scan("a.js", "/* é */\r\nlet ü = 'https://api.mixpanel.com';\r\n", Region.EU).diagnostics
    assert "a.js:2:10" == str(found.span)
