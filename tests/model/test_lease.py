"""A lease is longer than any call that its holder may make while it lasts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.lease import LEASE_VARIABLE, LEAST_SECONDS, LONGEST_CALL_SECONDS, MOST_SECONDS, Lease


@given(st.integers(LEAST_SECONDS, MOST_SECONDS))
def test_a_call_ends_before_the_lease(seconds: int) -> None:
    """However long a lease is set: a call that begins at the last moment at which one may has ended when the lease runs out."""
    lease = Lease.from_environment({LEASE_VARIABLE: str(seconds)})
    assert lease.seconds == seconds
    assert 0 < lease.call_seconds < lease.seconds
    assert lease.call_seconds + lease.fresh_seconds <= lease.seconds
    assert lease.call_seconds <= LONGEST_CALL_SECONDS


@given(st.integers(LEAST_SECONDS, MOST_SECONDS))
def test_signs_of_life_may_fail(seconds: int) -> None:
    """Between the last sign of life and the moment from which no call may begin there is room for several more."""
    lease = Lease(float(seconds))
    assert lease.look_seconds < lease.beat_seconds
    assert 2 * lease.beat_seconds < lease.fresh_seconds


def test_the_usual_lease_has_room_for_the_longest_call() -> None:
    """Where nobody sets it, the lease doesn't shorten any call to Mixpanel."""
    assert Lease().call_seconds == LONGEST_CALL_SECONDS
