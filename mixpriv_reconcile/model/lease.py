"""How long the lock on a shared state lasts without a sign of life from its holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixpriv_reconcile.errors import WrongUsage

__all__ = ["LEASE_VARIABLE", "LONGEST_CALL_SECONDS", "MOST_SECONDS", "Lease"]

LEASE_VARIABLE = "MIXPRIV_LEASE_SECONDS"
LEAST_SECONDS, MOST_SECONDS = 6, 3600

LONGEST_CALL_SECONDS = 150.0
"""Longest one call to Mixpanel may take. Source: API fact sheet §8, the application API gives up after about 120 s."""

CALLS_SHARE = 5 / 6
BEATS = 18
"""Signs of life in one lease: several may fail before it runs out."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lock that its holder renews every *beat_seconds*, and that is free for others *seconds* after the last time.

    It is longer than any call that its holder makes: a call that began while the lease had *call_seconds* left has ended when another
    takes over.
    """

    seconds: float = 180.0

    @property
    def call_seconds(self) -> float:
        """Longest that a POST or DELETE to Mixpanel may take under this lease."""
        return min(LONGEST_CALL_SECONDS, self.seconds * CALLS_SHARE)

    @property
    def beat_seconds(self) -> float:
        return self.seconds / BEATS

    @property
    def look_seconds(self) -> float:
        """How old a look at the lock may be where a call is about to begin: a second for the usual lease."""
        return self.seconds / 180

    @property
    def fresh_seconds(self) -> float:
        """How old the last sign of life may be where a call is about to begin."""
        return self.seconds - self.call_seconds

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Lease:
        """The lease in force; raises `WrongUsage` where `MIXPRIV_LEASE_SECONDS` isn't a whole number within its bounds."""
        text = environment.get(LEASE_VARIABLE)
        if text is None:
            return cls()
        if not text.isascii() or not text.isdigit() or not LEAST_SECONDS <= int(text) <= MOST_SECONDS:
            message = f"{LEASE_VARIABLE} must be a whole number from {LEAST_SECONDS} to {MOST_SECONDS}"
            raise WrongUsage("MP0006", message, f"unset {LEASE_VARIABLE}, or set it to a number")
        return cls(float(int(text)))
