"""How comments and texts are written in each language family: data for the lexer, no code."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SYNTAXES", "Quote", "Syntax"]


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to write a text. *hole* opens and closes code inside of it; *simple_hole* stands before a bare name (`$host`)."""

    open: str
    close: str
    escapes: bool = True
    multiline: bool = False
    hole: tuple[str, str] | None = None
    simple_hole: str = ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A language family. *prefix* is a pattern of what may stand right before a quote and belongs to the text."""

    line_comments: tuple[str, ...] = ()
    block_comments: tuple[tuple[str, str], ...] = ()
    nested_comments: bool = False
    quotes: tuple[Quote, ...] = ()
    prefix: str = ""
    regexes: bool = False
    docstrings: bool = False
    heredocs: str = ""
    words: bool = False


C_COMMENTS = (("/*", "*/"),)
DOUBLE, SINGLE = Quote('"', '"'), Quote("'", "'")
TRIPLE = Quote('"""', '"""', multiline=True)

SYNTAXES = {
    "javascript": Syntax(("//",), C_COMMENTS, quotes=(DOUBLE, SINGLE, Quote("`", "`", multiline=True, hole=("${", "}"))), regexes=True),
    "swift": Syntax(
        ("//",),
        C_COMMENTS,
        nested_comments=True,
        quotes=(
            Quote('#"', '"#', escapes=False),
            Quote('"""', '"""', multiline=True, hole=("\\(", ")")),
            Quote('"', '"', hole=("\\(", ")")),
        ),
    ),
    "objective-c": Syntax(("//",), C_COMMENTS, quotes=(DOUBLE, SINGLE), prefix="@"),
    "kotlin": Syntax(
        ("//",),
        C_COMMENTS,
        nested_comments=True,
        quotes=(
            Quote('"""', '"""', escapes=False, multiline=True, hole=("${", "}"), simple_hole="$"),
            Quote('"', '"', hole=("${", "}"), simple_hole="$"),
            SINGLE,
        ),
    ),
    "java": Syntax(("//",), C_COMMENTS, quotes=(TRIPLE, DOUBLE, SINGLE)),
    "python": Syntax(
        ("#",),
        quotes=(
            Quote('"""', '"""', multiline=True, hole=("{", "}")),
            Quote("'''", "'''", multiline=True, hole=("{", "}")),
            Quote('"', '"', hole=("{", "}")),
            Quote("'", "'", hole=("{", "}")),
        ),
        prefix=r"\b[rRbBuUfFtT]{1,2}",
        docstrings=True,
    ),
    "ruby": Syntax(
        ("#",),
        (("\n=begin", "\n=end"),),
        quotes=(Quote('"', '"', multiline=True, hole=("#{", "}")), Quote("'", "'", multiline=True), Quote("`", "`", hole=("#{", "}"))),
        regexes=True,
        heredocs=r"<<[~-]?(?P<mark>[\"'`]?)(?P<name>[A-Z_][A-Za-z0-9_]*)(?P=mark)",
    ),
    "dart": Syntax(
        ("//",),
        C_COMMENTS,
        nested_comments=True,
        quotes=(
            Quote('"""', '"""', multiline=True, hole=("${", "}"), simple_hole="$"),
            Quote("'''", "'''", multiline=True, hole=("${", "}"), simple_hole="$"),
            Quote('"', '"', hole=("${", "}"), simple_hole="$"),
            Quote("'", "'", hole=("${", "}"), simple_hole="$"),
        ),
        prefix=r"\br",
    ),
    "php": Syntax(
        ("//", "#"),
        C_COMMENTS,
        quotes=(Quote('"', '"', multiline=True, hole=("{$", "}"), simple_hole="$"), Quote("'", "'", multiline=True)),
        heredocs=r"<<<[ \t]*(?P<mark>[\"']?)(?P<name>[A-Za-z_]\w*)(?P=mark)",
    ),
    "go": Syntax(("//",), C_COMMENTS, quotes=(DOUBLE, Quote("`", "`", escapes=False, multiline=True), SINGLE)),
    "csharp": Syntax(
        ("//",),
        C_COMMENTS,
        quotes=(
            Quote('"""', '"""', escapes=False, multiline=True),
            Quote('$@"', '"', escapes=False, multiline=True, hole=("{", "}")),
            Quote('@"', '"', escapes=False, multiline=True),
            Quote('$"', '"', hole=("{", "}")),
            DOUBLE,
            SINGLE,
        ),
    ),
    "xml": Syntax(block_comments=(("<!--", "-->"),), quotes=(Quote('"', '"', False, True), Quote("'", "'", False, True)), words=True),
    "config": Syntax(block_comments=(("<!--", "-->"),), words=True),
}
"""By family. Where two quotes begin alike, the longer one comes first."""
