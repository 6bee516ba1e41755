"""How many distinct ids a state over HTTP may hold: what it remembers counts, and what is on its way in or out does not."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.ids.segments import encode
from mixpriv_reconcile.state.http import HttpBackend

from .altered_segments import name_of
from .http_serving import backend_at, serving


@pytest.fixture
def backend() -> Iterator[HttpBackend]:
    with serving("gitlab") as origin:
        yield backend_at(origin, "gitlab")


def stored(backend: HttpBackend, first: int, count: int) -> str:
    """The name of a segment of *count* ids from the number *first* on, which is stored now."""
    digests = b"".join(struct.pack(">QQ", 0, first + number) for number in range(count))
    parts = encode((digests, struct.pack("<I", 1) * count))
    name = name_of(b"".join(parts))
    backend.write_segment(name, parts)
    return name


def published(backend: HttpBackend, *names: str) -> None:
    """Make a state the remembered one that names these segments, as a publication does."""
    before = backend.read()
    backend.replace(" ".join(names).encode(), expected=None if before is None else before.version)


def test_most_ids(backend: HttpBackend) -> None:
    """200,000 distinct ids are taken, however many segments hold them; one more is refused by name, and nothing is written."""
    published(backend, stored(backend, 0, 200_000), stored(backend, 100_000, 100_000))
    one_more = stored(backend, 200_000, 1)
    with pytest.raises(StateError, match="200,001 distinct ids") as error:
        published(backend, stored(backend, 0, 200_000), one_more)
    assert error.value.code == "MP0564"
    assert "200,000" in error.value.message
    assert "s3" in error.value.hint
    assert (there := backend.read()) is not None
    assert one_more.encode() not in there.content


def test_more_than_any_state_may_name(backend: HttpBackend) -> None:
    """Segments that are too many for one state are refused before they are written."""
    stored(backend, 0, 200_000)
    with pytest.raises(StateError, match="200,001 distinct ids") as error:
        stored(backend, 200_000, 1)
    assert error.value.code == "MP0564"


def test_all_may_be_replaced(backend: HttpBackend) -> None:
    """A state with as many ids as there may be can be replaced by one with as many others, as `state rekey` does, time and again."""
    for time in range(3):
        name = stored(backend, time * 200_000, 200_000)
        published(backend, name)
        assert len(backend.read_segment(name)) > 200_000 * 16


def test_what_only_the_backup_names_does_not_count(backend: HttpBackend) -> None:
    """After `state rm` there is room at once, though the backup keeps what was removed: a run that the plan allowed is never stopped by it."""
    many, few = stored(backend, 0, 199_000), stored(backend, 500_000, 500)
    published(backend, many, few)
    published(backend, few)
    published(backend, few, stored(backend, 200_000, 199_500))
    assert len(backend.read_segment(many)) > 199_000 * 16
