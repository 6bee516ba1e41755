"""Trouble with files, as a disk, a person or another program makes it; and what the program is told to say about it."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

from .workspace import Ended

FOR_LIMITED = {"PYTHONDONTWRITEBYTECODE": "1"}
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


# What happens to a file


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def zeroed(path: Path) -> None:
    """As a power cut may leave it: the length was on the disk before the bytes were."""
    path.write_bytes(bytes(len(path.read_bytes())))


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def flipped(path: Path) -> None:
    """One bit of its middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_folder(path: Path) -> None:
    away(path)
    path.mkdir()


def a_fifo(path: Path) -> None:
    """Reading it waits for ever."""
    away(path)
    os.mkfifo(path)


def a_link(path: Path) -> None:
    path.rename(path.with_name(path.name + ".target"))
    path.symlink_to(path.with_name(path.name + ".target"))


def away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


REPLACED = (a_folder, a_fifo, a_link)


# What happens to a process


def without_space(limit: int) -> Callable[[], None]:
    """For `preexec_fn`: no file of the process may grow beyond *limit* bytes; a write that does gets EFBIG, after a part of it.

    Give such a process `FOR_LIMITED`, too: else Python leaves half written bytecode, which later runs stumble over.
    """

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return limited


def without_privileges() -> None:
    """For `preexec_fn`: the rights of files count for root, too, once its program is started."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl")


# What is said


def said(ended: Ended) -> tuple[str, str, str]:
    """Code, message and hint of the one error of a run with `--format json`."""
    found = (
        [event["diagnostic"] for event in ended.events if event["type"] == "diagnostic"]
        if ended.out.startswith('{"@timestamp"')
        else ended.document["diagnostics"]
    )
    (error,) = [one for one in found if one["severity"] == "error"]
    return error["code"], error["message"], error["hint"]


def is_plain(ended: Ended) -> bool:
    """Whether an end is neither a traceback nor a bug."""
    return "Traceback" not in ended.both and "MP0009" not in ended.both and "Exception" not in ended.both
