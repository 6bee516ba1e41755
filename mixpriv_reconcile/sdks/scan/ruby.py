"""The Ruby SDK: a `Consumer` of four URLs, which a tracker's block sends to; whatever is left out goes to the US.

Source: mixpanel-ruby 3.3.0, API fact sheet §3.1 and §3.2.
"""

from __future__ import annotations

import re

from mixpriv_reconcile.sdks.scan.call import Call, Item, behind, items, object_at
from mixpriv_reconcile.sdks.scan.report import Form, Report

__all__ = ["check"]

PATHS = ("/track", "/engage", "/groups", "/import")
NEW = re.compile(r"(?<![\w:])(?P<name>(?:::)?Mixpanel::(?P<what>Tracker|Consumer|BufferedConsumer)\s*\.\s*new)\b(?P<bracket>[ \t]*\()?")
TRACKING_URL = re.compile(r"\.\s*(?P<name>generate_tracking_url)\s*(?P<bracket>\()")
SENDING = "{ |type, message| consumer.send!(type, message) }"
FLAG_CONFIGS = ("local_flags_config", "remote_flags_config")


def check(report: Report) -> None:
    """Look at trackers, consumers and flag configurations."""
    for found in NEW.finditer(report.source.code):
        call = _call(report, found)
        if call is None:
            continue
        report.ran_into.add("ruby")
        {"Tracker": _tracker, "Consumer": _consumer, "BufferedConsumer": _buffered}[found["what"]](report, call)
    if "ixpanel" in report.source.code:
        for found in TRACKING_URL.finditer(report.source.code):
            call = _call(report, found)
            if call is not None and 2 <= len(call.arguments) < 4 and not _is_open(report, call):
                write = f"'https://{report.host}/track' as the fourth argument"
                report.partial(call.start, call.opened, "the tracking URL", write)


def _call(report: Report, found: re.Match[str]) -> Call | None:
    """The call that begins at *found*; without brackets its arguments end with the line or where a block begins."""
    source = report.source
    if found["bracket"]:
        opened = found.end("bracket") - 1
        closed = behind(source, opened)
    else:
        opened = found.end("name")
        line_end = source.line_at(opened)[1]
        block = re.compile(r"\bdo\b|\{|\)|;|$").search(source.code, opened, line_end)
        closed = block.start() if block is not None else line_end
        if source.code[opened:closed].strip() == "" or source.code[opened] not in " \t":
            return Call(found.start("name"), opened, opened, ())
        return Call(found.start("name"), opened, closed, items(source, opened - 1, closed))
    return Call(found.start("name"), opened, closed, items(source, opened, closed)) if closed is not None else None


def _is_open(report: Report, call: Call) -> bool:
    return any(report.source.code[item.start : item.end].startswith(("*", "...")) for item in call.arguments)


def _has_block(report: Report, call: Call) -> bool:
    end = call.closed + 1 if report.source.code[call.closed : call.closed + 1] == ")" else call.closed
    return re.compile(r"\s*(?:do\b|\{)").match(report.source.code, end) is not None or any(
        report.source.code[item.start : item.end].startswith("&") for item in call.arguments
    )


def _all_of(report: Report) -> str:
    return f'*%w[track engage groups import].map {{ |path| "https://{report.host}/#{{path}}" }}'


def _tracker(report: Report, call: Call) -> None:
    for name in FLAG_CONFIGS:
        config = call.named(name)
        entries = object_at(report.source, config) if config is not None else None
        if entries is None:
            continue
        host = next((item for item in entries if item.name == "api_host"), None)
        if host is not None:
            report.value(host, Form.BARE)
        elif not any(report.source.code[item.start : item.end].startswith("**") for item in entries):
            report.flags(call, f"api_host: '{report.host}' into {name}")
    if not _has_block(report, call) and not _is_open(report, call):
        write = f"`consumer = Mixpanel::Consumer.new({_all_of(report)})`, and the block `{SENDING}` here"
        report.missing(call, "ruby", write)


def _consumer(report: Report, call: Call) -> None:
    given = _endpoints(report, call)
    if _is_open(report, call):
        return
    if not given:
        report.missing(call, "ruby", f"`Mixpanel::Consumer.new({_all_of(report)})`")
        return
    left = [path for at, path in enumerate(PATHS) if at not in given]
    if left:
        wanted = ", ".join(f"'https://{report.host}{path}'" for path in PATHS)
        report.partial(call.start, call.opened, " and ".join(left), f"all four, in this order: {wanted}")


def _endpoints(report: Report, call: Call, paths: tuple[str, ...] = PATHS) -> dict[int, Item]:
    """The URLs that are given, by place; each is judged."""
    given = {at: item for at, item in enumerate(call.positional[: len(paths)]) if report.source.code[item.start : item.end] != "nil"}
    for at, item in given.items():
        report.value(item, Form.ENDPOINT, paths[at])
    return given


def _buffered(report: Report, call: Call) -> None:
    """Its arguments are events, update, import and a number; for groups it always takes the default, which is in the US."""
    given = _endpoints(report, call, ("/track", "/engage", "/import"))
    if _has_block(report, call) or _is_open(report, call):
        return
    write = f"`consumer = Mixpanel::Consumer.new({_all_of(report)})`, and `Mixpanel::BufferedConsumer.new {SENDING}`"
    if given:
        report.partial(call.start, call.opened, "/groups, which a BufferedConsumer takes no URL for,", write)
    else:
        report.missing(call, "ruby", write)
