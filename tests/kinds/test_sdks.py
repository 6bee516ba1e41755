"""The kind `sdks`: which SDKs there are, where their sources lie, which proxies are allowed."""

from __future__ import annotations

from mixpriv_reconcile.kinds import kind_named
from mixpriv_reconcile.model.resource import SdkSpec

from .building import block

KIND = kind_named("sdks")


def test_a_source_is_relative_to_its_manifest() -> None:
    """The spec holds the path from the workspace on, the hosts, and the place of the path."""
    spec, findings = KIND.read(block("sdks", {"source": "./src/../a.ts", "allow_hosts": ["t.example.com", "t.example.com:8443"]}, name="javascript"))
    assert [] == list(findings)
    assert isinstance(spec, SdkSpec)
    assert ("javascript", ("t.example.com", "t.example.com:8443")) == (spec.name, spec.allow_hosts)
    assert "privacy.yaml/source" == spec.span.file if spec.span is not None else ""
    assert spec.source.endswith("a.ts")
    assert "src" not in spec.source


def test_a_drift_is_no_change() -> None:
    """There is nothing to decide."""
    assert not KIND.schema.get("required")
    assert () == KIND.names[15:]
