"""The source line of a finding, with everything masked that isn't known to be harmless.

Shown are keys and values that stand where neither ids nor secrets belong. All else on the line, comments included, is
masked character by character, so that the caret still points at the right place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from mixpriv_reconcile.manifest.document import Path

__all__ = ["excerpts"]

MASK = "•"
STRUCTURE = frozenset(" -{}[],:\"'#|>&*!?\t")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
LEADING_KEY = re.compile(r"\s*(?:- +)?([a-z_]+):")

REFERENCE = frozenset({"env", "file", "issued"})
WORKSPACE_KEYS = frozenset(
    "organization id timezone state backend path credentials gdpr_token service_account username secret policy max_deletions "
    "max_withdrawals opt_out due_soon allow_placeholder_ids limits distinct_ids_per_request requests_per_second".split()
)
PROJECT_KEYS = frozenset("id token residency data_groups sso sdks deletions retrievals opt_outs legal_holds".split())
SSO_KEYS = frozenset("postback_url region identity_provider confirmed by on".split())
REQUEST_KEYS = frozenset(
    "compliance received not_before extension notified reason disclosure download_to distinct_ids from file column field write_to digest".split()
)
SHOWN_IN_REQUEST = REQUEST_KEYS - {"distinct_ids"}
KNOWN_KEYS = frozenset({"version", "workspace", "projects"}) | WORKSPACE_KEYS | PROJECT_KEYS | SSO_KEYS | REQUEST_KEYS | REFERENCE


def excerpts(text: str, lines: Collection[int]) -> Mapping[int, str]:
    """The masked text of each of *lines* (counted from 1)."""
    source = text.splitlines()
    shown: dict[int, list[tuple[int, int]]] = {line: [] for line in lines if 0 < line <= len(source)}
    try:
        _collect(text, shown)
    except yaml.YAMLError:
        pass  # what comes after the place where parsing ends stays masked
    return {line: _masked(source[line - 1], spans) for line, spans in shown.items()}


def _masked(line: str, shown: list[tuple[int, int]]) -> str:
    spans = list(shown)
    leading = LEADING_KEY.match(line)
    if leading is not None and leading[1] in KNOWN_KEYS:
        spans.append(leading.span(1))
    visible = {at for start, end in spans for at in range(start, end)}
    return "".join(char if at in visible or char in STRUCTURE else MASK for at, char in enumerate(line))


def _collect(text: str, shown: dict[int, list[tuple[int, int]]]) -> None:
    """Put into *shown* the harmless scalars of its lines, as (start, end) columns from 0."""
    stack: list[tuple[str, Path, list[object]]] = []  # kind, path, [next key or position]
    parser = CParser(text)
    try:
        while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.ScalarEvent):
                path, is_key = _step(stack, event.value)
                start: Any = event.start_mark
                end: Any = event.end_mark
                if start.line + 1 in shown and start.line == end.line and _is_harmless(path, is_key):
                    shown[start.line + 1].append((start.column, end.column))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                path, _ = _step(stack, "")
                stack.append(("map" if isinstance(event, yaml.MappingStartEvent) else "seq", path, [None]))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                stack.pop()
            elif isinstance(event, yaml.AliasEvent):
                _step(stack, "")
    finally:
        parser.dispose()


def _step(stack: list[tuple[str, Path, list[object]]], text: str) -> tuple[Path, bool]:
    """The path of the node that comes next, and whether it is a key."""
    if not stack:
        return (), False
    kind, path, pending = stack[-1]
    if kind == "seq":
        return (*path, 0), False
    if pending[0] is None:
        pending[0] = text
        return (*path, text), True
    key, pending[0] = pending[0], None
    return (*path, str(key)), False


def _is_harmless(path: Path, is_key: bool) -> bool:
    match path:
        case (str() as top,) if is_key:
            return top in ("version", "workspace", "projects")
        case ("version",):
            return True
        case ("workspace", *below):
            return _in_workspace(tuple(below), is_key)
        case ("projects", str() as name) if is_key:
            return NAME.fullmatch(name) is not None
        case ("projects", _, str() as key, *below):
            return _in_project(key, tuple(below), is_key)
        case _:
            return False


def _in_workspace(below: Path, is_key: bool) -> bool:
    if is_key:
        return below[-1] in WORKSPACE_KEYS | REFERENCE
    if below[:1] == ("credentials",):
        return below[-1] in REFERENCE
    return all(key in WORKSPACE_KEYS or key == 0 for key in below)


def _in_project(key: str, below: Path, is_key: bool) -> bool:
    if not below:
        return key in PROJECT_KEYS if is_key else key in {"id", "residency", "data_groups"}
    if key == "token":
        return below[-1] in REFERENCE
    if key == "sso":
        return all(part in SSO_KEYS for part in below)
    if key in {"deletions", "retrievals"}:
        name, rest = below[0], below[1:]
        if not rest:
            return is_key and isinstance(name, str) and NAME.fullmatch(name) is not None
        return _in_request(rest, is_key)
    if key in {"opt_outs", "legal_holds"}:
        return _in_request(below, is_key)
    return False


def _in_request(below: Path, is_key: bool) -> bool:
    if is_key:
        return below[-1] in REQUEST_KEYS and "distinct_ids" not in below[:-1]
    return all(part in SHOWN_IN_REQUEST or part == 0 for part in below)
