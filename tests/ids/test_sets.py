from __future__ import annotations

import hashlib
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.ids import parts, rows, sets
from mixpriv_reconcile.ids.arrays import np
from mixpriv_reconcile.ids.known import Known
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet

from .test_segments import BATCHES, DIGESTS, part
from .workshop import pieces

SETS = st.sets(DIGESTS, max_size=40)


def made(digests: set[bytes]) -> IdSet:
    return sets.id_set(b"".join(sorted(digests)))


def content(ids: IdSet) -> set[bytes]:
    assert ids == sets.id_set(bytes(ids.digests))
    assert pieces(ids.digests) == sorted(pieces(ids.digests))
    return set(pieces(ids.digests))


@given(SETS, SETS)
def test_set_algebra(left: set[bytes], right: set[bytes]) -> None:
    """Union, difference, intersection and inclusion are those of mathematics."""
    one, other = made(left), made(right)
    assert left | right == content(sets.union(one, other))
    assert left - right == content(sets.difference(one, other))
    assert left & right == content(sets.intersection(one, other))
    assert (left <= right) == sets.is_subset(one, other)
    assert sets.is_subset(sets.intersection(one, other), one)


@given(st.lists(DIGESTS, max_size=60), st.integers(1, 70))
def test_unsorted_and_cut(digests: list[bytes], size: int) -> None:
    """Any buffer becomes a set, and its batches are the set again, in ascending order."""
    ids = sets.from_unsorted(b"".join(digests))
    assert set(digests) == content(ids)
    batches = sets.cut(ids, size)
    assert bytes(ids.digests) == b"".join(bytes(batch.digests) for batch in batches)
    assert all(batch.count == size for batch in batches[:-1])


def test_identity_of_a_set() -> None:
    """A set is known by the SHA-256 over its ascending digests; the empty one is the same everywhere."""
    ids = sets.from_unsorted(b"\x02" * 16 + b"\x01" * 16 + b"\x02" * 16)
    assert (2, hashlib.sha256(b"\x01" * 16 + b"\x02" * 16).hexdigest()) == (ids.count, ids.sha256)
    assert EMPTY_IDS == sets.from_unsorted(b"") == sets.id_set(memoryview(b""))
    with pytest.raises(ValueError, match="16 bytes"):
        sets.id_set(b"short")
    with pytest.raises(ValueError, match="at least one"):
        sets.cut(ids, 0)


@pytest.mark.parametrize("count", [1, 100, 70_000, 300_000])
@pytest.mark.parametrize("spread", [2, 2**16, 2**63])
def test_sort_at_size(count: int, spread: int) -> None:
    """Digests sort by their bytes and keep track of where they stood, also where many share their first bytes."""
    generator = np.random.default_rng(count)
    unsorted = generator.integers(0, spread, (count, 2), dtype=np.uint64)
    if spread == 2**16:
        unsorted[:, 0] |= generator.integers(0, 3, count, dtype=np.uint64) << np.uint64(60)
    ascending, stood = rows.sort(unsorted)
    high, low = rows.halves(unsorted)
    assert np.array_equal(np.lexsort((low, high)), stood)
    assert np.array_equal(unsorted[stood], ascending)


