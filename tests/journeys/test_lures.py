"""A pull request that only names things cleverly changes nothing of what tfcmt and Atlantis read of its plan and its apply."""

from __future__ import annotations

from pathlib import Path

import yaml
from render.companions import Understood, understood
from render.lures import LURES

from .workspace import Server, Workspace, ago


def put(workspace: Workspace, names: list[str]) -> None:
    """Manifests, sources, folders and values called *names*, wherever a stranger may choose one; each has something to warn of."""
    workspace.write()
    for number, name in enumerate(names):
        workspace.environment[f"TOKEN_{number}"] = f"token-canary-{number}"
        folder = workspace.root / f"{number}" / name.strip()
        folder.mkdir(parents=True)
        (folder / f"{name}.ts").write_text('mixpanel.init("x", {api_host: "https://api.mixpanel.com"}); // ' + name)
        (folder / f"{name}.txt").write_text(f"user-{number}\nuser-{number}\n")
        project = {
            "id": 100 + number,
            "token": {"env": f"TOKEN_{number}"},
            "residency": "eu",
            "sso": {"postback_url": "https://eu.mixpanel.com/security/login/42", "confirmed": {"by": name, "on": ago(1)}},
            "sdks": {"javascript": {"source": f"{name}.ts"}},
            "opt_outs": {"distinct_ids": ["a"], "write_to": f"{number}/{name}.json"},
            "deletions": {
                "first": {
                    "compliance": "gdpr",
                    "received": ago(40),
                    "extension": {"notified": ago(20), "reason": name},
                    "from": [{"file": f"{name}.txt"}],
                }
            },
            "retrievals": {"dsar": {"compliance": "ccpa", "received": ago(2), "distinct_ids": ["b"], "download_to": f"exports/{name}"}},
        }
        text = yaml.safe_dump({"version": 1, "projects": {f"p{number}": project}}, sort_keys=False, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(f"{text}# {name}\n", "utf-8")


def read(root: Path, server: Server, names: list[str]) -> list[Understood]:
    """What the tools understand of a plan and an apply of a workspace with these *names*."""
    root.mkdir()
    workspace = Workspace(root, server.origins)
    put(workspace, names)
    plan = workspace.run("plan", "--report", "github=-", "--out", names[0])
    terraform = workspace.run("plan", environment={"MIXPRIV_COMPAT": "terraform"})
    refused = workspace.run("plan", environment={"MIXPRIV_MAX_DELETIONS": "1"}, code=6)
    applied = workspace.run("apply", names[0])
    (workspace.root / "0" / names[0].strip() / f"{names[0]}.yaml").write_text("version: 1\nprojects: {web: {id: 1, oops: 2}}")
    broken = workspace.run("plan", code=1)
    assert "warning[MP" in plan.both
    return [understood(one.both) for one in (plan, terraform, refused, applied, broken)]


def test_names_are_never_read_as_an_outcome(tmp_path: Path, server: Server) -> None:
    """Manifests, sources, folders and values called like a plan's outcome leave what the tools read as it is with tame names."""
    hostile = [lure.replace("\t", " ") for lure in LURES]
    tame = read(tmp_path / "tame", server, [f"x{number}" for number in range(len(hostile))])

    assert tame == read(tmp_path / "hostile", server.emptied(), hostile)
