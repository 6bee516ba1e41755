"""What journeys of a state that moves have in common: its places, its files, and a workspace that has something to move."""

from __future__ import annotations

import stat
from typing import Any

import yaml

from .workspace import Ended, Workspace

OLD: dict[str, Any] = {"backend": "local", "path": "mixpriv.state.json"}
NEW: dict[str, Any] = {"backend": "local", "path": "memory/prod.json"}
REMEMBERED = ".mixpriv/state-location.json"

Files = dict[str, tuple[int, bytes]]


def flow(location: dict[str, Any]) -> str:
    """A location as it is typed."""
    return yaml.safe_dump(location, default_flow_style=True, width=1000).strip()


def files_of(workspace: Workspace, location: dict[str, Any]) -> Files:
    """Name, mode and bytes of what a local state consists of, its lock aside."""
    document = workspace.root / location["path"]
    stem = document.name.removesuffix(".json")
    folder = document.with_name(f"{stem}.d")
    paths = [document, document.with_name(f"{document.name}.backup"), *(folder.iterdir() if folder.is_dir() else ())]
    kept = {path: path.name.replace(stem, "*", 1) for path in paths if path.is_file()}
    return {name: (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path, name in kept.items()}


def bytes_of(files: Files) -> dict[str, bytes]:
    """The contents of *files*, without the backup, which stays with the old place."""
    return {name: content for name, (_, content) in files.items() if not name.endswith(".backup")}


def migrate(workspace: Workspace, to: dict[str, Any] = NEW, *options: str, code: int = 0, **more: Any) -> Ended:
    return workspace.run("state", "migrate", "--to", flow(to), *options, code=code, **more)


def name(workspace: Workspace, location: dict[str, Any] | None) -> None:
    """Let the manifest keep the state at *location*."""
    workspace.manifest["workspace"].pop("state", None)
    if location is not None:
        workspace.manifest["workspace"]["state"] = location
    workspace.write()


def lived(workspace: Workspace) -> None:
    """A state with two segments of one request, one of another, and a backup."""
    workspace.project("web", r1=["u1", "u2", "u3"], r2=["u4"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3", "u5"])
    workspace.apply()


def place(workspace: Workspace, location: dict[str, Any], files: Files) -> None:
    """Put *files* where a local state at *location* has them."""
    document = workspace.root / location["path"]
    stem = document.name.removesuffix(".json")
    folder = document.with_name(f"{stem}.d")
    folder.mkdir(parents=True, exist_ok=True)
    for key, (mode, content) in files.items():
        path = (folder if key == "journal" or ".seg" in key else document.parent) / key.replace("*", stem, 1)
        path.write_bytes(content)
        path.chmod(mode)
