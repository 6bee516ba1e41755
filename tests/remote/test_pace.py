"""The pace: no two calls of one project start within a second, whoever makes them."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.remote import SPACING_SECONDS, Paces, runtime_folder
from mixpriv_reconcile.remote.pace import PaceKept

from .simulated import SimulatedClock

ORIGIN = "https://eu.mixpanel.com"
HAIR = 1e-6
"""What rounding may take off a gap."""


def access(project_id: int = 1, bearer: str = "bearer") -> Access:
    return Access(f"project-{project_id}", project_id, Region.EU, Secret(f"token-{project_id}"), Secret(bearer))


async def called(paces: Paces, clock: SimulatedClock, who: Access, *, connect_seconds: float = 0.0, leaves: bool = True) -> float | None:
    """When the call started, if it got that far."""
    async with paces.turn(who, ORIGIN) as started:
        await clock.sleep(connect_seconds)
        if not leaves:
            return None
        started()
        return clock.monotonic()


def gaps(starts: list[float]) -> list[float]:
    ordered = sorted(starts)
    return [later - earlier for earlier, later in itertools.pairwise(ordered)]


def notes(folder: Path) -> list[Path]:
    """The files that say when a call started."""
    return [path for path in folder.iterdir() if path.name != "salt"]


CALLS = st.lists(st.tuples(st.integers(1, 2), st.floats(0, 2.5), st.floats(0, 1.5), st.floats(0, 3), st.booleans()), max_size=5)
"""Of one process: for each call its project, the pause before it, its seconds to connect and to be answered, whether it leaves."""


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, min_size=1, max_size=4), st.floats(0, 1e6))
def test_never_closer(processes: list[list[tuple[int, float, float, float, bool]]], start: float) -> None:
    """However many processes call, and however their calls overlap, two calls of a project start at least 1.02 s apart."""
    clock = SimulatedClock(start)
    starts: dict[int, list[float]] = {1: [], 2: []}

    async def process(folder: Path, calls: list[tuple[int, float, float, float, bool]]) -> None:
        paces = Paces(clock, folder)
        for project_id, pause, connect_seconds, answer_seconds, leaves in calls:
            await clock.sleep(pause)
            at = await called(paces, clock, access(project_id), connect_seconds=connect_seconds, leaves=leaves)
            if at is not None:
                starts[project_id].append(at)
            await clock.sleep(answer_seconds)

    with tempfile.TemporaryDirectory() as folder:
        clock.run(*(process(Path(folder), calls) for calls in processes))
    for of_project in starts.values():
        assert all(gap >= 1.02 - HAIR for gap in gaps(of_project))


def test_no_slower_than_need_be(tmp_path: Path) -> None:
    """A project's calls follow each other at 1.02 s, and two projects don't wait for each other."""
    clock = SimulatedClock(50.0)
    paces = Paces(clock, tmp_path)

    async def lane(project_id: int) -> list[float | None]:
        return [await called(paces, clock, access(project_id)) for _ in range(4)]

    assert clock.run(lane(1), lane(2)) == [[pytest.approx(50.0 + 1.02 * number) for number in range(4)]] * 2


@pytest.mark.parametrize(("rate", "expected"), [(1.0, 1.02), (0.5, 2.04), (0.1, 10.2)])
def test_lower_rate(tmp_path: Path, rate: float, expected: float) -> None:
    """A lower `requests_per_second` makes the gaps longer in proportion."""
    clock = SimulatedClock()
    paces = Paces(clock, tmp_path, requests_per_second=rate)

    async def lane() -> list[float]:
        return [at for _ in range(3) if (at := await called(paces, clock, access())) is not None]

    assert gaps(clock.run(lane())[0]) == [pytest.approx(expected)] * 2


def test_call_that_never_left_does_not_count(tmp_path: Path) -> None:
    """After a refused connection the next call needn't wait."""
    clock = SimulatedClock(7.0)
    paces = Paces(clock, tmp_path)

    async def lane() -> float | None:
        await called(paces, clock, access(), leaves=False)
        return await called(paces, clock, access())

    assert clock.run(lane()) == [7.0]


def test_next_run_keeps_the_pace(tmp_path: Path) -> None:
    """A command started right after another one waits for what is left of the second."""
    clock = SimulatedClock(7.0)
    clock.run(called(Paces(clock, tmp_path), clock, access()))
    assert clock.run(called(Paces(clock, tmp_path), clock, access())) == [pytest.approx(7.0 + SPACING_SECONDS)]


@pytest.mark.parametrize("content", ["99999999.000000000", "", "rubbish", "nan", "inf"])
def test_time_from_before_the_last_boot(tmp_path: Path, content: str) -> None:
    """A note that can't be of this clock holds nobody up."""
    clock = SimulatedClock(7.0)
    clock.run(called(Paces(clock, tmp_path), clock, access()))
    (note,) = notes(tmp_path)
    note.write_text(content)
    assert clock.run(called(Paces(clock, tmp_path), clock, access())) == [7.0]


