"""The pace between processes: real ones, at a service that counts seconds."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

CALLER = """
import asyncio, sys
from pathlib import Path
from mixpriv_reconcile.kinds.wire import lookup
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.remote import Paces, open_lane, runtime_folder, shared_tls

def access(number):
    return Access("p", number, Region.US, Secret(f"token-{number}"), Secret("bearer"))

async def main(origin, folder, number, common):
    paces = Paces(SystemClock(), runtime_folder({"XDG_RUNTIME_DIR": folder}))
    for limited in range(int(common)):
        paces.was_limited(access(limited))
    lane = open_lane(access(int(number)), origin, paces, shared_tls())
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(3):
        answer = await lane.send(lookup("deletions", "none"))
        print(answer.status, flush=True)
    await lane.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


LENIENT_SECONDS = 0.5
"""What servers ask for here. The client spaces the starts of calls, and arrivals are what a server counts: on a busy machine the ways differ."""


def called_by_processes(folder: Path, projects: tuple[int, ...], *, pace_by: str, common: int = 0) -> list[int]:
    """The statuses that processes were answered, one for each of *projects*, each of three calls, all begun at once."""
    with Embedded(SandboxOptions(interval_seconds=LENIENT_SECONDS, pace_by=pace_by)) as origins:
        with contextlib.ExitStack() as stack:
            piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            commands = [[sys.executable, "-c", CALLER, origins["us"], str(folder), str(number), str(common)] for number in projects]
            processes = [stack.enter_context(subprocess.Popen(command, **piped)) for command in commands]
            assert [process.stdout.readline() for process in processes] == ["ready\n"] * len(projects)
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            told = [process.communicate()[0].split() for process in processes]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{origins['us']}/_sandbox/calls") as answer:
            calls = json.load(answer)["calls"]
    assert told == [["404"] * 3] * len(projects)
    return [call["status"] for call in calls]


def test_two_processes_share_the_pace(tmp_path: Path) -> None:
    """Two processes that call for the same project at once are never told 429 by a service that holds each project to a pace."""
    assert called_by_processes(tmp_path, (1, 1), pace_by="project") == [404] * 6


def test_two_processes_share_the_pace_of_a_token(tmp_path: Path) -> None:
    """Two processes that know a pace to be common to their token are never told 429 by a service that counts each token's calls."""
    assert called_by_processes(tmp_path, (1, 2), pace_by="token", common=2) == [404] * 6


STARTER = """
import asyncio, sys
from pathlib import Path
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.remote import Paces

async def main(folder):
    clock = SystemClock()
    paces = Paces(clock, Path(folder))
    for _ in range(3):
        async with paces.turn(Access("p", 1, Region.US, Secret("token"), Secret("bearer")), "https://localhost") as started:
            before = clock.monotonic()
            started()
            print(before, clock.monotonic(), flush=True)

asyncio.run(main(sys.argv[1]))
"""


def test_starts_of_two_processes_keep_their_distance(tmp_path: Path) -> None:
    """The starts of calls of two processes for one project, by this host's clock, are never less than 1.02 s apart."""
    with contextlib.ExitStack() as stack:
        command = [sys.executable, "-c", STARTER, str(tmp_path)]
        processes = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) for _ in range(2)]
        lines = [line for process in processes for line in process.communicate()[0].splitlines()]
    spans = sorted(tuple(map(float, line.split())) for line in lines)  # a start lies between the two moments
    assert len(spans) == 6
    assert all(later[1] - earlier[0] >= 1.02 for earlier, later in itertools.pairwise(spans))


def test_salt_is_made_once(tmp_path: Path) -> None:
    """However many processes come first together, they agree on the salt; else each would keep a pace of its own."""
    script = (
        "import sys; from pathlib import Path; from mixpriv_reconcile.pipeline.clock import SystemClock;"
        "from mixpriv_reconcile.remote import Paces; sys.stdin.readline();"
        "paces = Paces(SystemClock(), Path(sys.argv[1])); print((Path(sys.argv[1]) / 'salt').read_bytes().hex())"
    )
    with contextlib.ExitStack() as stack:
        piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [stack.enter_context(subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], **piped)) for _ in range(4)]
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        told = {process.communicate()[0].strip() for process in processes}
    assert len(told) == 1
    assert len(told.pop()) == 64


FULL = """
import resource, signal, sys
from pathlib import Path
from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.remote import Paces
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
try:
    Paces(SystemClock(), Path(sys.argv[1]))
except StateError as error:
    sys.exit(f"{error.code} {error.message}")
"""


def test_folder_is_full(tmp_path: Path) -> None:
    """A runtime folder without space is named before anything is sent."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"MP0725 can't use {tmp_path} to keep the pace between processes (")


READ_ONLY = """
import os, sys
from pathlib import Path
from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.remote import Paces
folder = Path(sys.argv[1])
if os.geteuid() == 0:  # who may do everything is kept out by no mode
    os.chown(folder, 65534, 65534)
    os.setgid(65534)
    os.setuid(65534)
folder.chmod(0o500)
try:
    Paces(SystemClock(), folder)
except StateError as error:
    sys.exit(f"{error.code} {error.message}")
"""


def test_folder_is_read_only() -> None:
    """A runtime folder that may not be written is named before anything is sent, with the system's own word for it."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", READ_ONLY, folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"MP0725 can't use {folder} to keep the pace between processes (Permission denied)\n")
