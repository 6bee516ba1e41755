"""The system calls that are watched: their numbers, the filter that stops at them and at nothing else, and where their arguments are."""

from __future__ import annotations

import dataclasses
import platform
import struct
from dataclasses import dataclass

__all__ = ["CALLS", "Registers", "filter_program"]

X86_64 = {
    1: "write", 18: "write", 20: "write", 74: "fsync", 75: "fsync", 77: "truncate",
    82: "rename", 264: "rename", 316: "rename", 87: "unlink", 263: "unlink", 83: "mkdir", 258: "mkdir", 265: "link", 257: "create",
}  # fmt: skip
ARM64 = {
    64: "write", 68: "write", 66: "write", 82: "fsync", 83: "fsync", 46: "truncate",
    38: "rename", 276: "rename", 35: "unlink", 34: "mkdir", 37: "link", 56: "create",
}  # fmt: skip
WITH_FOLDERS = {"x86_64": frozenset({264, 316, 263, 258, 265, 257}), "aarch64": frozenset(ARM64)}
"""Calls whose paths come after the folder they are relative to."""

MACHINE = platform.machine()
CALLS = {"x86_64": X86_64, "aarch64": ARM64}.get(MACHINE, {})
"""Number → name, of this machine."""

LOAD, JUMP_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, TRACE = 0x7FFF0000, 0x7FF00000
FLAGS_AT = 16 + 8 * 2
"""Offset of the third argument in what a filter sees: `openat`'s flags."""

O_CREAT = 0x40


def filter_program() -> bytes:
    """A seccomp filter (BPF) that hands `CALLS` to the tracer, `openat` only where it may create; empty on machines it doesn't know."""
    creating = [number for number, name in CALLS.items() if name == "create"]
    others = [number for number, name in CALLS.items() if name != "create"]
    steps = [(LOAD, 0, 0, 0)]
    last = len(creating) + len(others) + 4
    for at, number in enumerate([*creating, *others], start=1):
        # to the check of flags, or to the last step, which traces
        aim = (len(creating) + len(others) + 1 if number in creating else last) - at - 1
        steps.append((JUMP_EQUAL, aim, 0, number))
    steps[-1] = (*steps[-1][:2], 2, steps[-1][3])  # none of them: past the check, to ALLOW
    steps += [(LOAD, 0, 0, FLAGS_AT), (JUMP_ANY_BIT, 1, 0, O_CREAT), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, TRACE)]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


@dataclass(frozen=True, slots=True)
class Registers:
    """The general registers of a stopped thread; a dead one's are empty, and name no call."""

    words: tuple[int, ...]
    thread: int

    @classmethod
    def of(cls, thread: int, content: bytes) -> Registers:
        return cls(struct.unpack(f"<{len(content) // 8}Q", content[: len(content) // 8 * 8]), thread)

    @property
    def call(self) -> int:
        """The number of the system call; -1 where the thread is dead."""
        if not self.words:
            return -1
        return self.words[15] if MACHINE == "x86_64" else self.words[8]

    @property
    def has_folders(self) -> bool:
        return self.call in WITH_FOLDERS.get(MACHINE, frozenset())

    @property
    def arguments(self) -> tuple[int, ...]:
        if not self.words:
            return (0,) * 6
        order = (14, 13, 12, 7, 9, 8) if MACHINE == "x86_64" else (0, 1, 2, 3, 4, 5)
        return tuple(self.words[at] for at in order)

    @property
    def result(self) -> int:
        """What the call returned; negative for an error, or where the thread is dead."""
        if not self.words:
            return -1
        word: int = struct.unpack("<q", struct.pack("<Q", self.words[10 if MACHINE == "x86_64" else 0]))[0]
        return word

    def with_length(self, length: int) -> bytes:
        """The same with another third argument: fewer bytes to write."""
        at = 12 if MACHINE == "x86_64" else 2
        changed = dataclasses.replace(self, words=(*self.words[:at], length, *self.words[at + 1 :]))
        return struct.pack(f"<{len(changed.words)}Q", *changed.words)
