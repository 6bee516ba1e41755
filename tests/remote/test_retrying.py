"""What is tried again, and what never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.kinds.wire import cancellation, lookup, submission
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access, Lost, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.remote import Paces, Retrying, open_lane, shared_tls
from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .simulated import HastyClock

GET, DELETE = lookup("deletions", "none"), cancellation("none")
POST = submission("deletions", RawIds(("u1",)), "gdpr")
ACCESS = Access("web", 1, Region.US, Secret("token-1"), Secret("bearer"))

TRIED_AGAIN = ["429", "429-scans", "500", "502", "503", "504", "408", "reset-before", "reset-after", "truncate"]


@dataclass(slots=True)
class Noting:
    """A patience that waits no time, at most *most* times, and notes what it was asked for."""

    most: int = 100
    noted: list[tuple[str, int, float, float | None]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return False

    async def wait(self, project: str, why: str, attempt: int, waited_seconds: float, asked_seconds: float | None = None) -> float | None:
        if len(self.noted) == self.most:
            return None
        self.noted.append((why, attempt, waited_seconds, asked_seconds))
        return 10.0

    async def pause(self, seconds: float) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one request, for how long it was waited, and how often the service was called."""

    answer: Response | NotSent | Lost
    noted: list[tuple[str, int, float, float | None]]
    calls: int

    @property
    def status(self) -> int | None:
        return self.answer.status if isinstance(self.answer, Response) else None


def sent(folder: Path, request: Request, *faults: str, most: int = 100) -> Sent:
    """Send *request* to a sandbox with *faults*, waiting at most *most* times."""
    patience, clock = Noting(most), HastyClock()

    async def through(origin: str) -> Response | NotSent | Lost:
        lane = Retrying(open_lane(ACCESS, origin, Paces(clock, folder), shared_tls()), patience, clock)
        try:
            assert lane.access is ACCESS
            return await lane.send(request)
        finally:
            await lane.aclose()

    with Embedded(SandboxOptions(interval_seconds=0, faults=faults)) as origins:
        answer = asyncio.run(through(origins["us"]))
        calls = httpx.get(f"{origins['us']}/_sandbox/calls", trust_env=False, timeout=60).json()["calls"]
    return Sent(answer, patience.noted, len(calls))


@pytest.mark.parametrize("request_", [GET, DELETE], ids=["GET", "DELETE"])
@pytest.mark.parametrize("fault", TRIED_AGAIN)
def test_tried_again(tmp_path: Path, request_: Request, fault: str) -> None:
    """A GET or DELETE that met a busy or broken service or network is sent again until there is an answer."""
    done = sent(tmp_path, request_, f"ANY@1-2={fault}")
    assert (done.status, done.calls, len(done.noted)) == (404, 3, 2)


@pytest.mark.parametrize("fault", [*TRIED_AGAIN, "not-json", "empty", "400", "401", "redirect:https://example.com/"])
def test_post_is_sent_once(tmp_path: Path, fault: str) -> None:
    """A POST is never repeated by itself, whatever came of it: it might erase or bill twice."""
    done = sent(tmp_path, POST, f"POST={fault}")
    assert (done.calls, done.noted) == (1, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422])
def test_a_plain_no_is_final(tmp_path: Path, status: int) -> None:
    """What waiting can't heal isn't waited for."""
    done = sent(tmp_path, GET, f"GET={status}")
    assert (done.status, done.calls, done.noted) == (status, 1, [])


def test_redirect_is_final(tmp_path: Path) -> None:
    """A redirect is an answer like another: not followed, not tried again."""
    done = sent(tmp_path, GET, "GET=redirect:https://example.com/")
    assert (done.status, done.calls) == (302, 1)


def test_waits_are_counted(tmp_path: Path) -> None:
    """Each wait knows its number and how long this call has waited already, so that waits grow and end."""
    done = sent(tmp_path, GET, "GET@1=429", "GET@2=503", "GET@3=reset-after", "GET@4=429-scans")
    assert done.noted == [
        ("rate", 1, 0.0, None),
        ("server_error", 2, 10.0, None),
        ("network", 3, 20.0, None),
        ("outstanding_scans", 4, 30.0, None),
    ]


@pytest.mark.parametrize("fault", ["429:retry-after=7", "503:retry-after=7"])
def test_retry_after_is_passed_on(tmp_path: Path, fault: str) -> None:
    """What the service asks for is what is waited."""
    assert [asked for *_, asked in sent(tmp_path, GET, f"GET@1={fault}").noted] == [7.0]


def test_retry_after_may_be_a_date(tmp_path: Path) -> None:
    """A moment in `Retry-After` is as good as a number of seconds."""
    ((*_, asked),) = sent(tmp_path, GET, "GET@1=429:retry-date=3600").noted
    assert asked is not None
    assert 3_500 < asked <= 3_601


@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("503", 503), ("reset-after", None)])
def test_no_time_left(tmp_path: Path, fault: str, status: int | None) -> None:
    """Where there is no time for another wait, the last answer is what counts."""
    done = sent(tmp_path, GET, f"GET={fault}", most=2)
    assert (done.status, done.calls) == (status, 3)


def test_nobody_there(tmp_path: Path) -> None:
    """A refused connection is tried again like any trouble of the network, and told as never sent."""
    with Embedded(SandboxOptions(interval_seconds=0)) as origins:
        gone = origins["us"]
    patience, clock = Noting(3), HastyClock()

    async def through() -> Response | NotSent | Lost:
        lane = Retrying(open_lane(ACCESS, gone, Paces(clock, tmp_path), shared_tls()), patience, clock)
        try:
            return await lane.send(GET)
        finally:
            await lane.aclose()

    assert isinstance(asyncio.run(through()), NotSent)
    assert [why for why, *_ in patience.noted] == ["network"] * 3


@pytest.mark.parametrize("request_", [GET, DELETE], ids=["GET", "DELETE"])
@pytest.mark.parametrize("code", [429, 503])
def test_both_forms_of_retry_after(tmp_path: Path, request_: Request, code: int) -> None:
    """Seconds and dates are understood on whatever is tried again, whether Mixpanel is busy or broken."""
    noted = sent(tmp_path, request_, f"ANY@1={code}:retry-after=90", f"ANY@2={code}:retry-date=90").noted
    assert [asked is not None and 80 < asked <= 91 for *_, asked in noted] == [True, True]
