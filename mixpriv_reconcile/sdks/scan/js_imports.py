"""Which of Mixpanel's three JavaScript packages a file uses, and by what names: they take their host in different ways."""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.lexer import Source

__all__ = ["BROWSER", "NODE", "REACT_NATIVE", "names_of", "packages_of"]

BROWSER, NODE, REACT_NATIVE = "javascript", "nodejs", "react-native"

PACKAGES = {"mixpanel": NODE, "mixpanel-react-native": REACT_NATIVE, "mixpanel-browser": BROWSER}
LOOK_BACK = 300
"""Characters before a package's name in which its import begins."""

IMPORTED = re.compile(r"\bimport\s+(?:type\s+)?(?P<what>[\w$*{},\s]+?)\s+from\s*$")
REQUIRED = re.compile(r"(?P<what>[\w$]+|\{[\w$,:\s]+\})\s*=\s*(?:await\s+)?(?:[\w.]+\(\s*)?(?:require|import)\s*\(\s*$")


def _package(text: str) -> str | None:
    """The SDK of a module's name; `mixpanel-browser/src/…` and the like are of the same package."""
    if text.startswith("mixpanel-browser/"):
        return BROWSER
    return PACKAGES.get(text)


def packages_of(source: Source) -> frozenset[str]:
    """The SDKs whose packages *source* imports."""
    return frozenset(sdk for sdk, _ in _imports(source))


def names_of(source: Source, sdk: str) -> frozenset[str]:
    """The names under which *source* knows the package of *sdk*."""
    return frozenset(name for its, names in _imports(source) if its == sdk for name in names)


def _imports(source: Source) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for literal in source.literals:
        sdk = _package(literal.text)
        if sdk is None:
            continue
        before = source.code[max(0, literal.outer_start - LOOK_BACK) : literal.outer_start]
        imported = IMPORTED.search(before[before.rfind("import") :]) if "import" in before else None
        required = REQUIRED.search(before)
        is_used = imported or required or re.search(r"(?:require|import|from)\s*\(?\s*$", before)
        if is_used:
            match = imported or required
            found.append((sdk, _names(match["what"]) if match else ()))
    return found


def _names(what: str) -> tuple[str, ...]:
    """The local names in `A`, `* as A`, `A, { B as C }`, `{ B: C }`."""
    pieces = (re.split(r"\s+as\s+|:", piece)[-1].strip() for piece in re.sub(r"[{}]", ",", what).split(","))
    return tuple(piece for piece in pieces if re.fullmatch(r"[\w$]+", piece))
