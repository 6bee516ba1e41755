"""A state that can't hold all ids is known to be too small before any of them is sent."""

from __future__ import annotations

from mixpriv_reconcile.pipeline.room import without_room

from .building import FORGOTTEN, Memory, decided, desired, ids, published, wish


def test_what_fits_is_no_error() -> None:
    """As many ids as the state may hold are planned, those it remembers counted once; without a limit any number is."""
    state = published(Memory().declared(FORGOTTEN, ids(range(3))).sent(FORGOTTEN, ids(range(3)), "task-1", "FAILURE").state())
    made = decided(desired(wish(FORGOTTEN, ids(range(5)))), state)
    assert without_room(made, state, 5) == ()
    assert without_room(made, state, None) == ()


def test_one_more_is_an_error_of_the_plan() -> None:
    """One id more is an error that says how many there would be, how many there may be, and where there is room."""
    state = published(Memory().declared(FORGOTTEN, ids(range(3))).sent(FORGOTTEN, ids(range(3)), "task-1", "SUCCESS").state())
    made = decided(desired(wish(FORGOTTEN, ids(range(6)))), state)
    (found,) = without_room(made, state, 5)
    assert found.is_error
    assert found.code == "MP0564"
    assert "6 distinct ids" in found.message
    assert "may hold 5" in found.message
    assert "s3" in (found.hint or "")
