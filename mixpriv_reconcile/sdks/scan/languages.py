"""Which files are looked at: their language by the end of their name, how it is read, and which SDKs' rules fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mixpriv_reconcile.sdks.scan import (
    android,
    android_manifest,
    java,
    javascript,
    nodejs,
    objective_c,
    others,
    python,
    react_native,
    ruby,
    swift,
)
from mixpriv_reconcile.sdks.scan.report import Report

__all__ = ["Language", "language_of"]


@dataclass(frozen=True, slots=True)
class Language:
    """How files are read (*family*, a syntax of the lexer), and what looks at them; *scripts*: only their scripts are code."""

    family: str
    rules: tuple[Callable[[Report], None], ...] = ()
    scripts: bool = False


JAVASCRIPT = (javascript.check, nodejs.check, react_native.check)
JVM = (android.check, java.check)

BY_ENDING: Mapping[str, Language] = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"), Language("javascript", JAVASCRIPT)),
    **dict.fromkeys(("html", "htm", "vue", "svelte", "erb", "ejs"), Language("javascript", JAVASCRIPT, scripts=True)),
    "swift": Language("swift", (swift.check,)),
    **dict.fromkeys(("m", "mm", "h"), Language("objective-c", (objective_c.check,))),
    **dict.fromkeys(("kt", "kts", "scala"), Language("kotlin", JVM)),
    **dict.fromkeys(("java", "groovy"), Language("java", JVM)),
    **dict.fromkeys(("py", "pyi"), Language("python", (python.check,))),
    **dict.fromkeys(("rb", "rake", "ru"), Language("ruby", (ruby.check,))),
    "dart": Language("dart", (others.flutter,)),
    "php": Language("php", (others.php,)),
    "go": Language("go", (others.go,)),
    "cs": Language("csharp", (others.csharp,)),
    "xml": Language("xml", (android_manifest.check,)),
    "asset": Language("config", (others.unity,)),
    **dict.fromkeys(("json", "yaml", "yml", "toml", "properties", "plist", "ini", "env", "gradle", "sh", "xcconfig"), Language("config")),
}
"""By the last part of a file's name."""


def language_of(file: str) -> Language | None:
    """The language of *file*, by its name; None for one that isn't looked at."""
    name = file.rpartition("/")[2].lower()
    if name == ".env" or name.startswith(".env."):
        return Language("config")
    return BY_ENDING.get(name.rpartition(".")[2]) if "." in name else None
