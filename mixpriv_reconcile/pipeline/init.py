"""`init`: a starter workspace in a folder, beside whatever is there already. Nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import pathspec

from mixpriv_reconcile.errors import MixprivError, WrongUsage
from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.manifest.read import LOOKS_LIKE_ONE
from mixpriv_reconcile.manifest.schema import manifest_schema
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.paths import SANDBOX_STATE
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline.reading import read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.state import make_key
from mixpriv_reconcile.state.digest_key import KEY_FILE, KEY_VARIABLE, KEY_WANTED

__all__ = ["KeyFate", "Started", "init"]

MANIFEST = "mixpriv.yaml"
EXAMPLE = "requests/example.csv"
SCHEMA = "schemas/manifest.v1.schema.json"
IGNORE = ".gitignore"
ATTRIBUTES = ".gitattributes"

MODELINE = "# yaml-language-server: $schema="
"""How the first line of a manifest begins that tells an editor where the schema lies, relative to the file."""

KeyFate = Literal["made", "kept", "environment", "not_made"]
"""What became of the digest key; `environment` means that MIXPRIV_DIGEST_KEY holds it and no file is needed."""


@dataclass(frozen=True, slots=True)
class Started:
    """What `init` wrote, and what it found and left as it was; paths are relative to the workspace.

    *modelines* are manifests that tell no editor where the schema lies, each with the line that would.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    key: KeyFate
    modelines: tuple[tuple[str, str], ...]
    diagnostics: tuple[Diagnostic, ...]


def init(setting: Setting) -> Started:
    """Make `setting.root` a workspace, with an example where it has no manifest; may be called again.

    Raises `WrongUsage` where the root can't be a folder, `MixprivError` where a file can't be written; what was written stays.
    """
    root = setting.root
    _make_root(root)
    manifests = _manifests(root)
    state = _state(setting) if manifests else StateLocation()
    # What keeps the key out of git comes before the key, and the ids before the manifest that names them: whoever is
    # interrupted runs `init` again.
    files = {IGNORE: _starter("gitignore"), ATTRIBUTES: _starter("gitattributes"), SCHEMA: _schema()}
    if not manifests:
        today = setting.today("UTC").isoformat()
        files |= {EXAMPLE: _starter(EXAMPLE), MANIFEST: _starter(MANIFEST).replace("TODAY", today)}
    written = tuple(name for name, text in files.items() if _create(root, name, text))
    spared = (EXAMPLE,) if manifests and os.path.lexists(root / EXAMPLE) else ()
    kept = (*(name for name in files if name not in written), *spared, *manifests)
    findings = (*_ignore_findings(root, state.path, written), *_attributes_findings(root, written))
    key, why = _key(setting, state)
    if key == "made":
        written = (*written, KEY_FILE)
    elif key == "kept":
        kept = (*kept, KEY_FILE)
    return Started(written, kept, key, tuple(_modelines(root, manifests)), (*findings, *why))


# Files


