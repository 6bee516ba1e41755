"""The end of a program that a second signal tells to end: its reports are written with what is known, and nothing else is waited for."""

from __future__ import annotations

import os
import threading
from typing import NoReturn

from mixpriv_reconcile.cli.reporting import Gathered
from mixpriv_reconcile.errors import Interrupted

__all__ = ["end_now"]

MOST_SECONDS = 1.5
"""For all reports together, whatever keeps one: a reader of a FIFO that isn't there, a disk that hangs, a report that takes long.

GitHub kills a cancelled step 2.5 seconds after its second signal.
"""


def end_now(gathered: Gathered, number: int) -> NoReturn:
    """Write the reports that *gathered* was asked for, and end with the code of signal *number*; nothing keeps it from that.

    Further signals wait. What was acknowledged is durable already, for each entry of the journal is before anything is told of it.
    """
    code = 128 + number
    try:
        if gathered.wanted:
            watch = threading.Timer(MOST_SECONDS, os._exit, (code,))
            watch.daemon = True
            watch.start()  # before anything that may take long; where no thread can be had, nothing is begun
            gathered.failed(Interrupted(number, is_second=True))
            gathered.write(code, in_a_hurry=True)
    finally:
        os._exit(code)
