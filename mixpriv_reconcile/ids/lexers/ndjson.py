"""NDJSON: one object a line, the id in one of its fields, a string."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mixpriv_reconcile.ids.arrays import Ints, np
from mixpriv_reconcile.ids.flaws import Fault
from mixpriv_reconcile.ids.lexers import text
from mixpriv_reconcile.ids.lexers.chunk import Chunk, encoding_faults
from mixpriv_reconcile.ids.lexers.members import NotAnObject, members, raw_decode
from mixpriv_reconcile.ids.lexers.pieces import line_end, pieces

__all__ = ["chunks", "id_at"]

_BLANKS = " \t\r"


class _Unfit(Exception):
    """Why a line gives no id; *at* counts characters from 0."""

    def __init__(self, at: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.at, self.code, self.message, self.hint = at, code, message, hint


def chunks(stream: Iterator[bytes], name: str, record_bytes: int) -> Iterator[Chunk]:
    """The ids of an NDJSON file. An offset is that of its line."""
    line = 1
    literal = json.dumps(name, ensure_ascii=False)
    for piece in pieces(stream, line_end, record_bytes):
        raw = piece.raw
        breaks = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n"))
        begins = np.concatenate(([0], breaks + 1)) if piece.is_rest else np.concatenate(([0], breaks[:-1] + 1))
        lengths = np.diff(begins, append=len(raw))
        longer = np.flatnonzero(lengths > record_bytes + len("\r\n"))
        if len(longer):
            raise text.too_long(line + int(longer[0]), record_bytes)
        faults = list(encoding_faults(raw))
        unreadable = {int(row) for row in np.searchsorted(begins, [fault.at for fault in faults], "right") - 1}
        ids: list[str] = []
        rows: list[int] = []
        for row, record in enumerate(raw.decode("utf-8", "replace").split("\n")[: len(begins)]):
            value = _plain(record, name, literal)
            if value is None:
                if row in unreadable:
                    continue
                try:
                    value = _value(record, name)[0]
                except _Unfit as unfit:
                    at = int(begins[row]) + len(record[: unfit.at].encode())
                    faults.append(Fault(at, unfit.code, unfit.message, unfit.hint))
                    continue
            ids.append(value)
            rows.append(row)
        blob, ends = _packed(ids)
        starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
        yield Chunk(blob, starts, ends, raw, begins[rows], piece.base, line, tuple(faults), lambda record: _column(record, name))
        line += len(begins)


def id_at(window: bytes, is_end: bool, name: str) -> bytes | None:
    """The id of the line that *window* starts with."""
    line = text.id_at(window, is_end)
    if line is None:
        return None
    try:
        return _value(line.decode("utf-8", "replace"), name)[0].encode()
    except _Unfit:
        return b""


def _plain(record: str, name: str, literal: str) -> str | None:
    """The id of a line that leaves no doubt: no escapes, and the field's name in it once."""
    if "\\" in record or record.count(literal) != 1:
        return None
    try:
        parsed, end = raw_decode(record)
        value = parsed[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return value if type(value) is str and type(parsed) is dict and not record[end:].strip(_BLANKS) else None


def _value(record: str, name: str) -> tuple[str, int]:
    """The id of any line, and the character its value starts at."""
    if not record.strip(_BLANKS):
        raise _Unfit(0, "MP0411", "this line is blank, an empty distinct id", "remove the line")
    try:
        found = [(value, at) for key, value, at in members(record) if key == name]
    except NotAnObject as trouble:
        raise _Unfit(
            trouble.at,
            "MP0431",
            f"this line is not a JSON object: {trouble}",
            'write one object a line, such as {"distinct_id": "user-17"}',
        ) from None
    if not found:
        raise _Unfit(0, "MP0432", f"this object has no field {name!r}", "add the field, or name another with `field:`")
    value, at = found[0]
    if len(found) > 1:
        raise _Unfit(found[1][1], "MP0435", f"this object has the field {name!r} {len(found)} times", "keep the one that is meant")
    if not isinstance(value, str):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        hint = "write the number in quotes, digit by digit as Mixpanel knows it" if is_number else "write the id as a string, in quotes"
        raise _Unfit(at, "MP0433", f"the field {name!r} is {_kind(value)}, not a string", hint)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Unfit(
            at, "MP0434", r"this string has half of a surrogate pair (\ud800 to \udfff), which no text has", "write the whole character"
        ) from None
    return value, at


def _column(record: str, name: str) -> int:
    try:
        return _value(record, name)[1]
    except _Unfit as unfit:
        return unfit.at


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"


def _packed(ids: list[str]) -> tuple[bytes, Ints]:
    whole = "".join(ids)
    lengths = map(len, ids) if whole.isascii() else (len(value.encode()) for value in ids)
    return whole.encode(), np.cumsum(np.fromiter(lengths, np.int64, len(ids)))
