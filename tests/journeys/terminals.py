"""A terminal of 80 columns, and a person at it: what is seen there, and what goes to a file instead."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from dataclasses import dataclass
from typing import IO

from .workspace import PATIENCE_SECONDS, Workspace


@dataclass(frozen=True)
class Seen:
    """How a run ended, and all that was shown on the terminal, both streams in one, lines ended as a file's are."""

    code: int
    shown: str


def at_terminal(
    workspace: Workspace,
    *arguments: str,
    answers: tuple[tuple[str, str], ...] = (),
    stdout: IO[bytes] | None = None,
    stderr: IO[bytes] | None = None,
    **environment: str,
) -> Seen:
    """A run on a terminal without colours. Each of *answers* is a text that is waited for, and what is typed then; a stream that is given
    is led there instead."""
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    variables = {"TERM": "xterm-256color", "NO_COLOR": "1"} | environment
    running = workspace.start(
        *arguments, environment=variables, stdin=side, stdout=side if stdout is None else stdout, stderr=side if stderr is None else stderr
    )
    os.close(side)
    shown, waiting = b"", list(answers)
    try:
        while piece := os.read(terminal, 65536):
            shown += piece
            while waiting and waiting[0][0].encode() in shown:
                os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
    except OSError:  # the program closed its side
        pass
    finally:
        code = running.wait(timeout=PATIENCE_SECONDS)
        os.close(terminal)
    return Seen(code, shown.decode().replace("\r\n", "\n"))
