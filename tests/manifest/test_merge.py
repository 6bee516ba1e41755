"""All manifests are merged: one workspace block, each project once, and nothing depends on their order."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mixpriv_reconcile.manifest.fingerprint import fingerprint

from .workspace import HEAD, PROJECT, WHOLE, codes, only, read, wished

APP = "version: 1\n" + PROJECT.replace("web", "app").replace("17", "18").replace("WEB", "APP")


def test_manifests_are_merged(tmp_path: Path) -> None:
    """Settings in one file and projects in others make one desired state."""
    desired = wished(read(tmp_path, HEAD, "version: 1\n" + PROJECT, APP))

    assert ["app", "web"] == sorted(desired.projects)
    assert ["app.residency", "web.residency"] == [str(resource.address) for resource in desired.resources]
    assert desired.workspace.gdpr_token is not None


def test_a_second_workspace_block_names_both_places(tmp_path: Path) -> None:
    """Two `workspace:` blocks are an error at the second, which names the first."""
    found = only(read(tmp_path, HEAD, "version: 1\nworkspace: {timezone: UTC}\n"))

    assert ("MP0301", "m1.yaml:2:1") == (found.code, str(found.span))
    assert "m.yaml:2:1" in found.message


def test_a_project_named_twice_names_both_places(tmp_path: Path) -> None:
    """One name for two projects is an error at the second, which names the first."""
    found = only(read(tmp_path, HEAD + PROJECT, APP.replace("app", "web")))

    assert ("MP0302", "m1.yaml:3:3") == (found.code, str(found.span))
    assert "m.yaml:6:3" in found.message


def test_a_project_id_declared_twice_names_both_places(tmp_path: Path) -> None:
    """The same project of Mixpanel under two names is an error at the second id, which names the first project and its place."""
    found = only(read(tmp_path, HEAD + PROJECT, APP.replace("18", "17")))

    assert "MP0303" == found.code
    assert {"m.yaml", "m1.yaml"} == set(re.findall(r"m1?\.yaml", f"{found.span} {found.message}"))


def test_a_token_shared_by_two_projects_is_a_warning(tmp_path: Path) -> None:
    """Two projects that look up the same token are probably a slip."""
    assert ["MP0304"] == codes(read(tmp_path, HEAD + PROJECT, APP.replace("APP", "WEB")))


def test_deletions_need_a_gdpr_token(tmp_path: Path) -> None:
    """Deletions without a reference to the GDPR token are a warning, for it may be absent; projects without deletions need none."""
    reading = read(tmp_path, "version: 1\n" + WHOLE[len(HEAD) :] + "        distinct_ids: []\n")
    assert ["MP0305"] == codes(reading)
    assert reading.desired is not None
    assert [] == codes(read(tmp_path, "version: 1\n" + PROJECT))


# The fingerprint

RICH = """\
version: 1
workspace:
  organization: {id: 42}
  timezone: Europe/Berlin
  state: {backend: local, path: s.json}
  credentials: {gdpr_token: {env: G, issued: 2026-03-01}}
  policy: {max_deletions: 5, max_withdrawals: 6, opt_out: off, due_soon: 3d, allow_placeholder_ids: [anon, "0"]}
  limits: {distinct_ids_per_request: 7, requests_per_second: 0.5}
projects:
  web:
    id: 17
    token: {env: W}
    residency: eu
    data_groups: 1
    sso: {postback_url: eu.mixpanel.com/security/login/42, region: eu, identity_provider: okta, confirmed: {by: ops, on: 2026-11-20}}
    deletions:
      r1:
        compliance: gdpr
        received: 2026-11-03
        not_before: 2026-11-10
        extension: {notified: 2026-11-20, reason: complex}
        from: [{file: a.csv, column: c}, {file: b.txt}, {file: c.ndjson, field: f}]
