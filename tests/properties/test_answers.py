"""Whatever a server answers, and whatever a pace file holds, reading it ends in what it says and never in a crash."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from remote.simulated import SimulatedClock

from mixpriv_reconcile.kinds.wire import lookup, read_cancellation, read_lookup, read_submission, retry_after
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Accepted, Access, Conflict, Response
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.remote import Paces

from .mutations import mutated

NOON = 1795694400.0
ACCESS = Access("web-eu", 1978118, Region.EU, Secret("token-canary"), Secret("bearer-canary"))
TASK = {"tracking_id": "7b0f8a52", "task_id": 17, "status": "PENDING", "project_id": 1978118, "distinct_ids": ["person-canary", "b"]}
ANSWERS = [
    {"status": "ok", "results": TASK},
    {"status": "ok", "results": [TASK]},
    {"status": "error", "error": {"conflicting_task_ids": ["7b0f8a52", 17], "conflicting_distinct_ids": ["person-canary"]}},
    {"status": "error", "error": "text", "conflicting_task_ids": ["7b0f8a52"]},
]
STATUS = st.sampled_from([200, 201, 202, 204, 303, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 503])
WAITS = [
    "",
    "17",
    "-1",
    "1e9",
    "9" * 400,
    "nan",
    "inf",
    "١٧",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "x" * 9000,
]
quiet = settings(deadline=None, derandomize=True, max_examples=200)


@quiet
@given(STATUS, st.sampled_from(ANSWERS).flatmap(mutated), st.sampled_from(WAITS))
def test_any_answer(status: int, document: Any, wait: str) -> None:
    """An answer of the right shape with anything wrong in it is read by every reader, and what is kept of it can be sent again."""
    answer = Response(status, {"retry-after": wait}, json.dumps(document).encode())
    for read in (read_submission, read_lookup, read_cancellation):
        found: Any = read(answer, ACCESS, NOON)
        assert "canary" not in repr(found)
        named = [found.tracking_id] if isinstance(found, Accepted) else found.tracking_ids if isinstance(found, Conflict) else []
        for tracking_id in named:
            assert lookup("deletions", tracking_id).path.isascii()
    seconds = retry_after(answer, NOON)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


@quiet
@given(
    st.binary(max_size=70)
    | st.sampled_from([b"nan", b"inf", b"-inf", b"1e400", b"9" * 64, b"1_0", b"1000.5", b"1001.9999", b"1002.5", b"\xff", b"\x00" * 64])
)
def test_any_pace_file(content: bytes) -> None:
    """Whatever a pace file holds, the next call waits for at most two turns and then has its own."""
    with tempfile.TemporaryDirectory() as folder:
        clock = SimulatedClock()
        paces = Paces(clock, Path(folder))

        async def call() -> None:
            async with paces.turn(ACCESS, "https://eu.mixpanel.com") as started:
                started()

        clock.run(call())
        (file,) = (path for path in Path(folder).iterdir() if path.name != "salt")
        file.write_bytes(content)
        before = clock.monotonic()
        clock.run(call())
        assert clock.monotonic() - before <= 2.1
