"""Standard output and standard error that remember how writing to them failed, so that it isn't taken for anything else's trouble."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

__all__ = ["is_of_output", "remember_trouble"]


ESCAPED = "mixpriv.escaped"
"""The name of how a character is written that an output's encoding doesn't have."""


class Output(io.TextIOWrapper):
    """A text stream; *trouble* is the last error that it raised.

    What a buffered stream couldn't take is still in its buffer, and a flush fails again; an unbuffered one (PYTHONUNBUFFERED) forgets.
    """

    trouble: OSError | None = None
    instead_of: TextIO | None = None
    """Kept, for a stream that nobody holds any more closes what it writes to."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.trouble = error
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self.trouble = error
            raise


def remember_trouble() -> None:
    """From here on, have standard output and standard error remember, and write as `\\u201c` what their encoding doesn't have: no program
    ends because of a name. Everything else about them stays as it is."""
    codecs.register_error(ESCAPED, _escaped)
    sys.stdout, sys.stderr = _remembering(sys.stdout), _remembering(sys.stderr)


def is_of_output(error: OSError) -> bool:
    """Whether it was standard output or standard error that raised *error*."""
    return any(isinstance(stream, Output) and stream.trouble is error for stream in (sys.stdout, sys.stderr))


def _remembering(stream: TextIO) -> TextIO:
    """*stream* as one that remembers; itself where it is none of the interpreter's own."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    errors = ESCAPED if stream.errors in ("strict", "surrogateescape", "backslashreplace") else stream.errors
    output = Output(stream.buffer, stream.encoding, errors, line_buffering=stream.line_buffering, write_through=stream.write_through)
    output.instead_of = stream
    return output


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What the encoding doesn't have, as JSON and most languages escape it, so that a document stays one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)), error.end
