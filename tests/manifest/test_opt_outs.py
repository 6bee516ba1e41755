"""Where an opt-out list may be written: not where anything else has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.resource import OptOutSpec

from .workspace import HEAD, PROJECT, REQUEST, codes, places, read, shown, wished, wrote

SECOND = "  app:\n    id: 18\n    token: {env: APP_TOKEN}\n    residency: us\n"


def listed(path: str, more: str = "distinct_ids: [a]") -> str:
    return f"    opt_outs: {{write_to: {path}, {more}}}\n"


@pytest.mark.parametrize("path", ["server/opt-outs.json", "a.json", "mixpriv.state.d.json"])
def test_a_list_may_lie_anywhere_else(tmp_path: Path, path: str) -> None:
    """A place that nobody has is good."""
    assert [] == codes(read(tmp_path, HEAD + PROJECT + listed(path)))


def test_the_path_is_relative_to_the_manifest(tmp_path: Path) -> None:
    """A manifest in a folder writes below that folder, or beside it."""
    wrote(tmp_path, {"team/m.yaml": HEAD + PROJECT + listed("../server/opt-outs.json")})
    (spec,) = [one.spec for one in wished(read(tmp_path)).resources if one.address == Address("web", "opt_outs")]
    assert isinstance(spec, OptOutSpec)
    assert "server/opt-outs.json" == spec.write_to


@pytest.mark.parametrize("path", ["mixpriv.state.json", "mixpriv.sandbox.state.json", "mixpriv.state.d/x.json", "secrets/token.json"])
def test_what_the_program_needs_is_not_written_over(tmp_path: Path, path: str) -> None:
    """The state and the files of credentials keep their places, whether they are there already or not."""
    manifest = (HEAD + PROJECT).replace("{env: WEB_TOKEN}", "{file: secrets/token.json}")
    assert ["MP0385"] == codes(read(tmp_path, manifest + listed(path)))


@pytest.mark.parametrize("pattern", ["server/x.json", "server/*", "*/x.*", "**", "**/x.json", "server/**", "s[a-f]rver/?.json"])
def test_a_source_is_not_written_over(tmp_path: Path, pattern: str) -> None:
    """A `from:` entry that names the list, by a wildcard too, is an error: it would be read as ids next time."""
    manifest = HEAD + PROJECT + REQUEST + f"        from: [{{file: '{pattern}'}}]\n"
    assert ["MP0385"] == codes(read(tmp_path, manifest + listed("server/x.json")))


@pytest.mark.parametrize("pattern", ["server/*.txt", "*.json", "requests/**", "server/x.json.gz"])
def test_a_source_that_does_not_name_the_list_is_fine(tmp_path: Path, pattern: str) -> None:
    """Wildcards stay within one folder, as where sources are looked for."""
    manifest = HEAD + PROJECT + REQUEST + f"        from: [{{file: '{pattern}'}}]\n"
    assert [] == codes(read(tmp_path, manifest + listed("server/x.json")))


def test_two_projects_have_two_lists(tmp_path: Path) -> None:
    """The second list in the same file is refused, at its place."""
    manifest = HEAD + PROJECT + listed("a/../x.json") + SECOND + listed("x.json")
    reading = read(tmp_path, manifest)
    assert [("MP0384", 10, 26)] == places(reading)
    assert "x.json" in shown(reading)


def test_a_list_needs_ids_and_a_place(tmp_path: Path) -> None:
    """Without `write_to`, or without any ids, the block is an error."""
    assert ["MP0202"] == codes(read(tmp_path, HEAD + PROJECT + "    opt_outs: {distinct_ids: [a]}\n"))
    assert ["MP0207"] == codes(read(tmp_path, HEAD + PROJECT + "    opt_outs: {write_to: x.json}\n"))


@pytest.mark.parametrize("digest", ["md5", "SHA256", "''"])
def test_the_form_of_the_ids_is_one_of_two(tmp_path: Path, digest: str) -> None:
    """`digest` is none or sha256."""
    assert ["MP0204"] == codes(read(tmp_path, HEAD + PROJECT + listed("x.json", f"distinct_ids: [a], digest: {digest}")))


def test_require_is_a_policy(tmp_path: Path) -> None:
    """`opt_out: require` is part of this version."""
    assert [] == codes(read(tmp_path, HEAD + "  policy: {opt_out: require}\n" + PROJECT))
