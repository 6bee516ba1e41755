"""A server that keeps a lock, but takes writes whatever lock they name, costs nobody what he wrote."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from .http_serving import backend_at, serving
from .locks import Process
from .state_backend import FACTS

LEASE_SECONDS = 6.0
TAKEOVER_SECONDS = 40.0

HOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
from contracts.http_serving import backend_at
backend = backend_at(sys.argv[2], "careless", lease_seconds=float(sys.argv[3]))
facts = {"lock_id": "first", "who": "", "host": "", "pid": "1", "since": "", "command": ""}
lock = backend.lock(facts, timeout_seconds=0)
backend.append_journal(b"first")
print("held", flush=True)
for line in sys.stdin:
    try:
        backend.append_journal(b"late") if line.strip() == "write" else lock.release()
        print("done", flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
"""


@pytest.mark.parametrize("is_released", [False, True], ids=["beside the next run", "after it"])
def test_woken_holder_leaves_his_successors_document(is_released: bool) -> None:
    """A run that was stopped for longer than its lease, and is woken, writes nothing over what the next run wrote, not even a sign of life."""
    with serving("careless") as origin:
        command = [sys.executable, "-c", HOLDER, str(Path(__file__).parents[1]), origin, str(LEASE_SECONDS)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
            try:
                assert running.stdout is not None
                assert running.stdout.readline() == "held\n"
                first = Process(running)
                first.stop()
                backend = backend_at(origin, "careless", lease_seconds=LEASE_SECONDS)
                lock = backend.lock(FACTS, timeout_seconds=TAKEOVER_SECONDS)
                assert lock.taken_over_from is not None
                backend.remove_journal()
                backend.append_journal(b"next")
                if is_released:
                    lock.release()
                first.wake()
                time.sleep(1)  # a few of its heartbeats
                assert first.told("write") == "LockLost"
                assert first.told("release") == "done"
                assert bytes(backend_at(origin, "careless").read_journal() or b"") == b"next"
                if not is_released:
                    lock.verify()
                    backend.append_journal(b" and more")
                    lock.release()
            finally:
                running.kill()
