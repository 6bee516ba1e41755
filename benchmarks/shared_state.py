"""Measures an apply whose state lies on another machine: requests, bytes and seconds, by object store or Terraform's HTTP protocol.

    python benchmarks/shared_state.py                        # a thousand to ten million ids in an object store (moto), ten minutes
    python benchmarks/shared_state.py --engine http --ids 1000 10000 100000
    python benchmarks/shared_state.py --delay-ms 30          # each request of the storage takes at least so long

Asserts nothing about time. The server stands on loopback, behind a proxy that counts.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import measure
import workspaces
from bench import HERE, Bench, Scale

sys.path.insert(0, str(HERE.parent / "tests"))
from contracts.cutting import CuttingProxy, cutting
from contracts.http_serving import serving

BATCH = 2_000
SIDE_BY_SIDE_FROM = 1_000_000
"""From so many ids on they are spread over a hundred projects: one would take an hour and more at a call a second."""

PARTS = re.compile(r"/(journal|segments|lock|clock|state\.json(?:\.backup)?)")


@dataclass(frozen=True, slots=True)
class Counted:
    """What went to the storage while one command ran."""

    requests: Counter[str]
    writes: Counter[str]
    sent_mb: float
    received_mb: float
    seconds: float


class Counting:
    """What the proxy saw since the last look."""

    def __init__(self, proxy: CuttingProxy) -> None:
        self._proxy = proxy
        self._requests = self._sent = self._received = 0

    def since(self, seconds: float) -> Counted:
        new = self._proxy.requests[self._requests :]
        counted = Counted(
            Counter(_verb(line) for line in new),
            Counter(_part(line) for line in new if _verb(line) in ("PUT", "POST")),
            (self._proxy.sent - self._sent) / 1e6,
            (self._proxy.received - self._received) / 1e6,
            seconds,
        )
        self._requests, self._sent, self._received = len(self._proxy.requests), self._proxy.sent, self._proxy.received
        return counted


def _verb(line: str) -> str:
    method, path = line.split(" ", 1)
    if method == "GET" and "list-type" in path:
        return "LIST"
    return "DELETE" if method == "POST" and path.split("?")[-1].startswith("delete") else method


def _part(line: str) -> str:
    found = PARTS.search(line)
    return found[1] if found else "document"


@contextlib.contextmanager
def object_store() -> Iterator[int]:
    """moto's S3 on a free port, with a bucket."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _ in range(200):
                with contextlib.suppress(httpx.TransportError):
                    httpx.put(f"http://127.0.0.1:{port}/bench").raise_for_status()
                    break
                time.sleep(0.1)
            yield port
        finally:
            running.terminate()


@contextlib.contextmanager
def http_server() -> Iterator[int]:
    """The tests' server of Terraform's HTTP protocol."""
    with serving("terraform") as origin:
        yield int(origin.rpartition(":")[2])


ENGINES = {"s3": object_store, "http": http_server}


def state_block(engine: str, origin: str, name: str) -> str:
    if engine == "s3":
        return f"  state: {{backend: s3, bucket: bench, prefix: ids-{name}, region: us-east-1, endpoint: '{origin}'}}\n"
    return f"  state: {{backend: http, address: '{origin}/ids-{name}'}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, default="s3")
    parser.add_argument("--ids", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--delay-ms", type=float, default=0, help="how long each request is held back, as by a network")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ENGINES[given.engine]() as port, cutting(port) as proxy:
        proxy.delay_seconds = given.delay_ms / 1000
        bench = Bench(Path(folder), Scale((), 1, (0, 0), 0, 100, 0, ()))
        _round_trips(proxy)
        print("| ids | projects | batches | command | requests | writes | MB sent | MB received | seconds | seconds, state on disk |")
        print("| ---: | ---: | ---: | --- | --- | --- | ---: | ---: | ---: | ---: |")
        for count in given.ids:
            _measured(bench, given.engine, proxy, count)


def _round_trips(proxy: CuttingProxy) -> None:
    """What one small request costs here, so that another storage's figures can be reckoned."""
    with httpx.Client() as client:
        times = []
        for _ in range(50):
            began = time.perf_counter()
            client.get(f"{proxy.origin}/bench/nothing")
            times.append(time.perf_counter() - began)
    print(f"one small request, median of 50: {sorted(times)[25] * 1000:.1f} ms\n")


def _measured(bench: Bench, engine: str, proxy: CuttingProxy, count: int) -> None:
    projects = 100 if count >= SIDE_BY_SIDE_FROM else 1
    each = count // projects
    sources = {number: bench.ids("txt", each, start=number * each) for number in range(projects)}
    local, shared, other = (bench.workspace(f"{place}-{count}") for place in ("local", "shared", "other"))
    for folder in (local, shared, other):
        workspaces.side_by_side(folder, sources)
    block = state_block(engine, proxy.origin, str(count))
    for folder in (shared, other):
        manifest = folder / "mixpriv.yaml"
        manifest.write_text(manifest.read_text("utf-8").replace("workspace:\n", "workspace:\n" + block, 1), "utf-8")
    with bench.server() as server:
        more = {**server.environment, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        on_disk = bench.ran(local, "apply", "--auto-approve", more=more)
        again_on_disk = bench.ran(local, "plan", more=more)
        counting = Counting(proxy)
        counting.since(0)
        done = bench.ran(shared, "apply", "--auto-approve", more=more)
        _row(count, projects, "apply", counting.since(done.wall_seconds), on_disk)
        planned = bench.ran(other, "plan", more=more)
        _row(count, projects, "plan on a fresh machine", counting.since(planned.wall_seconds), again_on_disk)


def _row(count: int, projects: int, command: str, seen: Counted, on_disk: measure.Ran) -> None:
    requests = ", ".join(f"{number:,} {verb}" for verb, number in sorted(seen.requests.items()))
    writes = ", ".join(f"{number:,} {part}" for part, number in sorted(seen.writes.items()))
    batches = projects * -(-(count // projects) // BATCH)
    print(
        f"| {count:,} | {projects} | {batches:,} | {command} | {requests} | {writes or '–'} "
        f"| {seen.sent_mb:,.2f} | {seen.received_mb:,.2f} | {seen.seconds:.1f} | {on_disk.wall_seconds:.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
