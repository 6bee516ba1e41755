"""What an editor shows of a manifest: asked of the language server that editors use for YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .language_server import PROGRAM, LanguageServer
from .test_schema import EXAMPLE, PUBLISHED

pytestmark = pytest.mark.engines

CHECKOUT = PUBLISHED.parent.parent
MODELINE = "# yaml-language-server: $schema=../schemas/manifest.v1.schema.json\n"

BAD = f"""\
{MODELINE}version: 2
workspace:
  timzone: UTC
  limits: {{requests_per_second: 2}}
projects:
  web:
    id: a-number
    token: {{env: WEB_TOKEN}}
    residency: uk
    deletions:
      november:
        recieved: 2026-11-03
        compliance: hipaa
        distinct_ids: [user-1]
      december:
        compliance: gdpr
        from: [{{column: distinct_id}}]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """The server, in a workspace whose schema lies where the modelines say."""
    assert PROGRAM.exists(), "run: make build/engines/.installed"
    root = tmp_path_factory.mktemp("workspace")
    (root / "schemas").mkdir()
    (root / "schemas" / PUBLISHED.name).write_text(PUBLISHED.read_text("utf-8"), "utf-8")
    (root / "projects").mkdir()
    with LanguageServer(root) as running:
        yield running


def placed(text: str, word: str) -> tuple[int, int]:
    """Line and character, from 0, of the first *word* in *text*."""
    before = text.partition(word)[0]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def test_the_example_of_the_documentation_is_fine(server: LanguageServer) -> None:
    """A manifest with every key there is has nothing underlined: the server knows the draft of the schema."""
    assert [] == server.opened(server.root / "projects/good.yaml", MODELINE + EXAMPLE)


@pytest.mark.parametrize("manifest", sorted(CHECKOUT.glob("examples/**/*.yaml")), ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_the_examples_are_fine(server: LanguageServer, manifest: Path) -> None:
    """Opened in the checkout, no manifest of the examples has anything underlined, and a key of each is explained."""
    text = manifest.read_text("utf-8")
    if "# yaml-language-server:" not in text:
        return
    assert [] == server.opened(manifest)
    assert "always 1" in server.hover(manifest, *placed(text, "version"))


def test_what_is_wrong_is_underlined_where_it_stands(server: LanguageServer) -> None:
    """Each mistake is found on its line, and no other line has one."""
    found = server.opened(server.root / "projects/bad.yaml", BAD)
    expected = ("version: 2", "timzone", "requests_per_second", "a-number", "residency: uk", "recieved", "compliance: hipaa", "{column")
    assert sorted(placed(BAD, word)[0] for word in expected) == sorted({one["range"]["start"]["line"] for one in found})


@pytest.mark.parametrize("word", ["retrievals", "max_deletions", "received", "disclosure", "download_to", "distinct_ids_per_request"])
def test_a_key_is_explained(server: LanguageServer, word: str) -> None:
    """Where the pointer rests on a key, its description in the schema is shown."""
    path = server.root / "projects/hovered.yaml"
    server.opened(path, MODELINE + EXAMPLE)
    shown = server.hover(path, *placed(MODELINE + EXAMPLE, word))
    assert plain(description_of(word)) in plain(shown)


def description_of(name: str) -> str:
    """What the schema says of the key *name*, wherever it has it."""
    waiting = [json.loads(PUBLISHED.read_text("utf-8"))]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict):
            if "description" in (found := schema.get("properties", {}).get(name, {})):
                return str(found["description"])
            waiting += schema.values()
    raise AssertionError(name)


def plain(text: str) -> str:
    """*text* without what Markdown needs to show it as it is."""
    return " ".join(text.replace("\\", "").replace("&nbsp;", " ").split())


def test_keys_of_a_request_are_offered(server: LanguageServer) -> None:
    """Below the name of a deletion, its keys are offered, each with what it means; none of another place is."""
    path, text = server.root / "projects/typed.yaml", MODELINE + "version: 1\nprojects:\n  web:\n    deletions:\n      november:\n        \n"
    server.opened(path, text)
    offered = server.completions(path, 6, 8)
    keys = {"compliance", "received", "not_before", "extension", "distinct_ids", "from"}
    assert keys <= offered.keys()
    assert not {"residency", "download_to", "policy"} & offered.keys()
    assert [] == [key for key in keys if not offered[key]]


def test_values_are_offered(server: LanguageServer) -> None:
    """Behind `compliance:` both laws are offered."""
    path, text = server.root / "projects/valued.yaml", MODELINE + "version: 1\nprojects:\n  web:\n    deletions:\n      november:\n        compliance: \n"
    server.opened(path, text)
    assert {"gdpr", "ccpa"} <= server.completions(path, 6, 20).keys()


def test_the_modeline_decides(server: LanguageServer) -> None:
    """Without its first line a file is any YAML: nothing is underlined, for no schema is guessed by name."""
    assert [] == server.opened(server.root / "projects/plain.yaml", BAD.removeprefix(MODELINE))
