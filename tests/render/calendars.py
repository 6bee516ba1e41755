"""A strict little reader of iCalendar (RFC 5545): what isn't by the book is an error, not a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Component", "parsed"]

LINE = re.compile(r'(?P<name>[A-Z-]+)(?P<parameters>(;[A-Z-]+=([^";:,]*|"[^"]*"))*):(?P<value>.*)', re.DOTALL)
"""RFC 5545 §3.1, `contentline`."""
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
TEXTS = frozenset({"SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME"})
REQUIRED = {"VCALENDAR": {"PRODID", "VERSION"}, "VEVENT": {"UID", "DTSTAMP", "DTSTART"}, "VALARM": {"ACTION", "DESCRIPTION", "TRIGGER"}}
"""What each component must have exactly once (§3.6, §3.6.1, §3.6.6 for a display alarm; DTSTART where there is no METHOD, or here)."""


@dataclass
class Component:
    """A component: its properties' values by name (each at most once here), and the components within."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)

    def named(self, name: str) -> list[Component]:
        return [component for component in self.components if component.name == name]


def parsed(document: bytes) -> Component:
    """The one calendar in *document*; raises `ValueError` for what RFC 5545 doesn't allow."""
    if not document.endswith(b"\r\n"):
        raise ValueError("the last line has no end")
    octets = document[:-2].split(b"\r\n")
    for line in octets:
        if len(line) > 75:
            raise ValueError(f"a line of {len(line)} octets (§3.1)")
        if b"\n" in line or b"\r" in line:
            raise ValueError("a line end that is no CRLF (§3.1)")
        line.decode()  # folding cuts no character in two
        if any((octet < 32 and octet != 9) or octet == 127 for octet in line):
            raise ValueError("a control character (§3.1)")
    root = Component("")
    stack = [root]
    for line in re.sub(r"\r\n[ \t]", "", document.decode()).split("\r\n")[:-1]:
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"no content line: {line!r}")
        _take(match["name"], match["parameters"], match["value"], stack)
    if len(stack) != 1 or len(root.components) != 1 or root.components[0].name != "VCALENDAR":
        raise ValueError("not one whole calendar (§3.4)")
    return root.components[0]


def _take(name: str, parameters: str, value: str, stack: list[Component]) -> None:
    if name == "BEGIN":
        component = Component(value)
        stack[-1].components.append(component)
        stack.append(component)
    elif name == "END":
        component = stack.pop()
        if component.name != value:
            raise ValueError(f"{value} ends within {component.name}")
        missing = REQUIRED.get(value, set()) - component.properties.keys()
        if missing or (value == "VCALENDAR" and not component.components):
            raise ValueError(f"{value} lacks {missing or 'a component'}")
    else:
        if name in stack[-1].properties:
            raise ValueError(f"{name} stands twice")
        stack[-1].properties[name] = _text(value) if name in TEXTS else value
        stack[-1].parameters[name] = parameters


def _text(value: str) -> str:
    """A TEXT (§3.3.11): backslash, semicolon and comma are escaped, a line end is `\\n`."""
    if re.search(r"(?<!\\)(?:\\\\)*[;,]", value.replace("\\;", "").replace("\\,", "")):
        raise ValueError(f"an unescaped separator in {value!r}")
    if any(one not in "\\;,nN" for one in ESCAPE.findall(value)):
        raise ValueError(f"an unknown escape in {value!r}")
    return ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
