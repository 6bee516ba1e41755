"""A stranger's pull request, validated and by mistake applied, in a process with little memory."""

from __future__ import annotations

import json
import resource
from pathlib import Path

from .workspace import Ended, Workspace, finished

MEMORY_BYTES = 2**30
"""Address space of the program: what a small build machine has to spare."""

SECRET = "hunter2hunter2"


def ran(workspace: Workspace, *arguments: str, code: int | None = 1, memory_bytes: int = MEMORY_BYTES) -> Ended:
    """The program's run within its limits; it must end as *code* says, in its own words."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    # One thread of arithmetic: each takes address space of its own, and a machine may have many.
    ended = finished(workspace.start(*arguments, environment={"OPENBLAS_NUM_THREADS": "1"}, preexec_fn=limited))
    assert code is None or code == ended.code, ended.both
    assert "Traceback" not in ended.both
    assert "MP0009" not in ended.both
    assert SECRET not in ended.both
    return ended


def found(workspace: Workspace, *options: str, code: int | None = 1) -> list[str]:
    """The codes of the errors that `validate` finds, in their order."""
    document = json.loads(ran(workspace, "validate", *options, "--format", "json", code=code).out)
    return [one["code"] for one in document["diagnostics"] if one["severity"] == "error"]


def planted(workspace: Workspace, name: str, content: str | bytes = "") -> Path:
    """A file of the pull request."""
    path = workspace.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def source(workspace: Workspace, pattern: str, **selector: str) -> None:
    """Declare one request whose ids come from *pattern*."""
    workspace.project("app", spring={"compliance": "gdpr", "from": [{"file": pattern, **selector}]})
