"""What every state backend promises to several processes that write by turns; part of `StateBackendContract`."""

from __future__ import annotations

import contextlib
import subprocess
import sys

from mixpriv_reconcile.ports import StateBackend

WRITERS, TURNS = 2, 10

COUNTING = """
import sys
from pathlib import Path
{imports}
from mixpriv_reconcile.errors import StateLocked
backend, name, turns = {backend}, sys.argv[1], int(sys.argv[2])
while turns:
    facts = {{"lock_id": f"{{name}}-{{turns}}", "who": name, "host": "", "pid": "1", "since": "", "command": ""}}
    try:
        lock = backend.lock(facts, timeout_seconds=10)
    except StateLocked:
        continue
    assert lock.taken_over_from is None, "somebody who lives was thought dead"
    assert backend.read_journal() is None, "two write at a time"
    stored = backend.read()
    count = 0 if stored is None else int(stored.content)
    for record in (name, str(count)):
        backend.append_journal(record.encode())
    assert bytes(backend.read_journal()).decode() == name + str(count)
    lock.verify()
    backend.replace(str(count + 1).encode(), expected=None if stored is None else stored.version)
    backend.remove_journal()
    lock.release()
    turns -= 1
"""


class WritersContract:
    """Its part of the suite; the fixtures `backend` and `spelled` are the suite's."""

    def test_nothing_is_lost_among_writers(self, backend: StateBackend, spelled: tuple[str, str]) -> None:
        """Of several processes that add to the same state, each waiting for the lock, none loses what another wrote, and none fails."""
        code = COUNTING.format(imports=spelled[0], backend=spelled[1])
        with contextlib.ExitStack() as stack:
            writers = [
                stack.enter_context(
                    subprocess.Popen([sys.executable, "-c", code, f"writer-{number}", str(TURNS)], stderr=subprocess.PIPE, text=True)
                )
                for number in range(WRITERS)
            ]
            for writer in writers:
                stack.callback(writer.kill)
            assert [writer.communicate()[1] for writer in writers] == [""] * WRITERS
        stored = backend.read()
        assert stored is not None
        assert (int(stored.content), backend.read_journal(), backend.holder()) == (WRITERS * TURNS, None, None)
        assert backend.backup_content() == str(WRITERS * TURNS - 1).encode()