@pytest.mark.parametrize("needles", [10, 5_000, 200_000])
def test_finding_at_size(needles: int) -> None:
    """Ids are found among many as surely as among few."""
    generator = np.random.default_rng(needles)
    hay, _ = rows.sort(generator.integers(0, 2**64, (150_000, 2), dtype=np.uint64))
    half = hay[generator.integers(0, len(hay), needles // 2)]
    asked = np.concatenate([half, generator.integers(0, 2**64, (needles - needles // 2, 2), dtype=np.uint64)])
    places, found = rows.positions(hay, asked)
    assert found[: len(half)].all()
    assert not found[len(half) :].any()
    assert np.array_equal(hay[places[: len(half)]], half)


PARTS = st.lists(st.dictionaries(DIGESTS, BATCHES, max_size=20) | st.tuples(SETS, BATCHES), max_size=6)


def naive(memory: list[dict[bytes, int] | tuple[set[bytes], int]]) -> dict[bytes, int]:
    latest: dict[bytes, int] = {}
    for one in memory:
        latest |= one if isinstance(one, dict) else dict.fromkeys(*one)
    return latest


def known_of(memory: list[dict[bytes, int] | tuple[set[bytes], int]]) -> Known:
    return Known([part(one) if isinstance(one, dict) else (memoryview(b"".join(sorted(one[0]))), one[1]) for one in memory])


def grouped(latest: dict[bytes, int]) -> dict[int, set[bytes]]:
    groups: dict[int, set[bytes]] = {}
    for digest, number in latest.items():
        groups.setdefault(number, set()).add(digest)
    return groups


@pytest.mark.parametrize(("small", "step"), [(1 << 16, 1 << 18), (3, 4), (0, 1)])
@given(memory=PARTS, fresh=SETS, kept=st.integers(0, 100))
def test_split_is_the_naive_one(small: int, step: int, memory: list, fresh: set[bytes], kept: int) -> None:  # type: ignore[type-arg]
    """New, kept and gone are told apart exactly, each known id under its latest batch, at any size of the steps."""
    latest = naive(memory)
    ordered = random.Random(kept).sample(sorted(latest), len(latest) * kept // 100)
    declared = fresh | set(ordered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_SMALL", small)
        patch.setattr(parts, "_RANGE", step)
        known = known_of(memory)
        split = known.split(made(declared))
        whole = known.split(known.all())
        assert (set(latest), [], {}) == (content(known.all()), pieces(whole.new.digests), dict(whole.gone))
        assert grouped(latest) == {number: content(ids) for number, ids in whole.kept.items()}
        assert grouped(latest) == {number: content(ids) for number, ids in known.batches().items()}
    assert declared - set(latest) == content(split.new)
    assert grouped({digest: latest[digest] for digest in declared & set(latest)}) == {n: content(ids) for n, ids in split.kept.items()}
    assert grouped({d: n for d, n in latest.items() if d not in declared}) == {n: content(ids) for n, ids in split.gone.items()}
    assert {number: ids.count for number, ids in split.kept.items()} == split.kept.counts
    assert sorted(split.gone) == list(split.gone.counts)


def test_all_of_one_memory_is_not_all_of_another() -> None:
    """A set that was the whole of a memory is new to another one of the same size, wherever that comes to lie."""
    generator = random.Random(9)

    def memory() -> Known:
        return known_of([dict.fromkeys((generator.randbytes(16) for _ in range(70_000)), number) for number in (1, 2)])

    for _ in range(3):
        whole = memory().all()
        split = memory().split(whole)
        assert (whole.count, {}) == (split.new.count, dict(split.kept))


def test_batches_in_order_are_put_together_as_they_are() -> None:
    """The batches of one apply, which follow each other, come together as any others do, in order or with one out of it."""
    ordered = sorted(random.Random(5).randbytes(16) for _ in range(5_000))
    runs: list[dict[bytes, int] | tuple[set[bytes], int]] = [(set(ordered[at : at + 50]), at // 50) for at in range(0, 5_000, 50)]
    for memory in (runs, [*runs[1:], runs[0]], [*runs, (set(ordered[4_990:]), 999)]):
        assert grouped(naive(memory)) == {number: content(ids) for number, ids in known_of(memory).batches().items()}


def test_split_at_size() -> None:
    """A hundred thousand ids against several old segments and a journal of small runs come out as the naive reading has them."""
    generator = random.Random(4)
    every = [generator.randbytes(16) for _ in range(120_000)]
    memory: list[dict[bytes, int] | tuple[set[bytes], int]] = [dict.fromkeys(every[:80_000], 1), dict.fromkeys(every[60_000:100_000], 2)]
    memory += [(set(every[at : at + 500]), 3 + at) for at in range(90_000, 95_000, 250)]
    declared = set(every[50_000:])
    split, latest = known_of(memory).split(made(declared)), naive(memory)
    assert set(every[100_000:]) == content(split.new)
    assert set(every[:50_000]) == content(split.gone[1])
    assert grouped({d: n for d, n in latest.items() if d in declared}) == {n: content(ids) for n, ids in split.kept.items()}


def test_importing_the_package_is_light() -> None:
    """A command that touches no ids doesn't pay for numpy or cryptography."""
    light = "import sys, mixpriv_reconcile.ids, mixpriv_reconcile.ids.sources, mixpriv_reconcile.ids.keys, mixpriv_reconcile.ids.spool"
    heavy = "print(*sorted({'numpy', 'cryptography'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", f"{light}; {heavy}"], capture_output=True, text=True, check=True).stdout.strip() == ""
