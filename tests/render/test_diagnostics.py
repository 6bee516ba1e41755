"""Findings point at the place, say what is wrong and what to write."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.render.diagnostics import diagnostics_document, render_diagnostics
from mixpriv_reconcile.render.look import Look, as_typed

from .golden import assert_golden

UNKNOWN_KEY = Diagnostic(
    "MP0301",
    Severity.ERROR,
    "unknown key `complience`",
    "write `compliance`",
    SourceSpan("manifests/eu.yaml", 12, 9, 10),
    "web-eu.deletions.a",
    "        complience: gdpr",
)
TABBED = Diagnostic("MP0302", Severity.WARNING, "a tab", "", SourceSpan("a.yaml", 3, 2, 4), excerpt="\tnäme: 日本\n")
PLACELESS = Diagnostic("MP0604", Severity.ERROR, "the manifests name no project", "give the right folder with -C")
LONG = Diagnostic(
    "MP0303", Severity.NOTE, "a long line", "shorten it", SourceSpan("a.yaml", 123, 151, 5), excerpt="a" * 150 + "HERE!" + "b" * 150
)


def text(*found: Diagnostic, look: Look | None = None) -> str:
    stream = io.StringIO()
    render_diagnostics(found, stream, look or Look())
    return stream.getvalue()


def test_golden() -> None:
    """Findings read exactly like this."""
    assert_golden("diagnostics.txt", text(UNKNOWN_KEY, TABBED, PLACELESS, LONG))


def test_golden_in_colour() -> None:
    """On a terminal the weight of a finding is coloured as well as written."""
    assert_golden("diagnostics-colour.txt", text(UNKNOWN_KEY, look=Look(color=True)))


def test_nothing() -> None:
    """Where nothing is wrong, nothing is printed."""
    assert text() == ""


def test_counts() -> None:
    """The last line counts the findings by weight."""
    assert text(UNKNOWN_KEY, UNKNOWN_KEY, PLACELESS, TABBED).endswith("\nError: 3 errors (MP0301, MP0604), 1 warning.\n")


def test_wide_characters() -> None:
    """Columns are characters: each character has one caret, wide ones too."""
    wide = Diagnostic("MP0301", Severity.ERROR, "wrong", span=SourceSpan("a.yaml", 1, 3, 2), excerpt="a 日本 b")

    assert "1 | a 日本 b\n  |   ^^\n" in text(wide)


def test_document() -> None:
    """As JSON a finding has the contract's eight keys, null where there is no place."""
    assert {
        "diagnostics": [
            {
                "code": "MP0604",
                "severity": "error",
                "message": "the manifests name no project",
                "hint": "give the right folder with -C",
                "file": None,
                "line": None,
                "column": None,
                "address": None,
            }
        ]
    } == diagnostics_document([PLACELESS])


@settings(deadline=None)
@given(
    st.text(max_size=300), st.integers(1, 400), st.integers(0, 400), st.integers(1, 200), st.text(st.characters(codec="utf-8"), max_size=30)
)
def test_carets_stay_in_sight(excerpt: str, column: int, length: int, width: int, message: str) -> None:
    """Whatever the line and the width: the excerpt fits, the carets are below it, and nothing steers the terminal."""
    shown = text(
        Diagnostic("MP0001", Severity.ERROR, message, span=SourceSpan("a", 7, column, length), excerpt=excerpt), look=Look(False, width)
    )
    gutter = [line for line in shown.splitlines() if line.startswith(("7 | ", "  | "))]

    assert "\x1b" not in shown
    if excerpt:
        assert len(gutter) == 2
        assert "^" in gutter[1]
        assert all(len(line) <= max(width, 40) for line in gutter)


@given(st.text("abc", min_size=1, max_size=300), st.data())
def test_carets_point_at_the_place(excerpt: str, data: st.DataObject) -> None:
    """However far a long line is cut, the caret stands below the character that is wrong."""
    index = data.draw(st.integers(0, len(excerpt) - 1))
    marked = excerpt[:index] + "X" + excerpt[index + 1 :]
    lines = text(Diagnostic("MP0001", Severity.ERROR, "m", span=SourceSpan("a", 7, index + 1), excerpt=marked)).splitlines()

    assert lines[2][lines[3].index("^")] == "X"


def test_commands_in_hints_of_a_sandbox_run_are_for_the_sandbox() -> None:
    """A hint of a `--sandbox` run, in text and in JSON, never names a command that would act on the real state."""
    hint = "`mixpriv state rm web`, then `mixpriv apply --retry web`; see `mixpriv explain MP0611`"
    expected = "`mixpriv state rm --sandbox web`, then `mixpriv apply --sandbox --retry web`; see `mixpriv explain MP0611`"
    found = Diagnostic("MP0611", Severity.WARNING, "failed", hint)
    stream = io.StringIO()
    render_diagnostics([found], stream, Look(sandbox=True))
    assert expected in stream.getvalue()
    assert expected == diagnostics_document([found], is_sandbox=True)["diagnostics"][0]["hint"]
    assert expected == as_typed(expected, True)
    assert hint == as_typed(hint, False)
