"""SDKs with a rule or two: Flutter, PHP, Go, C#, and Unity's settings asset.

Source: mixpanel_flutter 2.12.0, mixpanel-php 2.11.0, mixpanel-go 2.0.0-beta.2, Unity 3.5.5 and eealeivan's C# client; API fact sheet
§3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan.call import Call, calls, object_at
from mixpriv_reconcile.sdks.scan.lexer import Literal
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["csharp", "flutter", "go", "php", "unity"]

GO_REGIONS = {"EuResidency": Region.EU, "InResidency": Region.IN}
CSHARP_RESIDENCY = re.compile(r"\bMixpanelDataResidencyHandling\s*\.\s*(?P<name>\w+)")
UNITY_HOST = re.compile(r"(?m)^[ \t]*APIHostAddress[ \t]*:[ \t]*(?P<value>\S*)[ \t]*$")


def flutter(report: Report) -> None:
    """`Mixpanel.init('…', serverURL: 'https://…')`; `setServerURL` afterwards is too late."""
    source = report.source
    if "mixpanel_flutter" not in source.text:
        return
    later = list(calls(source, "setServerURL"))
    for call in later:
        if call.arguments:
            report.value(call.arguments[0], Form.ORIGIN)
    write = f"serverURL: 'https://{report.host}' into `Mixpanel.init`"
    for call in calls(source, r"Mixpanel\s*\.\s*init"):
        report.ran_into.add("flutter")
        host = call.named("serverURL")
        if host is not None:
            report.value(host, Form.ORIGIN)
        elif later:
            report.late(later[0].start, later[0].opened, write)
        else:
            report.missing(call, "flutter", write)


def php(report: Report) -> None:
    """`Mixpanel::getInstance('…', ['host' => 'api-eu.mixpanel.com'])`, a bare host."""
    for call in calls(report.source, r"(?:\\?Mixpanel\s*::\s*getInstance|new\s+\\?Mixpanel)"):
        report.ran_into.add("php")
        write = f"['host' => '{report.host}'] as the second argument"
        if len(call.arguments) < 2:
            if call.arguments:
                report.missing(call, "php", write)
            continue
        entries = object_at(report.source, call.arguments[1])
        if entries is None:
            continue
        host = next((item for item in entries if item.name == "host"), None)
        if host is not None:
            report.value(host, Form.BARE)
        elif not any(report.source.code[item.start : item.end].startswith("...") for item in entries):
            report.missing(call, "php", f"'host' => '{report.host}' into these options")


def go(report: Report) -> None:
    """`mixpanel.NewApiClient("…", mixpanel.EuResidency())`, or a URL of your own by `ProxyApiLocation`."""
    for call in calls(report.source, r"mixpanel\s*\.\s*NewApiClient"):
        report.ran_into.add("go")
        given = [report.source.code[item.start : item.end] for item in call.arguments[1:]]
        if any("..." in text for text in given):
            continue
        named = [name for name in GO_REGIONS if any(name in text for text in given)]
        has_proxy = any("ProxyApiLocation" in text for text in given)
        if not named and not has_proxy and all("Residency" not in text for text in given):
            report.missing(call, "go", f"`{_go_option(report)}` as the last argument")
    for name, region in GO_REGIONS.items():
        for call in calls(report.source, rf"mixpanel\s*\.\s*{name}"):
            if region is not report.region:
                message = f"{name} sets the region {region.value}, and the project belongs to {report.region.value}"
                hint = "leave it out" if report.is_us else f"write {_go_option(report)}"
                report.add("MP1001", Severity.ERROR, message, hint, call.start, call.opened)
    for call in calls(report.source, r"mixpanel\s*\.\s*ProxyApiLocation"):
        if call.arguments:
            report.value(call.arguments[0], Form.ORIGIN)


def _go_option(report: Report) -> str:
    return "mixpanel.EuResidency()" if report.region is Region.EU else f'mixpanel.ProxyApiLocation("https://{report.host}")'


def csharp(report: Report) -> None:
    """`DataResidencyHandling = MixpanelDataResidencyHandling.EU`; the SDK knows no India."""
    named = list(CSHARP_RESIDENCY.finditer(report.source.code))
    write = "DataResidencyHandling = MixpanelDataResidencyHandling.EU into the client's configuration"
    for call in calls(report.source, r"new\s+MixpanelClient"):
        report.ran_into.add("csharp")
        if report.region is Region.IN:
            message = "this SDK knows the regions us and eu only, and the project belongs to in"
            hint = f"send with plain HTTP to https://{report.host}"
            report.add("MP1011", Severity.ERROR, message, hint, call.start, call.opened)
        elif not named and not _has_config(report, call):
            report.missing(call, "csharp", write)
    for found in named:
        is_eu = found["name"] == "EU"
        if report.region is not Region.IN and is_eu is report.is_us:
            message = f"this sets the region {'eu' if is_eu else 'us'}, and the project belongs to {report.region.value}"
            hint = f"write MixpanelDataResidencyHandling.{'Default' if report.is_us else 'EU'}"
            report.add("MP1001", Severity.ERROR, message, hint, *found.span())


def _has_config(report: Report, call: Call) -> bool:
    """Whether an argument may be a configuration that is made elsewhere."""
    given = (report.source.code[item.start : item.end] for item in call.arguments)
    return any(re.search(r"(?i)config|option", text) is not None and "new " not in text for text in given)


def unity(report: Report) -> None:
    """`APIHostAddress` of the settings asset; empty means the US."""
    for found in UNITY_HOST.finditer(report.source.text):
        report.ran_into.add("unity")
        if found["value"]:
            start, end = found.span("value")
            report.literal(Literal(start, start, end, end, found["value"]), Form.ORIGIN)
        elif not report.is_us:
            call = Call(found.start() + found[0].index("A"), found.end(), found.end(), ())
            report.missing(call, "unity", f"APIHostAddress: https://{report.host}/")
