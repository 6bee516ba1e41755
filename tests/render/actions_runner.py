"""How GitHub's runner reads what a step wrote: commands in its log, and the file of its outputs.

It follows actions/runner, `ActionCommand.TryParseV2`, `ActionCommand.TryParse` and the file commands' `Name=value` and `Name<<delimiter`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Command", "commands", "outputs_of"]

KNOWN = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher", "save-state",
    "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    """An order that the runner found in a line."""

    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Every order in *log*: what begins a line behind any blanks with `::`, and `##[` anywhere."""
    return [found for line in re.split(r"\r\n|\r|\n", log) for found in [_command(line)] if found is not None]


def _command(line: str) -> Command | None:
    text = line.lstrip()
    if text.startswith("::") and "::" in text[2:]:
        head, _, data = text[2:].partition("::")
        name, _, listed = head.partition(" ")
        if name in KNOWN:
            pairs = (pair.partition("=") for pair in listed.strip().split(",") if pair)
            return Command(name, {key: _plain(value, "\r\n:,") for key, _, value in pairs if value}, _plain(data, "\r\n"))
    found = re.search(r"##\[([^\]\s]*)[^\]]*\](.*)", text)
    return Command(found[1], {}, found[2]) if found is not None and found[1] in KNOWN else None


def _plain(text: str, escaped: str) -> str:
    for character in escaped:
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def outputs_of(text: str) -> dict[str, str]:
    """The outputs that a step's file holds; fails where the runner would."""
    found = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else ())
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        else:
            assert heredoc >= 0, f"Invalid format {line!r}"
            name, _, delimiter = line.partition("<<")
            value = "\n".join(iter(lambda: next(lines), delimiter))
        found[name] = value
    return found
