"""The published schema: what jsonschema validates with, and what editors get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mixpriv_reconcile.kinds import KINDS
from mixpriv_reconcile.manifest.arbiter import errors_in
from mixpriv_reconcile.manifest.fitting import is_fit
from mixpriv_reconcile.manifest.schema import main, manifest_schema

PUBLISHED = Path(__file__).parent.parent.parent / "schemas" / "manifest.v1.schema.json"

EXAMPLE = """
version: 1
workspace:
  organization: {id: 42}                  # the organization id in the SSO postback URL
  timezone: UTC
  state: {backend: local, path: mixpriv.state.json}
  credentials:
    gdpr_token: {env: MIXPANEL_GDPR_TOKEN, issued: 2026-03-01}
  policy:
    max_deletions: 10000
    max_withdrawals: 1000
    opt_out: warn
    due_soon: 7d
    allow_placeholder_ids: []
  limits:
    distinct_ids_per_request: 2000
    requests_per_second: 1
projects:
  web-eu:
    id: 1978118
    token: {env: MIXPANEL_WEB_EU_TOKEN}
    residency: eu
    data_groups: 0
    sso:
      postback_url: https://eu.mixpanel.com/security/login/42
      region: eu
      identity_provider: okta
      confirmed: {by: ops@example.com, on: 2026-11-20}
    sdks:
      javascript: {source: web/src/analytics.ts, allow_hosts: [t.example.com]}
      python: {}
    deletions:
      2026-11-forgotten:
        compliance: gdpr
        received: 2026-11-03
        not_before: 2026-11-10
        extension: {notified: 2026-11-20, reason: complex request}
        distinct_ids: [user-17, user-18]
        from:
          - {file: requests/2026-11.csv, column: distinct_id}
          - {file: requests/2026-11.txt}
    retrievals:
      dsar-4711:
        compliance: ccpa
        disclosure: categories
        received: 2026-11-10
        distinct_ids: [user-19]
        download_to: exports/dsar-4711
    opt_outs:
      distinct_ids: [user-17, user-18]
      from: [{file: requests/2026-11.csv, column: distinct_id}]
      write_to: server/opt-outs.json
      digest: sha256
    legal_holds:
      distinct_ids: [user-3]
"""


class Loader(yaml.SafeLoader):
    """As an editor reads it: YAML, but days stay text."""


Loader.yaml_implicit_resolvers = {
    char: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for char, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def example() -> Any:
    """The example of the documentation, with every kind in it."""
    return yaml.load(EXAMPLE, Loader=Loader)


def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER)


def properties(schema: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every property of every object below *schema*, with its schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from properties(item, name)
    elif isinstance(schema, dict):
        known = schema.get("properties", {})
        yield from ((f"{name}.{key}", inner) for key, inner in known.items())
        for key, inner in schema.items():
            yield from properties(inner, f"{name}.{key}")


def test_the_published_schema_is_the_generated_one(tmp_path: Path) -> None:
    """`python -m mixpriv_reconcile.manifest.schema schemas` writes it from the kinds."""
    main(str(tmp_path))

    assert (tmp_path / PUBLISHED.name).read_text("utf-8") == PUBLISHED.read_text("utf-8")


def test_the_schema_is_valid() -> None:
    """It is a JSON Schema 2020-12."""
    schema = json.loads(PUBLISHED.read_text("utf-8"))

    Draft202012Validator.check_schema(schema)
    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]


def test_every_key_has_a_title_and_a_description() -> None:
    """An editor can say of each key what it is."""
    shared = manifest_schema()["$defs"]
    named = [*properties(manifest_schema()), *shared.items()]
    full = [(name, {**shared.get(schema.get("$ref", "").rpartition("/")[2], {}), **schema}) for name, schema in named]

    assert [] == [name for name, schema in full if not (schema.get("title") and schema.get("description"))]


def described() -> Iterator[tuple[str, Any]]:
    """Every property, with what its definition says where it says nothing itself."""
    shared = manifest_schema()["$defs"]
    for name, schema in properties(manifest_schema()):
        yield name, {**shared.get(schema.get("$ref", "").rpartition("/")[2], {}), **schema}


def test_every_value_has_something_to_start_from() -> None:
    """An editor can offer a value for each key that takes one: a default, an example, or all there are."""
    wordless = [name for name, schema in described() if schema.get("type") not in ("object", None) or "oneOf" in schema
                if not {"default", "examples", "enum", "const"} & schema.keys()]  # fmt: skip

    assert [] == wordless


def test_every_number_says_its_unit_and_where_its_limit_is_from() -> None:
    """A limit that Mixpanel sets says so, with the figure."""
    limits = manifest_schema()["properties"]["workspace"]["properties"]["limits"]["properties"]

    assert [] == [name for name, schema in limits.items() if "Source: " not in schema["description"]]
    assert [] == [name for name, schema in limits.items() if str(schema["maximum"]) not in schema["description"]]


def test_no_example_names_a_person() -> None:
    """But for who confirmed a step, nothing that is offered reads like somebody's address: it would be committed."""
    named = [name for name, schema in properties(manifest_schema()) if "@" in json.dumps([schema.get("examples"), schema.get("default")])]

    assert [name.rpartition(".")[2] for name in named] == ["by"]


