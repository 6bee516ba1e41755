"""What every case is given: sizes, the folder for data and workspaces, the environment of the program, and a server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import measure
from measure import Paired, Ran

__all__ = ["Bench", "Row", "Scale", "Server"]

HERE = Path(__file__).parent

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on port 9: a plan that would call anybody fails instead."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured. *ids* grow; the last is the N of the goals. *projects* has two sizes."""

    ids: tuple[int, ...]
    rounds: int
    projects: tuple[int, int]
    batches: int
    side_by_side: int
    inline: int
    peer_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured command, for the table of everything."""

    what: str
    ran: Ran
    ratio: float | None = None
    note: str = ""


@dataclass
class Server:
    """A running `server`; what it saw is there after its end."""

    environment: Mapping[str, str]
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """*folder* keeps data files from run to run, and workspaces of this one."""

    folder: Path
    scale: Scale

    # What is run

    @property
    def environment(self) -> dict[str, str]:
        """What the program is run with: of this machine's environment only PATH, PYTHONPATH and LANG."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
        for name in ("home", "runtime"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            **kept,
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
            "MIXPRIV_DIGEST_KEY": "a benchmark's digest key, long enough",
            "MIXPANEL_GDPR_TOKEN": "bench-bearer",
            **{f"MIXPANEL_TOKEN_{number}": f"token-{number}" for number in range(max(1, self.scale.side_by_side))},
            **{f"MIXPRIV_URL_{region}": NOWHERE for region in ("US", "EU", "IN")},
        }

    def ran(self, folder: Path, *arguments: str, rounds: int | None = None, more: Mapping[str, str] | None = None) -> Ran:
        """`mixpriv` with *arguments*, medians of the rounds."""
        environment = self.environment | dict(more or {})
        rounds = rounds or self.scale.rounds
        return measure.medians([measure.ran(mixpriv(*arguments), folder, environment) for _ in range(rounds)])

    def against_hash(self, folder: Path, source: str, *arguments: str) -> Paired:
        """`mixpriv` with *arguments* and `sha256sum` of *source*, in turn."""
        return measure.pairs(["sha256sum", source], mixpriv(*arguments), folder, self.environment, self.scale.rounds)

    # What is measured

    def ids(self, format: str, count: int, start: int = 0) -> Path:
        """A file of *count* ids, kept for the next run."""
        path = self.folder / "data" / f"{start}-{count}.{format}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([sys.executable, HERE / "data.py", format, str(start), str(count), path], check=True)
        return path

    def workspace(self, name: str) -> Path:
        """The path of a workspace to be made anew."""
        path = self.folder / "workspaces" / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def kept(self, name: str) -> tuple[Path, bool]:
        """The path of a workspace that takes minutes to make, and whether it is there, made by this very program."""
        path = self.folder / "kept" / name
        stamp = path.with_name(f"{name}.stamp")
        if stamp.exists() and stamp.read_text("ascii") == program_hash() and path.exists():
            return path, True
        stamp.unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        return path, False

    def keep(self, name: str) -> None:
        """Say that the workspace is whole."""
        (self.folder / "kept" / f"{name}.stamp").write_text(program_hash(), "ascii")

    @contextlib.contextmanager
    def server(self) -> Iterator[Server]:
        """A server that takes erasures, while the block runs."""
        process = subprocess.Popen([sys.executable, HERE / "server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        origin = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        served = Server({f"MIXPRIV_URL_{region}": origin for region in ("US", "EU", "IN")}, {})
        try:
            yield served
        finally:
            process.stdin.close()
            served.seen.update(json.loads(process.stdout.read()))
            process.wait()


def mixpriv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mixpriv_reconcile", *arguments]


def program_hash() -> str:
    """A hash of the program's source: what another version remembered isn't measured."""
    found = subprocess.run(
        [sys.executable, "-c", "import mixpriv_reconcile; print(mixpriv_reconcile.__path__[0])"], capture_output=True, text=True, check=True
    )
    digest = hashlib.sha256()
    for path in sorted(Path(found.stdout.strip()).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
