"""What stands on disk where the program writes: observed before deciding, so that deciding stays pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["NO_FILES", "FileSeen", "Origin"]


class Origin(enum.Enum):
    """Whose a file is, as far as its content tells."""

    OURS = "ours"  # written by this program, and unchanged since
    EDITED = "edited"  # written by this program, and changed by somebody
    OTHER = "other"  # somebody else's


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One file that is there: its path relative to the workspace, its size in bytes, the SHA-256 of its bytes (hex), and whose it is."""

    path: str
    size: int
    sha256: str
    origin: Origin = Origin.OTHER


NO_FILES: Mapping[str, FileSeen] = {}
"""Nothing stands where the program writes."""
