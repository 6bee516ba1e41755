"""SDKs: somebody's source files, which must send to the project's region. Conformed: looked at, never written (API §3).

What is found in a source is a warning beside the plan and no change, so there is nothing here to decide; the pipeline reads the files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.paths import leaves
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.resource import Block, SdkSpec, Spec
from mixpriv_reconcile.model.situation import Situation

__all__ = ["KIND", "NAMES"]

NAMES = (
    "javascript",
    "objective-c",
    "swift",
    "android",
    "python",
    "java",
    "ruby",
    "nodejs",
    "react-native",
    "flutter",
    "php",
    "go",
    "unity",
    "csharp",
    "http",
)
"""The privacy page's ten, then the others (contract §4)."""

SCHEMA = {
    "title": "SDK",
    "description": "One of Mixpanel's SDKs, as an application or a server uses it. Without `source` it is only rendered by `mixpriv sdk`.",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "source": {
            "type": "string",
            "minLength": 1,
            "x-shown-as": "path",
            "title": "Source",
            "description": "The file that sets the SDK up, relative to this manifest; it stays inside the workspace. "
            "It is checked against the project's region.",
            "examples": ["web/src/analytics.ts"],
        },
        "allow_hosts": {
            "type": "array",
            "items": {"type": "string", "x-shown-as": "host"},
            "title": "Allowed hosts",
            "description": "Hosts of your own proxies, which pass on to the region's host.",
            "examples": [["t.example.com"]],
        },
    },
}

HOST = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z]{2,24}(?::[0-9]{1,5})?")


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    findings = []
    hosts = tuple(block.value.get("allow_hosts", ()))
    for number, host in enumerate(hosts):
        if not isinstance(host, str) or HOST.fullmatch(host) is None:
            hint = "write a host without scheme and path, e.g. `allow_hosts: [t.example.com]`"
            findings.append(block.diagnostic("MP1025", Severity.ERROR, "this is no host", hint, ("allow_hosts", number)))
    source, span = block.value.get("source", ""), None
    if source:
        span = block.span_of(("source",))
        base = posixpath.dirname(span.file)
        why = leaves(source, base)
        if why:
            hint = "write a path relative to this manifest that stays inside the workspace"
            findings.append(block.diagnostic("MP1022", Severity.ERROR, why, hint, ("source",)))
        source = "" if why else posixpath.normpath(posixpath.join(base, source))
    return SdkSpec(block.address.name, source, hosts, span), findings


def _diff(situation: Situation) -> Change | None:
    return None


KIND = Kind(
    name="sdks",
    lifecycle=Lifecycle.CONFORMED,
    order=30,
    per_name=True,
    schema=SCHEMA,
    read=_read,
    diff=_diff,
    follows=("residency",),
    names=NAMES,
)