def _make_root(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{root.name} can't be a workspace: {_reason(error)}"
        raise WrongUsage("MP0540", message, "name a folder, or one that is to be made") from None


def _create(root: Path, name: str, text: str) -> bool:
    """Write *name* if nothing has that name; whether it was written. On failure nothing of it is left."""
    path = root / name
    with _trouble(name):
        path.parent.mkdir(exist_ok=True)
        if not path.parent.resolve().is_relative_to(root.resolve()):
            raise MixprivError("MP0541", f"can't write {name}: its folder is a link that leaves the workspace", "take the link away")
        try:
            # O_EXCL: a file, or even a dangling link, of this name is somebody's.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except FileExistsError:
            return False
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
    return True


@contextlib.contextmanager
def _trouble(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "what is there already is as it was; correct this and run `mixpriv init` again"
        raise MixprivError("MP0541", f"can't write {name}: {_reason(error)}", hint) from None


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _starter(name: str) -> str:
    """A starter file's text. Dot files are kept without their dot, so that no tool takes them for its own."""
    return resources.files("mixpriv_reconcile").joinpath("starter", *name.split("/")).read_text("utf-8")


def _schema() -> str:
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


# What is there already


def _manifests(root: Path) -> tuple[str, ...]:
    """Files that are, or were meant to be, manifests: a second `workspace:` block beside them would be an error."""
    return tuple(name for name in yaml_files(root) if LOOKS_LIKE_ONE.search(_text(root / name)))


def _text(path: Path) -> str:
    """What a file of somebody else's says; nothing where it can't be read."""
    try:
        return path.read_text("utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def _modelines(root: Path, manifests: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in manifests:
        if MODELINE not in _text(root / name):
            yield name, f"{MODELINE}{'../' * name.count('/')}{SCHEMA}"


def _state(setting: Setting) -> StateLocation:
    desired = read(setting).desired
    return desired.workspace.state if desired is not None else StateLocation()


def _ignore_findings(root: Path, state: str, written: tuple[str, ...]) -> Iterator[Diagnostic]:
    if IGNORE in written and state == StateLocation().path:
        return
    spec = pathspec.GitIgnoreSpec.from_lines(_text(root / IGNORE).splitlines())
    wanted: dict[str, tuple[str, ...]] = {KEY_FILE: (KEY_FILE,), ".mixpriv/": (".mixpriv/sandbox/sandbox.sqlite3",)}
    for path in (state, SANDBOX_STATE):
        stem = path.removesuffix(".json")
        wanted[f"{stem}.*"] = (path, f"{path}.backup", f"{stem}.d/journal", f"{stem}.lock")
    lacking = [line for line, samples in wanted.items() if not all(spec.match_file(sample) for sample in samples)]
    if lacking:
        message = f"{IGNORE} was left as it is, and git would take in what must stay out: the digest key, the state, or ids in .mixpriv/"
        yield Diagnostic("MP0543", Severity.WARNING, message, "\n".join((f"add these lines to {IGNORE}:", *lacking)))


def _attributes_findings(root: Path, written: tuple[str, ...]) -> Iterator[Diagnostic]:
    if ATTRIBUTES in written:
        return
    rules = (line.split() for line in _text(root / ATTRIBUTES).splitlines())
    exact = (rule[0] for rule in rules if {"-text", "binary"} & set(rule[1:]))
    if not pathspec.GitIgnoreSpec.from_lines(exact).match_file(EXAMPLE):
        message = f"{ATTRIBUTES} was left as it is, and git may rewrite line ends in files of ids"
        yield Diagnostic("MP0545", Severity.WARNING, message, f"add this line to {ATTRIBUTES}:\nrequests/** -text")


# The key


def _key(setting: Setting, state: StateLocation) -> tuple[KeyFate, tuple[Diagnostic, ...]]:
    """A new key, unless there is one, or one must not be made here."""
    if os.path.lexists(setting.root / KEY_FILE):
        return "kept", ()
    if KEY_VARIABLE in setting.environment:
        return "environment", ()
    if state.is_shared:
        code, message, hint = KEY_WANTED
        return "not_made", (Diagnostic(code, Severity.WARNING, message, hint),)
    orphan = next((path for path in (state.path, SANDBOX_STATE) if os.path.lexists(setting.root / path)), None)
    if orphan is not None:
        message = f"no key was made: {orphan} is there, and only the key it was made with fits it"
        hint = f"restore {KEY_FILE} from your backup, or set {KEY_VARIABLE} to the same value as before"
        return "not_made", (Diagnostic("MP0544", Severity.WARNING, message, hint),)
    if setting.in_ci:
        message = "no key was made, for CI is set: the next run would not have it"
        hint = f"set {KEY_VARIABLE} from your secret store, or run `mixpriv init` where the key can be kept"
        return "not_made", (Diagnostic("MP0542", Severity.WARNING, message, hint),)
    make_key(setting.root)
    return "made", ()
