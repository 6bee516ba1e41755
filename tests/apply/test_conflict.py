"""What a task's name is checked against before it is written down."""

from __future__ import annotations

from kinds.building import ACCESS, TOKEN

from mixpriv_reconcile.apply.conflict import revealing
from mixpriv_reconcile.model.secrets import RawIds

SENT = RawIds(["anna@example.com", "bert@example.com"])


def strangers(count: int) -> RawIds:
    return RawIds([f"stranger-{number}@example.com" for number in range(count)])


def test_the_ids_that_a_server_returns_are_looked_for() -> None:
    """A task that is named after somebody whom the answer itself lists is found out, up to a thousand ids more than were sent."""
    assert revealing(ACCESS, SENT, strangers(1_002)).are_in("stranger-7@example.com")
    assert not revealing(ACCESS, SENT, None).are_in("stranger-7@example.com")


def test_a_flood_of_returned_ids_is_not_worked_through() -> None:
    """Of 200,000 ids in an answer to two none is hashed before the receipt is written; the ids sent and the tokens are still looked for."""
    hidden = revealing(ACCESS, SENT, strangers(200_000))
    assert not hidden.are_in("stranger-7@example.com")
    assert hidden.are_in("task-anna@example.com")
    assert hidden.are_in(TOKEN)
    assert not revealing(ACCESS, SENT, strangers(1_003)).are_in("stranger-7@example.com")
