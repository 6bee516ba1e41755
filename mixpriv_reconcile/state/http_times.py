"""Times that a server of Terraform's protocol tells, as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["seconds_of"]

LAST_YEAR = 9998
"""Last year that is believed: from 1970 to its end a time can be reckoned with and shown in every zone."""


def seconds_of(said: datetime) -> float | None:
    """*said*, UTC where it names no zone, as seconds since 1970; None, as if it weren't told, where it is out of reason."""
    try:
        at = said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at.timestamp() if 1970 <= at.year <= LAST_YEAR else None
