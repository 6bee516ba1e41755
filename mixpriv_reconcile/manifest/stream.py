"""libyaml's events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]

__all__ = ["events_of"]


def events_of(text: str) -> Iterator[Any]:
    """The events of *text*, one after the other; raises `yaml.YAMLError` where it stops being YAML."""
    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    finally:
        parser.dispose()
