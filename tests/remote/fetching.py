"""Downloads of exports through the lane that an apply uses, into a real folder, from servers of bytes on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access, Fetched, NotFetched
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.pipeline.exports import Exports
from mixpriv_reconcile.remote import Origins, Paces, Retrying, SystemPatience, open_lane, shared_tls

from .loopback import Answering, answered, serving
from .simulated import HastyClock
from .test_retrying import Noting

__all__ = ["PATH", "ZIP", "Fetching", "Stoppable", "in_turn", "redirected", "sending"]

TLS = shared_tls()
TOKEN, BEARER = "canary-token", "canary-bearer"
ACCESS = Access("web-eu", 1978118, Region.EU, Secret(TOKEN), Secret(BEARER))
ZIP = b"PK\x03\x04 an archive " * 400
PATH = "exports/dsar/export-task-1.zip"


@dataclass
class Stoppable(Noting):
    """A patience that is over when *ends* is set."""

    ends: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        return self.ends.is_set()

    async def wait(self, project: str, why: str, attempt: int, waited_seconds: float, asked_seconds: float | None = None) -> float | None:
        return None if self.is_over else await super().wait(project, why, attempt, waited_seconds, asked_seconds)


@dataclass
class Fetching:
    """Downloads into one folder, through the lane that an apply uses; *patience* has noted what was waited for."""

    root: Path
    patience: Noting = field(default_factory=Noting)

    def __call__(self, link: str, environment: Mapping[str, str] | None = None, *, is_real: bool = False) -> Fetched | NotFetched:
        """What came of *link* in this *environment*; with *is_real* the patience is that of a real run without a budget."""
        origins = Origins.from_environment(environment or {})

        async def fetched() -> Fetched | NotFetched:
            clock = HastyClock()
            patience = SystemPatience(clock, deadline=None, stop=asyncio.Event(), on_wait=lambda event: None) if is_real else self.patience
            paces = Paces(clock, self.root.parent)
            own = open_lane(ACCESS, origins.of(Region.EU), paces, TLS, exports=origins.exports_of(Region.EU))
            lane = Retrying(own, patience, clock)
            file = Exports(self.root, ()).begin(PATH)
            try:
                return await lane.download(Secret(link), file)
            finally:
                file.drop()
                await lane.aclose()

        return asyncio.run(fetched())

    def of(self, answer: Answering, path: str = "/export.zip", **more: bool) -> tuple[Fetched | NotFetched, list[bytes]]:
        """What came of a link to a server that answers so, on the origin of `MIXPRIV_URL_EU`; and the requests it got."""
        with serving(answer, closes=True) as server:
            outcome = self(f"{server.origin}{path}", {"MIXPRIV_URL_EU": server.origin}, **more)
        return outcome, server.requests

    @property
    def files(self) -> dict[str, bytes]:
        """All that lies in the workspace, by its path."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    @property
    def export(self) -> bytes | None:
        return self.files.get(PATH)


def in_turn(*answers: Answering) -> Answering:
    """Each request gets the next answer; the last one serves all that follow."""
    left = list(answers)
    return lambda connection: (left.pop(0) if len(left) > 1 else left[0])(connection)


def sending(*parts: bytes) -> Answering:
    """Bytes as they are; the connection ends then."""
    return lambda connection: connection.sendall(b"".join(parts))


def redirected(target: str, status: str = "302 Found") -> Answering:
    return answered(status, b"", f"Location: {target}")