def test_every_object_names_all_of_its_keys() -> None:
    """What an object doesn't name is refused."""
    objects = [schema for _, schema in properties(manifest_schema()) if schema.get("type") == "object"]

    assert objects
    assert all("additionalProperties" in schema for schema in objects)


@pytest.mark.parametrize("published", sorted(PUBLISHED.parent.glob("*.json")), ids=lambda path: path.name)
def test_no_list_is_checked_by_comparing_every_two_items(published: Path) -> None:
    """`uniqueItems` takes time with the square of a list's length, for all but text: an editor would hang on what somebody wrote."""
    assert '"uniqueItems"' not in published.read_text("utf-8")


def test_a_list_of_a_hundred_thousand_items_is_judged_item_by_item() -> None:
    """A list as long as this, of text and numbers, is accepted at once; comparing every two of its items would take an hour."""
    document = example()
    document["workspace"]["policy"]["allow_placeholder_ids"] = [number if number % 2 else str(number) for number in range(100_000)]
    assert is_fit(document)
    assert [] == list(errors_in(document))


def test_the_examples_of_the_schema_are_valid() -> None:
    """What an editor offers as an example is accepted where it is offered."""
    root = manifest_schema()
    for name, schema in properties(root):
        for given in (*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())):
            assert [] == list(Draft202012Validator({**schema, "$defs": root["$defs"]}).iter_errors(given)), name


def test_the_contracts_example_is_accepted() -> None:
    """The example in the documentation keeps to the schema."""
    assert [] == [error.message for error in validator().iter_errors(example())]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("workspace", "timzone"), "UTC"),
        (("workspace", "limits", "requests_per_second"), 2),
        (("projects", "web.eu"), {}),
        (("projects", "web-eu", "token"), "s3cret"),
        (("projects", "web-eu", "token"), {"env": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}),
        (("projects", "web-eu", "token"), {"env": "A", "file": "b"}),
        (("projects", "web-eu", "residency"), "uk"),
        (("projects", "web-eu", "sdks", "javascrpt"), {}),
        (("projects", "web-eu", "sdks", "python"), {"sources": "a.py"}),
        (("projects", "web-eu", "deletions", "2026-11-forgotten", "received"), "3.11.2026"),
        (("projects", "web-eu", "deletions", "2026-11-forgotten", "distinct_ids"), [["x"]]),
    ],
)
def test_the_schema_refuses(path: tuple[str, ...], value: Any) -> None:
    """An editor sees what the program would refuse."""
    document = block = example()
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value

    assert [] != list(validator().iter_errors(document))


@pytest.mark.parametrize("value", ["user-17", 7, 1e5, False, None])
def test_any_scalar_is_an_id(value: Any) -> None:
    """An editor accepts an id that looks like a number or a word of YAML, for it is taken as written."""
    document = example()
    document["projects"]["web-eu"]["deletions"]["2026-11-forgotten"]["distinct_ids"] = [value]
    document["workspace"]["policy"]["allow_placeholder_ids"] = [value]

    assert [] == list(validator().iter_errors(document))


def test_every_kind_has_its_place() -> None:
    """Each kind is a key of a project."""
    known = manifest_schema()["$defs"]["project"]["properties"]

    assert {kind.name for kind in KINDS} < set(known)
