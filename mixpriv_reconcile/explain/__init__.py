"""The pages of `mixpriv explain`: one file a code, `MPnnnn.md`, whose first line is `# MPnnnn · title`. Read when asked for."""

from __future__ import annotations

import re
from importlib import resources

__all__ = ["codes", "page"]

_CODE = re.compile(r"MP[0-9]{4}")


def page(code: str) -> str | None:
    """The page on *code*, in Markdown; None for a code that has none."""
    if _CODE.fullmatch(code) is None:
        return None
    file = resources.files(__name__).joinpath(f"{code}.md")
    return file.read_text("utf-8") if file.is_file() else None


def codes() -> tuple[str, ...]:
    """Every code that has a page, ascending."""
    names = (file.name.removesuffix(".md") for file in resources.files(__name__).iterdir() if file.name.endswith(".md"))
    return tuple(sorted(name for name in names if _CODE.fullmatch(name)))
