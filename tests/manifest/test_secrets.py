"""No id and no secret is ever repeated: not in a message, not in the line shown, not in JSON, not by a `repr`."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .workspace import HEAD, PROJECT, WHOLE, codes, everything, only, read, wished, wrote

CANARIES = [
    "jane.doe@canary.example",
    "jane.doe%40canary.example",
    "Ünï-😀-canary",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "ABCDEF0123456789ABCDEF0123456789",
    "+49 171 5550123",
    "eyJhbGciOiJIUzI1NiJ9.e30.canary-sig",
]

SPECIALS = [
    "a: b",
    "{x: [y",
    "*star",
    "&and",
    "!bang",
    "# hash",
    "'quote",
    '"double',
    "%percent",
    "@at",
    "- dash",
    "? what",
    "| pipe",
    "`tick",
    "a\\b",
    "${A}",
]

PLACES = {
    "an id that is empty beside it": "        distinct_ids: [{}, [x]]\n",
    "an id in a block list": "        distinct_ids:\n        - {}\n        - [x]\n",
    "an id as a scalar": "        distinct_ids: {}\n",
    "an id as a key": "        distinct_ids: {{{}: x}}\n",
    "a list that lost its key": "        - {}\n",
    "a list indented too little": "        distinct_ids:\n      - {}\n      - b\n",
    "a list indented too much": "        distinct_ids: []\n            - {}\n",
    "an id in the place of a key": "        distinct_ids: []\n        {}: 1\n",
    "an id in the place of a name": "        distinct_ids: []\n      {}: {{}}\n",
    "an id in the place of a name, with keys below": "        distinct_ids: []\n      {}: {{complianse: gdpr, nope: 1}}\n",
    "an id in the place of a project": "        distinct_ids: []\n  {}: {{}}\n",
    "an id in the place of a kind": "        distinct_ids: []\n    {}: {{}}\n",
    "an id at the top": "        distinct_ids: []\n{}: 1\n",
    "an id in a comment": "        nope: 1  # {}\n        distinct_ids: []\n",
    "an id in a comment of its own": "        # {}\n        nope: [\n",
    "an id under a misspelt key": "        distinct_id: [{}]\n",
    "an id as the value of a misspelt key": "        recieved: {}\n        distinct_ids: []\n",
    "an id as a law": "        complience: {}\n        distinct_ids: []\n",
    "an id as a day": "        not_before: {}\n        distinct_ids: []\n",
    "an id as a reason": "        extension: {{notified: soon, reason: {}, x: 1}}\n        distinct_ids: []\n",
    "an id never closed": "        distinct_ids: [{}\n",
    "an id in a broken quote": "        distinct_ids: ['{}]\n        nope: 'x\n",
    "an id behind a tab": "        distinct_ids:\n\t- {}\n",
    "an id before a colon": "        distinct_ids: [a: {}: b]\n",
    "an id beside a misspelt key": "        distinct_ids: []\n    legal_holds: {{distinct_ids: [{}], nope: 1}}\n",
    "an id as an anchor": "        distinct_ids: &{} {{}}\n",
    "an id as an alias": "        distinct_ids: *{}\n",
    "an id as a tag": "        distinct_ids: !{} []\n",
    "an id twice as a key": "        x: {{{0}: 1, {0}: 2}}\n        distinct_ids: []\n",
    "an id as a complex key": "        ? [{}]\n        : 1\n        distinct_ids: []\n",
    "an id in a block scalar": "        distinct_ids: |\n          {}\n        nope: 1\n",
    "an id on the next line": "        distinct_ids:\n          {}\n        nope: 1\n",
    "an id as a placeholder": "        distinct_ids: []\nworkspace: {{policy: {{allow_placeholder_ids: [{}]}}}}\n",
    "a token as an id of a project": "        distinct_ids: []\n  app: {{id: {}, token: {{env: A}}, residency: eu}}\n",
    "a token as it is": "        distinct_ids: []\n  app: {{id: 18, token: {}, residency: eu}}\n",
    "a token in a list": "        distinct_ids: []\n  app: {{id: 18, token: [{}], residency: eu}}\n",
    "a token as a key": "        distinct_ids: []\n  app: {{id: 18, token: {{{}: x}}, residency: eu}}\n",
    "a token under another key": "        distinct_ids: []\n  app: {{id: 18, token: {{value: {}}}, residency: eu}}\n",
    "a token as a variable": "        distinct_ids: []\n  app: {{id: 18, token: {{env: {}, nope: 1}}, residency: eu}}\n",
    "a token as a file": "        distinct_ids: []\n  app: {{id: 18, token: {{file: {}, nope: 1}}, residency: eu}}\n",
    "a token as a region": "        distinct_ids: []\n  app: {{id: 18, token: {{env: A}}, residency: {}}}\n",
    "a token in a URL": "        distinct_ids: []\n    sso: {{postback_url: 'http://x/{}'}}\n",
    "a token as a user of a URL": "        distinct_ids: []\n    sso: {{postback_url: 'https://{}@eu.mixpanel.com/security/login/42'}}\n",
    "a token as a version": "        distinct_ids: []\nversion: {}\n",
    "a token as a time zone": "        distinct_ids: []\nworkspace: {{timezone: {}}}\n",
    "a token as a password of the state": "        distinct_ids: []\nworkspace: {{state: {{backend: http, password: {}}}}}\n",
    "a token as an account": "        distinct_ids: []\nworkspace: {{state: {{backend: azure, account: {}, container: a}}}}\n",
    "a token in an address": "        distinct_ids: []\nworkspace: {{state: {{backend: http, address: 'https://u:{}@x.example'}}}}\n",
    "a token as a query": "        distinct_ids: []\nworkspace: {{state: {{backend: http, address: 'https://x.example/?t={}'}}}}\n",
    "a token as a path": "        distinct_ids: []\nworkspace: {{state: {{backend: s3, bucket: a, endpoint: 'http://x.example/{}'}}}}\n",
    "a token as a method": "        distinct_ids: []\nworkspace: {{state: {{backend: http, address: 'https://x', lock_method: {}}}}}\n",
    "a token as a limit": "        distinct_ids: []\nworkspace: {{limits: {{distinct_ids_per_request: {}}}}}\n",
}


def planted(place: str, canary: str) -> tuple[str, ...]:
    """Manifests with *canary* at *place*; a second workspace block stands in a file of its own."""
    text = PLACES[place].format(canary)
    if "\nworkspace:" in text:
        before, _, after = text.partition("\nworkspace:")
        return "version: 1\n" + WHOLE[len(HEAD) :] + before + "\n", "version: 1\nworkspace:" + after
    return (WHOLE + text,)


def leaks(printed: str, canary: str) -> bool:
    """Whether *printed* holds *canary*, or a part of it that would do."""
    return any(part in printed for part in (canary, canary[:12], canary[-12:]))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("canary", CANARIES)
def test_what_may_be_an_id_or_a_secret_is_never_repeated(tmp_path: Path, place: str, canary: str) -> None:
    """Wherever an id or a token goes astray, no finding repeats it."""
    reading = read(tmp_path, *planted(place, canary))

    assert not leaks(everything(reading), canary)


@pytest.mark.parametrize("place", PLACES)
def test_nor_where_it_is_quoted(tmp_path: Path, place: str) -> None:
    """Quotes don't unmask it."""
    for canary, quote in itertools.product(CANARIES, "\"'"):
        assert not leaks(everything(read(tmp_path, *planted(place, quote + canary + quote))), canary)


