"""The Java SDK of servers: four endpoints, each a URL with its path; the constructors with two or three leave the others in the US.

Source: mixpanel-java 1.7.0, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.call import Call, calls
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

PATHS = {"events": "/track", "people": "/engage", "groups": "/groups", "import": "/import"}
"""The endpoints in the order of the constructor's arguments."""

NO_ENDPOINT = re.compile(r"(?i)\btrue\b|\bfalse\b|gzip|flag|config|dispatch|timeout|^\d")
LOOK_AHEAD = 4_000


def check(report: Report) -> None:
    """Look at constructors, builders and flag configurations."""
    source = report.source
    if report.sdk not in ("", "java") or "mixpanelapi" not in source.code:
        return
    for call in calls(source, r"(?:new\s+)?(?<![.\w])MixpanelAPI"):
        before = source.code[max(0, call.start - 40) : call.start]
        if not re.search(r"\b(?:class|fun|import)\s+$|\.\s*$", before):
            _constructor(report, call)
    for call in calls(source, r"(?:new\s+)?MixpanelAPI\s*\.\s*Builder"):
        _builder(report, call)
    for call in calls(source, r"(?:new\s+)?(?:Local|Remote)FlagsConfig\s*\.\s*[Bb]uilder"):
        host = _setter(report, call, "apiHost")
        if host is None:
            report.flags(call, f'`.apiHost("{report.host}")` into this builder')
        elif host.arguments:
            report.value(host.arguments[0], Form.BARE)


def _all_of(report: Report) -> str:
    return ", ".join(f'"https://{report.host}{path}"' for path in PATHS.values())


def _constructor(report: Report, call: Call) -> None:
    report.ran_into.add("java")
    endpoints = [item for item in call.arguments if not NO_ENDPOINT.search(report.source.code[item.start : item.end].strip())]
    for item, path in zip(endpoints, PATHS.values(), strict=False):
        report.value(item, Form.ENDPOINT, path)
    if not endpoints:
        report.missing(call, "java", f"`new MixpanelAPI({_all_of(report)})`")
    elif len(endpoints) in (2, 3):
        left = list(PATHS)[len(endpoints) :]
        report.partial(call.start, call.opened, " and ".join(PATHS[name] for name in left), f"all four: {_all_of(report)}")


def _builder(report: Report, call: Call) -> None:
    report.ran_into.add("java")
    setters = {name: _setter(report, call, f"{name}Endpoint") for name in PATHS}
    for name, setter in setters.items():
        if setter is not None and setter.arguments:
            report.value(setter.arguments[0], Form.ENDPOINT, PATHS[name])
    left = [name for name, setter in setters.items() if setter is None]
    if len(left) == len(PATHS):
        report.missing(call, "java", f'`.eventsEndpoint("https://{report.host}/track")` and the three others')
    elif left:
        wanted = "".join(f'.{name}Endpoint("https://{report.host}{PATHS[name]}")' for name in left)
        report.partial(call.start, call.opened, " and ".join(PATHS[name] for name in left), f"`{wanted}` as well")


def _setter(report: Report, call: Call, name: str) -> Call | None:
    """The call of the setter *name* in the chain that begins with *call*, or on its variable in this file."""
    end = report.source.code.find(".build", call.closed)
    end = call.closed + LOOK_AHEAD if end < 0 else end
    found = [one for one in calls(report.source, rf"(?<=\.){name}") if call.closed <= one.start]
    return next((one for one in found if one.start <= end), None)
