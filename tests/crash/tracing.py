"""A program under trace: it stops before and after each system call that changes a file, and can be killed there, from outside.

Linux only (`ptrace`, and a seccomp filter, so that all other calls run at full speed).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .filtering import CALLS, Registers, filter_program

__all__ = ["Ending", "Operation", "Watcher", "traced"]

LAUNCHER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
program = bytes.fromhex(sys.argv[1])
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
held = Program(len(program) // 8, program)
os.chdir(sys.argv[2])
done = [libc.prctl(38, 1, 0, 0, 0), libc.ptrace(0, 0, 0, 0), libc.prctl(22, 2, ctypes.byref(held), 0, 0)]
if any(done):
    os._exit(121)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the program, traced and filtered; between the filter and `execv` it changes no file, for nobody listens yet."""

PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SETOPTIONS, PTRACE_GETREGSET, PTRACE_SETREGSET = 7, 24, 0x4200, 0x4204, 0x4205
NT_PRSTATUS = 1
OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x80 | 0x100000
"""SYSGOOD, FORK, VFORK, CLONE, SECCOMP, EXITKILL."""

EVENT_SECCOMP = 7
ANY_THREAD_OF_OURS = 0x40000000 | 0x20000000
"""__WALL | __WNOTHREAD."""

NOT_STARTED = 121
AT_FDCWD = -100


@dataclass(frozen=True, slots=True)
class Operation:
    """A system call that changes a file: *name* (write, fsync, rename …), its path, and where a rename leads to.

    *live* is a path by which the file can be looked at while the program is stopped, even if it was unlinked.
    """

    name: str
    path: Path
    target: Path | None = None
    live: Path | None = None
    is_new: bool = False


