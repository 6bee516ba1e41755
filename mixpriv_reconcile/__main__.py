"""`mixpriv`, and `python -m mixpriv_reconcile`, which is the same program: how it ends before it has begun."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType
from typing import NoReturn

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit. It takes a moment to load; a signal that comes meanwhile ends it as one later does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _not_begun)
    from mixpriv_reconcile.cli.main import main as run

    run()


def _not_begun(number: int, frame: FrameType | None) -> NoReturn:
    """End at once: nothing was done that would have to be saved, and a module half loaded would turn an exception into another one."""
    with contextlib.suppress(OSError):
        os.write(2, b"interrupted; nothing was sent\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
