"""SDKs in manifests: which there are, where their sources lie, which proxies are allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.kinds.sdks import NAMES
from mixpriv_reconcile.model.resource import SdkSpec

from .workspace import HEAD, PROJECT, codes, marked, only, read, wished


@pytest.mark.parametrize("name", NAMES)
def test_every_sdk_may_stand_alone(tmp_path: Path, name: str) -> None:
    """An SDK without a source is fine: it is only rendered."""
    (resource,) = [one for one in wished(read(tmp_path, HEAD + PROJECT + f"    sdks: {{{name}: {{}}}}\n")).resources if one.address.kind == "sdks"]
    assert SdkSpec(name) == resource.spec
    assert f"web.sdks.{name}" == str(resource.address)


@pytest.mark.parametrize(("written", "near"), [("javascrpt", "javascript"), ("objective_c", "objective-c"), ("node-js", "nodejs"), ("reactnative", "react-native")])
def test_a_misspelt_sdk_is_an_unknown_key(tmp_path: Path, written: str, near: str) -> None:
    """Other SDKs than Mixpanel's are refused, with the nearest name."""
    text = HEAD + PROJECT + f"    sdks:\n      {written}: {{}}\n"
    found = only(read(tmp_path, text))
    assert ("MP0201", f"did you mean `{near}`?", written) == (found.code, found.hint, marked(found, text))


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/a.ts", "src/../../a.ts", "~/a.ts", "C:/a.ts", "src\\\\a.ts", "src/", "."])
def test_a_source_stays_inside_the_workspace(tmp_path: Path, path: str) -> None:
    """A path that leaves the workspace, or can't be used, is refused at its place."""
    found = only(read(tmp_path, HEAD + PROJECT + f"    sdks: {{javascript: {{source: '{path}'}}}}\n"))
    assert "MP1022" == found.code
    assert found.span is not None
    assert (10, 33) == (found.span.line, found.span.column)


@pytest.mark.parametrize("host", ["https://t.example.com", "t.example.com/mp", "'*.example.com'", "localhost", "''", "a b.c"])
def test_an_allowed_host_is_a_bare_one(tmp_path: Path, host: str) -> None:
    """Schemes, paths and wildcards are refused; each at its own place."""
    text = HEAD + PROJECT + f"    sdks: {{javascript: {{allow_hosts: [ok.example.com, {host}]}}}}\n"
    assert ["MP1025"] == codes(read(tmp_path, text))