"""

CHANGES = [
    ("Europe/Berlin", "Europe/Paris"),
    ("s.json", "t.json"),
    ("env: G", "env: H"),
    ("env: G", "file: G"),
    ("2026-03-01", "2026-03-02"),
    ("max_deletions: 5", "max_deletions: 4"),
    ("max_withdrawals: 6", "max_withdrawals: 7"),
    ("opt_out: off", "opt_out: warn"),
    ("due_soon: 3d", "due_soon: 4d"),
    ("[anon,", "[unknown,"),
    ("request: 7", "request: 8"),
    ("0.5", "0.25"),
    ("  web:", "  app:"),
    ("id: 17", "id: 18"),
    ("env: W", "env: V"),
    ("data_groups: 1", "data_groups: 2"),
    ("residency: eu\n", "residency: us\n"),
    ("security/login/42", "security/sso/v2/authorize/?org_id=42"),
    ("okta", "entra"),
    ("by: ops", "by: dev"),
    ("2026-11-20}}", "2026-11-21}}"),
    ("r1:", "r2:"),
    ("gdpr\n", "ccpa\n"),
    ("2026-11-03", "2026-11-04"),
    ("2026-11-10", "2026-11-11"),
    ("complex", "many"),
    ("notified: 2026-11-20", "notified: 2026-11-19"),
    ("a.csv, column: c", "a.csv, column: d"),
    ("b.txt", "c.txt"),
    (", {file: b.txt}", ""),
    ("field: f", "field: g"),
]


def printed(root: Path, *manifests: str) -> str:
    """The fingerprint."""
    return wished(read(root, *manifests)).fingerprint


@pytest.mark.parametrize(("was", "now"), CHANGES)
def test_any_changed_value_changes_the_fingerprint(tmp_path: Path, was: str, now: str) -> None:
    """Whatever a manifest says counts: a saved plan doesn't fit another text."""
    changed = RICH.replace(was, now, 1)
    if "residency: us" in changed:
        changed = changed.replace("sso: {", "sso: {region: eu, ").replace(", region: eu, id", ", id")

    assert changed != RICH
    assert printed(tmp_path, RICH) != printed(tmp_path, changed)


def shuffled(value: Any, chance: random.Random) -> Any:
    """*value* with mapping keys and `from` entries in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(item, chance)) for key, item in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return chance.sample([shuffled(item, chance) for item in value], len(value))
    return value


@pytest.mark.parametrize("seed", range(5))
def test_order_and_comments_do_not_change_the_fingerprint(tmp_path: Path, seed: int) -> None:
    """The order of files, keys and sources, comments, quotes and style change nothing."""
    chance = random.Random(seed)
    values = yaml.load(RICH, Loader=yaml.BaseLoader)
    values["version"] = 1
    for path in (("workspace", "organization", "id"), ("projects", "web", "id"), ("projects", "web", "data_groups")):
        block = values
        for key in path[:-1]:
            block = block[key]
        block[path[-1]] = int(block[path[-1]])
    for name in ("max_deletions", "max_withdrawals"):
        values["workspace"]["policy"][name] = int(values["workspace"]["policy"][name])
    limits = values["workspace"]["limits"]
    values["workspace"]["limits"] = {"distinct_ids_per_request": int(limits["distinct_ids_per_request"]), "requests_per_second": 0.5}
    text = yaml.safe_dump(shuffled(values, chance), sort_keys=False, default_flow_style=seed % 2 == 0)
    expected = printed(tmp_path, RICH)

    assert expected == printed(tmp_path, "# a comment\n" + text + "# another\n")


def test_files_may_be_split_and_renamed(tmp_path: Path) -> None:
    """In how many files the manifests lie, and in which order, doesn't count."""
    head, _, projects = RICH.partition("projects:\n")
    parts = [head, "version: 1\nprojects:\n" + projects, APP]
    results = {printed(tmp_path / str(number), *order) for number, order in enumerate(itertools.permutations(parts))}

    assert 1 == len(results)


def test_inline_ids_count_elsewhere(tmp_path: Path) -> None:
    """Ids don't enter the fingerprint, for they enter the plan's digest by their own."""
    one, other = (RICH.replace("        from:", f"        distinct_ids: [{name}]\n        from:") for name in ("a", "b"))

    assert printed(tmp_path, one) == printed(tmp_path, other) != printed(tmp_path, RICH)


def test_numbers_and_texts_differ() -> None:
    """1, "1", 1.0 and true are four values."""
    assert 4 == len({fingerprint({"a": value}, {}) for value in (1, "1", 1.0, True)})