@pytest.mark.parametrize("special", SPECIALS)
def test_a_literal_with_yaml_specials_is_not_repeated(tmp_path: Path, special: str) -> None:
    """A literal secret that YAML itself stumbles over stays masked, parsed or not."""
    for literal in (special + "hunter2hunter2", "hunter2hunter2" + special, f"'{special}hunter2hunter2", f'"{special}hunter2hunter2"'):
        for template in (
            "    token: {}\n",
            "    token: {{env: {}}}\n",
            "    token: {{{}: x}}\n",
            "    token:\n      {}\n",
            "    token: |\n      {}\n    nope: 1\n",
        ):
            text = HEAD + PROJECT.replace("    token: {env: WEB_TOKEN}\n", template.format(literal))
            reading = read(tmp_path, text)

            assert "hunter2" not in everything(reading)
            assert reading.desired is None or "file" in template


def test_a_literal_secret_is_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    """A secret in a manifest is an error; the hint shows the reference to write instead."""
    found = only(read(tmp_path, HEAD + PROJECT.replace("{env: WEB_TOKEN}", "s3cret")))

    assert ("MP0210", "    token: ••••••", "m.yaml:8:12") == (found.code, found.excerpt, str(found.span))
    assert "`token: {env: NAME}`" in found.hint


@pytest.mark.parametrize("token", ["0f1e2d3c4b5a69788796a5b4c3d2e1f0", "f" * 32, "ABCDEF" * 7])
def test_a_token_in_the_place_of_its_variables_name_is_an_error(tmp_path: Path, token: str) -> None:
    """`{env: 0f1e…}` is a token and no variable; it is refused before it can be printed as a name."""
    found = only(read(tmp_path, HEAD + PROJECT.replace("WEB_TOKEN", token)))

    assert "MP0210" == found.code
    assert token not in everything(read(tmp_path))