class Watcher(Protocol):
    """What is told of each operation. True kills the program on the spot."""

    def before(self, operation: Operation) -> bool: ...

    def tears(self, operation: Operation) -> bool:
        """Whether only half of this write shall happen."""
        ...

    def after(self, operation: Operation) -> bool:
        """Only told of operations that succeeded."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """How the program ended: its exit code, or None where it was killed."""

    code: int | None


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def traced(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], output: Path, watcher: Watcher, started: Started | None = None
) -> Ending:
    """Run *command* to its end or its death, its output in the file *output*; *started* is told the process's number.

    Raises `OSError` where this system doesn't let processes be traced.
    """
    launch = [sys.executable, "-I", "-c", LAUNCHER, filter_program().hex(), str(cwd), *command]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    redirections = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    redirections += [(os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]  # type: ignore[list-item]
    pid = os.posix_spawn(sys.executable, launch, dict(environment), file_actions=redirections)
    _, status = os.waitpid(pid, ANY_THREAD_OF_OURS)
    if not os.WIFSTOPPED(status):
        raise OSError(f"this system doesn't let a process be traced (exit {os.waitstatus_to_exitcode(status)})")
    _ptrace(PTRACE_SETOPTIONS, pid, 0, OPTIONS)
    if started is not None:
        started(pid)
    _ptrace(PTRACE_CONT, pid, 0, 0)
    return _Tracing(pid, watcher).ending()


class Started(Protocol):
    def __call__(self, pid: int, /) -> object: ...


class _Tracing:
    def __init__(self, pid: int, watcher: Watcher) -> None:
        self._pid = pid
        self._watcher = watcher
        self._known = {pid}
        self._under_way: dict[int, Operation] = {}

    def ending(self) -> Ending:
        while True:
            thread, status = os.waitpid(-1, ANY_THREAD_OF_OURS)
            if os.WIFSTOPPED(status):
                self._stopped(thread, status)
            elif thread == self._pid:
                return Ending(None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))

    def _stopped(self, thread: int, status: int) -> None:
        number = os.WSTOPSIG(status)
        if number == signal.SIGTRAP and status >> 16 == EVENT_SECCOMP:
            self._entered(thread)
        elif number == signal.SIGTRAP | 0x80:
            self._left(thread)
        elif number == signal.SIGTRAP or thread not in self._known:
            self._known.add(thread)  # a new thread's first stop, or the news of one
            self._go_on(PTRACE_CONT, thread)
        else:
            self._go_on(PTRACE_SYSCALL if thread in self._under_way else PTRACE_CONT, thread, number)

    def _entered(self, thread: int) -> None:
        registers = Registers.of(thread, _registers(thread))
        operation = _operation(thread, registers)
        if operation is None:
            self._go_on(PTRACE_CONT, thread)
            return
        if self._watcher.before(operation):
            self._kill()
            return
        if operation.name == "write" and self._watcher.tears(operation):
            _set_registers(thread, registers.with_length(registers.arguments[2] // 2))
        self._under_way[thread] = operation
        self._go_on(PTRACE_SYSCALL, thread)

    def _left(self, thread: int) -> None:
        operation = self._under_way.pop(thread, None)
        result = Registers.of(thread, _registers(thread)).result
        if operation is not None and result >= 0:
            if operation.name == "create":
                operation = Operation("create", operation.path, live=Path(f"/proc/{thread}/fd/{result}"), is_new=operation.is_new)
            if self._watcher.after(operation):
                self._kill()
                return
        self._go_on(PTRACE_CONT, thread)

    def _kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def _go_on(self, how: int, thread: int, number: int = 0) -> None:
        with contextlib.suppress(ProcessLookupError):  # somebody killed it meanwhile; its end is reported next
            _ptrace(how, thread, 0, number)


def _ptrace(request: int, thread: int, address: int, data: int) -> None:
    if libc.ptrace(request, thread, address, data) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _registers(thread: int) -> bytes:
    buffer = ctypes.create_string_buffer(1024)
    vector = _Vector(ctypes.cast(buffer, ctypes.c_void_p), len(buffer))
    if libc.ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, ctypes.byref(vector)) == -1:
        return b""
    return buffer.raw[: vector.length]


def _set_registers(thread: int, content: bytes) -> None:
    buffer = ctypes.create_string_buffer(content, len(content))
    vector = _Vector(ctypes.cast(buffer, ctypes.c_void_p), len(content))
    if libc.ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, ctypes.byref(vector)) == -1:
        raise OSError(ctypes.get_errno(), "can't shorten a write")


def _operation(thread: int, registers: Registers) -> Operation | None:
    """What a stopped thread is about to do; None where it is nothing to a file."""
    name = CALLS.get(registers.call)
    first, second, third, fourth = registers.arguments[:4]
    try:
        match name:
            case "write" | "fsync" | "truncate":
                return _on_open_file(thread, name, first)
            case "rename" | "link" if registers.has_folders:
                return Operation(name, _path(thread, second, first), _path(thread, fourth, third))
            case "rename":
                return Operation("rename", _path(thread, first), _path(thread, second))
            case "unlink" | "mkdir" | "create" if registers.has_folders:
                path = _path(thread, second, first)
                return Operation(name, path, is_new=not os.path.lexists(path))
            case "unlink" | "mkdir":
                return Operation(name, _path(thread, first))
            case _:
                return None
    except OSError:
        return None  # killed meanwhile


def _on_open_file(thread: int, name: str, descriptor: int) -> Operation | None:
    live = Path(f"/proc/{thread}/fd/{descriptor}")
    facts = live.stat()
    if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
        return None  # a pipe, a socket, a terminal
    return Operation(name, Path(os.readlink(live).removesuffix(" (deleted)")), live=live)


def _path(thread: int, address: int, folder: int = AT_FDCWD) -> Path:
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        text = memory.read(4096).split(b"\0", 1)[0]
    number = struct.unpack("<i", struct.pack("<I", folder & 0xFFFFFFFF))[0]
    base = os.readlink(f"/proc/{thread}/cwd" if number == AT_FDCWD else f"/proc/{thread}/fd/{number}")
    return Path(os.path.normpath(Path(base) / os.fsdecode(text)))
