"""Masking is by type: what holds a secret or an id masks itself, and nobody looks for one in a text in order to hide it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

import mixpriv_reconcile
from mixpriv_reconcile.model.ids import InlineIds
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.reading import read
from mixpriv_reconcile.pipeline.setting import Setting

PACKAGE = Path(mixpriv_reconcile.__file__).parent

REVEALING = {
    "apply/conflict.py": "compares the names of tasks with the tokens",
    "pipeline/importing.py": "compares what was given as a task's id with the tokens",
    "remote/account.py": "puts a service account's on the wire",
    "remote/client.py": "puts them on the wire",
    "remote/exports.py": "follows the link to an export",
    "remote/pace.py": "tells tokens apart",
    "render/diagnostics.py": "shows a terminal a line with its ids, where that was asked for",
    "state/http.py": "hands the state's server its name and password",
    "state/http_calls.py": "puts them on the wire",
}
"""Where the value behind a `Secret` is asked for, and why."""

INTERPOLATED = {"remote/client.py": 1}
"""How often a revealed value becomes a part of a text: the header on the wire."""

MASKING = {"model/secrets.py", "ids/keys.py", "manifest/excerpt.py", "sdks/scan/excerpt.py"}
"""Where a mask is made: two files of types that mask themselves, and two that mask characters by their place, in a manifest and in a source."""

SENSITIVE = {"authorization", "bearer", "bearers", "blob", "body", "distinct_ids", "ineligible", "project_token", "query", "raw", "text", "token"}
PLAIN = {
    *(f"model.page.{block}.text" for block in ("Code", "Heading", "Sentence")),
    *("sandbox.actions.StatusCode.text", "sandbox.calls.LoggedCall.authorization", "sdks.profile.OptOut.query"),
}
"""Fields that are named so and hold something else: what is shown of a page, an error's fixed text, the scheme without what follows it,
and names of methods."""

MASKED_TYPES = ("Secret", "SecretRef", "RawIds", "InlineIds")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a method or function *name*."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if name in (getattr(call.func, "attr", None), getattr(call.func, "id", None))]


def test_values_are_revealed_in_few_places() -> None:
    """A secret's value is asked for only where it goes on the wire or is compared; a new place needs a line here, with its reason."""
    assert set(REVEALING) == {file for file, tree in modules() if calls(tree, "reveal")}


def test_a_revealed_value_becomes_no_text() -> None:
    """No message is built around a secret's value: it is a part of a text for the wire and for a name that is hashed, and nowhere else."""
    found: dict[str, int] = {}
    for file, tree in modules():
        formats = set(calls(tree, "format"))
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.BinOp) or node in formats]
        revealed = {call for text in texts for call in calls(text, "reveal")}
        if revealed:
            found[file] = len(revealed)
    assert INTERPOLATED == found


def test_nothing_is_masked_by_searching() -> None:
    """No code hides a secret by looking for it in a text: masks are made where types and places are known, and never put in by replacing."""
    makers = set()
    for file, tree in modules():
        constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if "MASK" in names or any(word in text for text in constants for word in ("‹masked", "***", "•", "REDACTED")):
            makers.add(file)
        for call in [*calls(tree, "replace"), *calls(tree, "sub"), *calls(tree, "translate")]:
            arguments = [node for argument in call.args for node in ast.walk(argument)]
            assert not [node for node in arguments if isinstance(node, ast.Name) and node.id == "MASK"], file
            assert not [call for argument in call.args for call in calls(argument, "reveal")], file
    assert makers == MASKING


def test_private_values_are_looked_into_by_their_owner_only() -> None:
    """What a masking type keeps inside is read by its own file alone."""
    inside = {file for file, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "_value"}
    assert {"model/secrets.py"} == inside


def dataclasses_of_the_package() -> list[type]:
    found = []
    for module in pkgutil.walk_packages([str(PACKAGE)], "mixpriv_reconcile."):
        if not module.name.endswith("__main__"):
            loaded = importlib.import_module(module.name)
            found += [one for one in vars(loaded).values() if dataclasses.is_dataclass(one) and one.__module__ == module.name]
    return found


def test_what_may_hold_an_id_or_a_token_is_not_printed() -> None:
    """No dataclass prints raw bytes, or a field that is named like a token, a body or ids, unless its type masks itself."""
    shown = [
        f"{one.__module__.removeprefix('mixpriv_reconcile.')}.{one.__name__}.{field.name}"
        for one in dataclasses_of_the_package()
        for field in dataclasses.fields(one)
        if field.repr
        and not any(masked in str(field.type) for masked in MASKED_TYPES)
        and (field.name in SENSITIVE or "bytes" in str(field.type) or "bytearray" in str(field.type))
    ]
    assert sorted(PLAIN) == sorted(shown)


def nodes(value: object, seen: set[int]) -> Iterator[object]:
    """All that is reachable from *value* through fields, slots, mappings and sequences."""
    if id(value) in seen or isinstance(value, str | bytes | int | float | type(None)):
        return
    seen.add(id(value))
    yield value
    if isinstance(value, RawIds | Secret | InlineIds):
        return
    inner: list[object] = []
    if dataclasses.is_dataclass(value):
        inner += [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, dict):
        inner += value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inner += value
    for one in inner:
        yield from nodes(one, seen)


def test_a_workspace_that_was_read_prints_no_id(tmp_path: Path) -> None:
    """Nothing of what a manifest becomes, printed whole or in any part, shows an id that stands in it."""
    canary = "canary.person@example.com"
    (tmp_path / "privacy.yaml").write_text(
        "version: 1\nworkspace: {credentials: {gdpr_token: {env: T}}}\nprojects:\n  web:\n    id: 1\n    token: {env: W}\n    residency: eu\n"
        f"    deletions:\n      r1: {{compliance: gdpr, distinct_ids: [{canary}, x]}}\n",
        "utf-8",
    )
    reading = read(Setting(tmp_path, {"T": canary, "W": canary}, SystemClock()))
    assert reading.desired is not None
    found = list(nodes(reading, set()))
    assert [one for one in found if isinstance(one, InlineIds)]
    assert [] == [type(one).__name__ for one in found if canary in repr(one) or canary in str(one) or canary in f"{one}"]


@pytest.mark.parametrize("spell", [repr, str, lambda value: f"{value}", lambda value: f"{[value]}"])
def test_inline_ids_print_none(spell) -> None:  # type: ignore[no-untyped-def]
    """The packed ids of a manifest print their file and nothing of them."""
    ids = InlineIds("privacy.yaml", b"canary-1canary-2", array("Q", [8, 16]), array("I", [1, 2]), array("I", [1, 1]))
    assert "canary" not in spell(ids)
