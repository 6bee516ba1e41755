"""What options and arguments offer to somebody who presses Tab: addresses, projects, codes, files. Offline, and silent in trouble.

Used as `shell_complete=` of a parameter. Nothing is loaded before the key is pressed.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixpriv_reconcile.cli.reporting import REPORT_FORMATS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mixpriv_reconcile.model.resource import DesiredState

__all__ = ["COMPLETE_VARIABLE", "UNFINISHED", "addresses", "codes", "files", "folders", "projects", "projects_and", "remembered", "reports"]

COMPLETE_VARIABLE = "_MIXPRIV_COMPLETE"
"""The variable in which a script of `mixpriv completion` names its shell; whoever sets it asks for answers, and no command runs."""

UNFINISHED = "unfinished"
"""The type of an item behind which more belongs: no blank follows it."""

MAX_MANIFEST_BYTES = 2**20
"""Manifests together above this are not read for a key stroke: it takes half a second by then."""

MOST_NAMES = 50_000
"""Files and folders that are looked at for a key stroke, to find the manifests among them; it takes a third of a second."""

MAX_STATE_BYTES = 2**23
"""A state above this is not read for a key stroke."""

Offer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def addresses(*kinds: str, with_projects: bool = False) -> Offer:
    """Offers what manifests and state have of *kinds* (none: of all)."""

    def offer(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        root = _root(context)
        desired = _desired(root)
        declared = [] if desired is None else [str(resource.address) for resource in desired.resources]
        found = {*declared, *_remembered(root, desired)}
        if with_projects:
            found |= {address.partition(".")[0] for address in found}
        return _items(one for one in found if not kinds or "." not in one or one.split(".")[1] in kinds)(context, parameter, incomplete)

    return offer


def remembered(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offers the addresses of the state, where it lies in files."""
    root = _root(context)
    return _items(_remembered(root, _desired(root)))(context, parameter, incomplete)


def projects(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offers the projects' names."""
    return projects_and()(context, parameter, incomplete)


def projects_and(*words: str) -> Offer:
    """Offers the projects' names, and *words* that may stand in their place."""

    def offer(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        desired = _desired(_root(context))
        return _items([*words, *(desired.projects if desired is not None else ())])(context, parameter, incomplete)

    return offer


def codes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offers the codes that have a page."""
    from mixpriv_reconcile.explain import codes as known

    return _items(known())(context, parameter, incomplete.upper())


def reports(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offers `FORMAT=`, and behind it the names of files."""
    from click.shell_completion import CompletionItem

    name, equals, file = incomplete.partition("=")
    if equals:
        return [CompletionItem(file, type="file")]
    return [CompletionItem(f"{known}=", type=UNFINISHED) for known in REPORT_FORMATS if known.startswith(name)]


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell offer the names of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell offer the names of folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def _items(values: Iterable[str]) -> Offer:
    from click.shell_completion import CompletionItem

    return lambda context, parameter, incomplete: [CompletionItem(one) for one in sorted(values) if one.startswith(incomplete)]


def _root(context: click.Context) -> Path:
    """The workspace that the line names so far: `-C` after the command wins over one before it."""
    here: click.Context | None = context
    while here is not None:
        if here.params.get("chdir"):
            return Path(here.params["chdir"]).expanduser()
        here = here.parent
    return Path()


def _desired(root: Path) -> DesiredState | None:
    """What the manifests ask for; None where they have errors, or would take too long."""
    from mixpriv_reconcile.errors import MixprivError
    from mixpriv_reconcile.manifest.discovery import TooManyNames, yaml_files
    from mixpriv_reconcile.pipeline.clock import SystemClock
    from mixpriv_reconcile.pipeline.reading import read
    from mixpriv_reconcile.pipeline.setting import Setting

    try:
        if sum(_size(root / name) for name in yaml_files(root, most_names=MOST_NAMES)) > MAX_MANIFEST_BYTES:
            return None
        return read(Setting(root.resolve(), dict(os.environ), SystemClock())).desired
    except (TooManyNames, MixprivError):
        return None


def _size(path: Path) -> int:
    """The bytes that reading *path* takes; none where a link leads nowhere."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remembered(root: Path, desired: DesiredState | None) -> list[str]:
    """Addresses of the states that lie in *root*: the real one, and the sandbox's. What else stands there as a key is nobody's address."""
    from mixpriv_reconcile.model.address import ADDRESS
    from mixpriv_reconcile.model.paths import SANDBOX_STATE
    from mixpriv_reconcile.model.workspace import StateLocation

    location = StateLocation() if desired is None else desired.workspace.state
    found: set[str] = set()
    for name in (location.path, SANDBOX_STATE):
        found.update(address for address in _records(root, name) if ADDRESS.fullmatch(address))
    return sorted(found)


def _records(root: Path, name: str) -> Iterable[str]:
    """The keys of `records` in the state *name*; none where it is no regular file of the workspace, too large, or no state."""
    from mixpriv_reconcile.ids.files import open_source
    from mixpriv_reconcile.ids.flaws import Flaw

    # Whoever sent the workspace may have put anything there, such as a FIFO without an end or a link to a device.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, Flaw):
        with os.fdopen(open_source(root, name), "rb") as opened:
            content = opened.read(MAX_STATE_BYTES + 1)
        if len(content) <= MAX_STATE_BYTES:
            return tuple(json.loads(content)["records"].keys())
    return ()
