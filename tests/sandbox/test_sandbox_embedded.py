"""The sandbox inside another program."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, Project, SandboxOptions

HOLLOW = """
import sys
sys.modules[{missing!r}] = None
from mixpriv_reconcile.sandbox import Embedded, SandboxExtraMissing
try:
    Embedded().__enter__()
except SandboxExtraMissing as error:
    print(error)
"""


def test_import_is_light() -> None:
    """Programs that only know of the sandbox don't pay for a web server."""
    code = (
        "import sys, mixpriv_reconcile.sandbox as s; s.SandboxOptions, s.Embedded, s.serve; "
        "print(sorted({'uvicorn', 'starlette', 'h11'} & set(sys.modules)))"
    )
    assert _output(code) == "[]\n"


def test_sandbox_shares_no_code() -> None:
    """The sandbox uses nothing of the program that it is a counterpart to."""
    code = (
        "import sys; from mixpriv_reconcile.sandbox import Embedded; e = Embedded(); e.__enter__(); "
        "print(sorted(m for m in sys.modules if m.startswith('mixpriv_reconcile.') "
        "and not m.startswith('mixpriv_reconcile.sandbox'))); e.__exit__(None, None, None)"
    )
    assert _output(code) == "[]\n"


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_missing_extra_is_explained(missing: str) -> None:
    """Without the web server's libraries, the error says what to install."""
    output = _output(HOLLOW.format(missing=missing))
    assert missing in output
    assert "pip install 'mixpriv-reconcile[sandbox]'" in output


def test_leaves_nothing_behind(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the sandbox has stopped, its threads, its ports and its temporary store are gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads = set(threading.enumerate())
    with opened() as caller:
        caller.created("u1")
        assert [folder.stat().st_mode & 0o777 for folder in tmp_path.iterdir()] == [0o700]
    assert set(threading.enumerate()) == threads
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(caller.origins["us"], trust_env=False)


def test_signals_stay_with_the_program(opened: Any) -> None:
    """The program's own signal handlers are left alone."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with opened():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_runs_again_on_the_same_store(tmp_path: Path) -> None:
    """The same sandbox can be started again, and still knows its tasks; but not twice at once."""
    embedded = Embedded(SandboxOptions(store=tmp_path / "new" / "store", interval_seconds=0))
    for expected in (201, 409):
        with embedded as origins:
            answer = httpx.post(
                f"{origins['us']}/api/app/data-deletions/v3.0/?token=t",
                json={"distinct_ids": ["u1"]},
                headers={"Authorization": "Bearer b"},
                trust_env=False,
                timeout=60,
            )
            assert answer.status_code == expected
            with pytest.raises(RuntimeError):
                embedded.__enter__()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """A folder that was there before keeps the mode its owner gave it; the store itself is private."""
    tmp_path.chmod(0o755)
    with Embedded(SandboxOptions(store=tmp_path)):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_reset_leaves_no_id_in_the_file(opened: Any, tmp_path: Path) -> None:
    """After a reset the ids are gone from the disk, too."""
    with opened(store=tmp_path) as caller:
        caller.created(*(f"canary-{number}" for number in range(2000)))
        assert any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())
        caller.control("POST", "reset")
        assert not any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())


def test_three_ports_in_a_row() -> None:
    """With a port given, the regions lie on it and on the two after it."""
    with Embedded() as free:
        first = max(httpx.URL(origin).port or 0 for origin in free.values()) + 7
    try:
        with Embedded(SandboxOptions(port=first)) as origins:
            assert dict(origins) == {
                region: f"http://127.0.0.1:{first + offset}"
                for offset, region in enumerate(("us", "eu", "in"))
            }
    except OSError as taken:
        pytest.skip(f"another program has one of these ports: {taken}")


def test_server_is_silent(opened: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The sandbox writes nothing into the program's log."""
    with caplog.at_level(logging.INFO), opened() as caller:
        caplog.clear()
        caller.http.get(caller.origins["us"] + "/nowhere")
    assert [record for record in caplog.records if record.name.startswith(("uvicorn", "asyncio"))] == []


def test_all_wrong_options_are_named() -> None:
    """Every wrong option is named at once."""
    with pytest.raises(ValueError, match=r"(?s)speed.*interval.*projects"):
        SandboxOptions(
            speed=0, interval_seconds=-1, projects=(Project(1, "t", "us"), Project(2, "t", "eu"))
        )


def _output(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    ).stdout
