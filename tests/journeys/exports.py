"""Access requests of a workspace, and the exports that came of them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .workspace import Server, Workspace, ago

__all__ = ["FOLDER", "exports", "facts", "finished_exports", "ids_in", "recorded", "retrieval", "wished"]

FOLDER = "exports/dsar"


def retrieval(ids: Iterable[str], **more: Any) -> dict[str, Any]:
    """The block of an access request under the GDPR."""
    return {"compliance": "gdpr", "received": ago(5), "distinct_ids": list(ids), "download_to": FOLDER} | more


def wished(workspace: Workspace, address: str, ids: Iterable[str] | None, **more: Any) -> None:
    """Let `PROJECT.REQUEST` be an access request for these ids, in a project that is made where it isn't there; None takes it out."""
    name, request = address.split(".")
    projects = workspace.manifest["projects"]
    project = projects[name] if name in projects else workspace.project(name)
    retrievals = project.setdefault("retrievals", {})
    if ids is None:
        del retrievals[request]
    else:
        retrievals[request] = retrieval(ids, **more)
    workspace.write()


def finished_exports(workspace: Workspace, server: Server) -> None:
    """Let Mixpanel end all tasks, and the workspace know of it."""
    server.force("SUCCESS")
    workspace.run("refresh")


def exports(workspace: Workspace, folder: str = FOLDER) -> list[Path]:
    """All that lies in the folder for exports but what keeps git off."""
    return sorted(path for path in (workspace.root / folder).glob("*") if path.name != ".gitignore") + [
        path for path in (workspace.root / folder).glob(".*") if path.name != ".gitignore"
    ]


def ids_in(export: Path) -> list[str]:
    """Whose profiles are in an export."""
    with zipfile.ZipFile(io.BytesIO(export.read_bytes())) as archive:
        return [json.loads(line)["$distinct_id"] for line in archive.read("profiles.jsonl").decode().splitlines()]


def recorded(workspace: Workspace, address: str) -> list[dict[str, str]]:
    """What the state says of a request's exports."""
    found: list[dict[str, str]] = workspace.state["records"][address].get("downloads", [])
    return found


def facts(export: Path) -> tuple[str, str]:
    """Size and hash of a file, as the state has them."""
    content = export.read_bytes()
    return str(len(content)), hashlib.sha256(content).hexdigest()