def test_cancelled_wait_lets_others_on(tmp_path: Path) -> None:
    """A call that is given up while it waits for its turn doesn't keep its place."""
    clock = SimulatedClock()
    paces = Paces(clock, tmp_path)

    async def given_up() -> None:
        await called(paces, clock, access())
        waiting = asyncio.ensure_future(called(paces, clock, access()))
        await clock.sleep(0.5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await called(paces, clock, access()) == pytest.approx(1_000.0 + SPACING_SECONDS)

    clock.run(given_up())


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Another process's lock on the only note in *folder*, for the block."""
    (note,) = notes(folder)
    with note.open("rb+") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else a test that is wrong would hang
        yield note


def test_a_stopped_process_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Where another process holds the lock and shows no life, a call ends for that after half a minute, naming the file."""
    clock = SimulatedClock(7.0)
    paces = Paces(clock, tmp_path)
    clock.run(called(paces, clock, access()))
    with held(tmp_path) as note, pytest.raises(PaceKept) as kept:
        clock.run(called(paces, clock, access()))
    assert kept.value.path == note
    assert clock.monotonic() == pytest.approx(7.0 + 2 * 15 + 2 * 1.02, abs=0.1)
    assert clock.run(called(paces, clock, access())) == [clock.monotonic()]


def test_a_busy_pace_is_waited_for(tmp_path: Path) -> None:
    """Where other processes call one after the other, a call waits for its turn as long as that takes."""
    clock = SimulatedClock(7.0)
    paces = Paces(clock, tmp_path)
    clock.run(called(paces, clock, access()))

    with contextlib.ExitStack() as holding:
        note = holding.enter_context(held(tmp_path))  # before the call begins, which would have the lock else

        async def others() -> None:
            for _ in range(10):
                await clock.sleep(20.0)
                note.write_text(f"{clock.monotonic():032.9f}")
            holding.close()

        assert clock.run(called(paces, clock, access()), others()) == [pytest.approx(207.0 + 1.02, abs=0.1), None]


def test_the_end_of_the_run_ends_the_wait(tmp_path: Path) -> None:
    """A run that is stopped, or whose time is over, doesn't wait for other processes any more."""
    clock = SimulatedClock(7.0)
    paces = Paces(clock, tmp_path, is_over=lambda: clock.monotonic() >= 10.0)
    clock.run(called(paces, clock, access()))
    with held(tmp_path), pytest.raises(PaceKept):
        clock.run(called(paces, clock, access()))
    assert clock.monotonic() == pytest.approx(10.0, abs=0.1)


def test_a_wait_for_the_lock_can_be_cancelled(tmp_path: Path) -> None:
    """A call that is given up while another process holds the lock keeps no claim to it."""
    clock = SimulatedClock(7.0)
    paces = Paces(clock, tmp_path)
    clock.run(called(paces, clock, access()))

    async def given_up() -> None:
        waiting = asyncio.ensure_future(called(paces, clock, access()))
        await clock.sleep(5.0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    with held(tmp_path):
        clock.run(given_up())
    assert clock.run(called(paces, clock, access())) == [12.0]


def test_a_held_salt_is_read(tmp_path: Path) -> None:
    """Who was stopped while it made the first note keeps nobody from beginning."""
    Paces(SimulatedClock(), tmp_path)
    with (tmp_path / "salt").open("rb+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        Paces(SimulatedClock(), tmp_path)


def lanes_after(folder: Path, limits: list[tuple[Access, float]], *, also: Access | None = None) -> dict[int, list[float]]:
    """When calls of projects started after a 429 for each of *limits* and so many seconds: three of 1, of 2, and of *also*."""
    clock = SimulatedClock()
    paces = Paces(clock, folder)
    starts: dict[int, list[float]] = {}

    async def limited() -> None:
        for who, seconds in limits:
            paces.was_limited(who)
            await clock.sleep(seconds)

    async def lane(who: Access) -> None:
        for _ in range(3):
            at = await called(paces, clock, who)
            assert at is not None
            starts.setdefault(who.project_id, []).append(at)

    clock.run(limited())
    clock.run(lane(access(1)), lane(access(2)), *([lane(also)] if also is not None else []))
    return starts


def test_pace_becomes_common(tmp_path: Path) -> None:
    """Told 429 on two projects within 5 s, a token's calls keep one pace for all of its projects."""
    starts = lanes_after(tmp_path, [(access(1), 4.9), (access(2), 60.0)])
    assert all(gap >= 1.02 - HAIR for gap in gaps(starts[1] + starts[2]))


def test_other_tokens_keep_their_own_pace(tmp_path: Path) -> None:
    """A pace that is common to one token's projects slows no other token's."""
    starts = lanes_after(tmp_path, [(access(1), 4.9), (access(2), 60.0)], also=access(3, "another"))
    assert gaps(starts[3]) == [pytest.approx(1.02)] * 2


def test_pace_becomes_common_at_once(tmp_path: Path) -> None:
    """From the moment it is common no two calls of the token start within 1.02 s, not even those that waited for their turn already."""
    clock = SimulatedClock()
    paces = Paces(clock, tmp_path)
    starts: list[float] = []

    async def lane(project_id: int, calls: int) -> None:
        for _ in range(calls):
            at = await called(paces, clock, access(project_id))
            assert at is not None
            starts.append(at)

    async def limited() -> None:
        await clock.sleep(0.5)  # each project's second call waits for its turn at this moment
        paces.was_limited(access(1))
        paces.was_limited(access(2))

    clock.run(lane(1, 3), lane(2, 3), lane(3, 2), limited())
    later = [at for at in starts if at > 1_000.0]
    assert len(later) == 5
    assert all(gap >= 1.02 - HAIR for gap in gaps([1_000.5, *later]))


def test_processes_share_what_is_common(tmp_path: Path) -> None:
    """Two processes that both were shown that a token counts keep one pace for it."""
    clock = SimulatedClock()
    starts: list[float] = []

    async def process(paces: Paces, project_id: int) -> None:
        for _ in range(3):
            at = await called(paces, clock, access(project_id))
            assert at is not None
            starts.append(at)

    processes = [Paces(clock, tmp_path) for _ in range(2)]
    for paces in processes:
        paces.was_limited(access(1))
        paces.was_limited(access(2))
    clock.run(process(processes[0], 1), process(processes[1], 2))
    assert all(gap >= 1.02 - HAIR for gap in gaps(starts))


@pytest.mark.parametrize(
    "limits",
    [
        [(access(1), 5.1), (access(2), 0.0)],
        [(access(1), 1.0), (access(1), 1.0), (access(1), 1.0)],
        [(access(1), 1.0), (access(2, "another"), 1.0)],
        [],
    ],
    ids=["too-far-apart", "one-project", "two-tokens", "never"],
)
def test_pace_stays_each_projects_own(tmp_path: Path, limits: list[tuple[Access, float]]) -> None:
    """Without that sign each project keeps a pace of its own."""
    starts = lanes_after(tmp_path, limits)
    assert starts[1] == starts[2]


def test_notes_hold_no_secret(tmp_path: Path) -> None:
    """What lies in the runtime folder names neither project nor token, nor any hash that can be made from them alone."""
    clock = SimulatedClock()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        paces = Paces(clock, folder)
        paces.was_limited(access(1))
        paces.was_limited(access(2))
        assert paces.is_common(access(1))
        clock.run(called(paces, clock, access(1)))
        assert len(notes(folder)) == 2
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
        assert not any(
            word in note.name + note.read_text() for note in notes(folder) for word in ("bearer", "token", "project", "mixpanel")
        )
    one, two = ({note.name for note in notes(folder)} for folder in folders)
    assert one.isdisjoint(two)


def test_folder_is_gone(tmp_path: Path) -> None:
    """Where the folder can't be used any more the run says so, and calls nobody out of pace."""
    clock = SimulatedClock()
    (tmp_path / "gone").mkdir()
    paces = Paces(clock, tmp_path / "gone")
    shutil.rmtree(tmp_path / "gone")
    with pytest.raises(StateError, match="to keep the pace between processes") as gone:
        clock.run(called(paces, clock, access()))
    assert "XDG_RUNTIME_DIR" in gone.value.hint


@pytest.mark.parametrize("what", ["folder", "pipe", "link"])
def test_something_else_in_the_place_of_the_salt(tmp_path: Path, what: str) -> None:
    """What is no file of one's own is not used: said before anything is sent."""
    salt = tmp_path / "salt"
    if what == "folder":
        salt.mkdir()
    elif what == "pipe":
        os.mkfifo(salt)
    else:
        salt.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="can't use") as unusable:
        Paces(SimulatedClock(), tmp_path)
    assert unusable.value.code == "MP0725"
    assert not (tmp_path / "elsewhere").exists()


def test_runtime_folder(tmp_path: Path) -> None:
    """The user's runtime folder is taken where there is one; the notes lie in a private folder of their own in it."""
    folder = runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert folder == tmp_path / "mixpriv"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, a private folder below the temporary one that is named for the user."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path / "none")}) == tmp_path / f"mixpriv-{os.getuid()}"


@pytest.mark.parametrize("what", ["link", "file"])
def test_somebody_elses_place(tmp_path: Path, what: str) -> None:
    """What isn't a folder of one's own is not written to: somebody may have put it there to redirect writes."""
    (tmp_path / "elsewhere").mkdir()
    if what == "link":
        (tmp_path / "mixpriv").symlink_to("elsewhere")
    else:
        (tmp_path / "mixpriv").touch()
    with pytest.raises(StateError, match="can't use"):
        runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert list((tmp_path / "elsewhere").iterdir()) == []