def test_secret_files_may_lie_outside(tmp_path: Path) -> None:
    """A reference to a file is exempt from the rule that paths stay inside, and nothing is opened."""
    token = wished(read(tmp_path, HEAD + PROJECT.replace("{env: WEB_TOKEN}", "{file: /run/secrets/web}"))).projects["web"].token

    assert "/run/secrets/web" == token.file


@pytest.mark.parametrize("own", ["{env: MIXPRIV_DIGEST_KEY}", "{env: mixpriv_url_eu}", "{file: mixpriv.key}", "{file: ./a/../mixpriv.key}"])
def test_what_is_the_programs_own_is_no_credential(tmp_path: Path, own: str) -> None:
    """The program's own variables and its key are never sent as a token, neither the project's nor the GDPR token."""
    for text in (HEAD + PROJECT.replace("{env: WEB_TOKEN}", own), (HEAD + PROJECT).replace("{env: GDPR_TOKEN,", own[:-1] + ",")):
        assert ["MP0370"] == codes(read(tmp_path, text))


def test_known_keys_and_values_are_shown(tmp_path: Path) -> None:
    """Masking leaves what a reader needs: known keys, punctuation, and values that look as they should."""
    text = HEAD + PROJECT.replace("{env: WEB_TOKEN}", "{env: WEB_TOKEN, nope: x}  # ours").replace("residency: eu", "{residency: eu}: 1")
    (first, *_) = [found for found in read(tmp_path, text).diagnostics if found.code == "MP0201"]

    assert "    token: {env: WEB_TOKEN, ••••: •}  ••••••" == first.excerpt


def test_a_line_that_cannot_be_parsed_shows_its_first_key_at_most(tmp_path: Path) -> None:
    """Behind the place where a file stops being YAML, only a known key at a line's start is shown."""
    found = read(tmp_path, WHOLE + "        distinct_ids: [a, b: c: d]\n").diagnostics[-1]

    assert "        distinct_ids: [•, •: •••••" == found.excerpt


def test_a_manifest_of_no_more_than_a_name_is_masked(tmp_path: Path) -> None:
    """A name is shown where it is surely one, that is with known keys below."""
    text = HEAD + "projects:\n  web: {id: 17, token: {env: A}, residency: eu, deletions: {some-body: , r2: {compliance: gdpr}}}\n"
    found = read(tmp_path, text).diagnostics[0]

    assert "  web: {id: 17, token: {env: A}, residency: eu, deletions: {•••••••••: , r2: {compliance: gdpr}}}" == found.excerpt


SLOT = st.sampled_from(sorted(PLACES))
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SLOT, TEXT, TEXT)
def test_no_canary_leaks_whatever_stands_around_it(tmp_path: Path, place: str, before: str, after: str) -> None:
    """Whatever characters are stuck to an id, at whatever place, the id is in no byte that is printed."""
    reading = read(tmp_path, *planted(place, before + CANARIES[0] + after))

    assert CANARIES[0] not in everything(reading)


def test_the_reading_itself_prints_no_id(tmp_path: Path) -> None:
    """Even the `repr` of what was read holds no id, for a traceback might print it."""
    reading = read(tmp_path, WHOLE + "        distinct_ids: [jane@canary.example]\n")

    assert [] == codes(reading)
    assert "canary" not in repr(reading)


def test_a_file_of_another_tool_is_not_quoted(tmp_path: Path) -> None:
    """The warning about YAML that doesn't parse shows nothing of what it holds."""
    wrote(tmp_path, {"values.yaml": "password: hunter2hunter2\nreason: hunter2 {{\n  x: [hunter2hunter2\n"})

    assert "hunter2" not in everything(read(tmp_path, HEAD))
