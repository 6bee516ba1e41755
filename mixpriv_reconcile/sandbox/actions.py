"""The actions a fault can take: what goes wrong, and whether the request still takes effect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

__all__ = [
    "ACTIONS",
    "Action",
    "Delayed",
    "Disguise",
    "Dripping",
    "EchoPlace",
    "EchoSecrets",
    "Garbled",
    "Held",
    "HiddenIds",
    "HtmlPage",
    "Hung",
    "JobStatus",
    "NamedConflict",
    "NamelessConflict",
    "OnTheWire",
    "Redirected",
    "RefusedIds",
    "RefusedSize",
    "ResetConnection",
    "Reshaped",
    "StaleConflict",
    "StatusCode",
    "Truncated",
    "action_parsed",
]

Garble = Literal["not-json", "empty", "no-task", "list-empty", "other-project", "partial-echo", "oversized"]

Part = Literal["body", "results", "task"]

EchoPlace = Literal["error", "extra", "status", "task", "retry-after", "location", "conflict", "html"]
"""Where secrets come back: an error's text, further fields of a success, a task's status or id, a header, a 409's task ids, a page."""

Disguise = Literal["raw", "upper", "suffix", "percent", "base64", "hex", "sha256"]

SCANS_TEXT: Final = "too many outstanding day-scans for this project; try again in a few hours"
"""The second cause of 429, independent of the request rate. Source: API §1.5."""


@dataclass(frozen=True, slots=True)
class StatusCode:
    """An HTTP error. `takes_effect` plays a service that fails after it did the work."""

    code: int
    text: str | None = None
    retry_after_seconds: int | None = None
    retry_is_date: bool = False
    takes_effect: bool = False


@dataclass(frozen=True, slots=True)
class ResetConnection:
    """A TCP reset instead of an answer, before or after the request takes effect."""

    takes_effect: bool


@dataclass(frozen=True, slots=True)
class Hung:
    """The request takes effect, but no answer comes, at most for `seconds`, then a hang-up."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """The request takes effect at once; the answer comes `seconds` later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Held:
    """The request takes effect at once; the answer comes when held answers are released, after a minute at the latest."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """The request takes effect; half of the announced body arrives, then the connection ends."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """The request takes effect; the answer has its success status but a body of no use."""

    how: Garble


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The request takes effect; in the answer the whole body, `results` or the task's name is this JSON instead."""

    part: Part
    json_text: str


@dataclass(frozen=True, slots=True)
class Dripping:
    """The request takes effect; blanks come one after the other before the answer, for `seconds`, then a hang-up; None for ever."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A proxy's HTML page with status 200; the request never reaches the service."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """A redirect to `url`; the request has no effect."""

    code: int
    url: str


@dataclass(frozen=True, slots=True)
class EchoSecrets:
    """Bearer, project token and ids come back in headers and at `place`, all of them in `disguise`.

    The request takes effect at the places that belong to a success: extra, status and task.
    """

    place: EchoPlace = "error"
    disguise: Disguise = "raw"


@dataclass(frozen=True, slots=True)
class NamelessConflict:
    """A 409 that names neither ids nor tasks."""


@dataclass(frozen=True, slots=True)
class NamedConflict:
    """A 409 that lists all ids of the POST and names these tasks, whatever they are."""

    tracking_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaleConflict:
    """A 409 that names cancelled tasks with ids of the POST; one without such ids is served."""


@dataclass(frozen=True, slots=True)
class HiddenIds:
    """GET doesn't echo the task's ids, whatever the sandbox does otherwise."""


@dataclass(frozen=True, slots=True)
class RefusedIds:
    """A 400 for each POST that has an id with `substring` in it; other requests are served."""

    substring: str


@dataclass(frozen=True, slots=True)
class RefusedSize:
    """An error for each POST of more than `most` ids; other requests are served."""

    most: int
    code: int = 413


@dataclass(frozen=True, slots=True)
class JobStatus:
    """GET answers this job status whatever the task's own is; the task doesn't change."""

    status: str


Action = (
    StatusCode
    | ResetConnection
    | Hung
    | Delayed
    | Held
    | Truncated
    | Garbled
    | Reshaped
    | Dripping
    | HtmlPage
    | Redirected
    | EchoSecrets
    | NamelessConflict
    | NamedConflict
    | StaleConflict
    | HiddenIds
    | RefusedIds
    | RefusedSize
    | JobStatus
)

OnTheWire = StatusCode | ResetConnection | Hung | Delayed | Held | Truncated | Dripping | HtmlPage | Redirected
"""What can also go wrong with the download of an export: it needs no look into what is answered."""

ACTIONS: Final = (
    "an HTTP status from 400 to 599 with none or more of retry-after=SECONDS, retry-date=SECONDS "
    "and after (`503:after,retry-after=3`), 429-scans, reset-before, reset-after, hang[:SECONDS], "
    "delay:SECONDS, hold, drip[:SECONDS], truncate, oversized, not-json, empty, no-task, list-empty, other-project, partial-echo, "
    "body:JSON, results:JSON, task:JSON, html, redirect:URL, redirect301|302|303|307|308:URL, "
    "echo-secrets[:PLACE[,DISGUISE]], unknown-status, conflict-nameless, "
    "conflict-stale, conflict-names:TASK[,TASK…], hide-ids, refuse-ids:SUBSTRING, "
    "refuse-over:COUNT[,400|413|422], status:NAME"
)
"""The accepted actions, as an error message names them."""

_BARE: Final[Mapping[str, Action]] = MappingProxyType(
    {
        "429-scans": StatusCode(429, SCANS_TEXT),
        "reset-before": ResetConnection(takes_effect=False),
        "reset-after": ResetConnection(takes_effect=True),
        "hang": Hung(),
        "hold": Held(),
        "truncate": Truncated(),
        "not-json": Garbled("not-json"),
        "empty": Garbled("empty"),
        "no-task": Garbled("no-task"),
        "list-empty": Garbled("list-empty"),
        "other-project": Garbled("other-project"),
        "partial-echo": Garbled("partial-echo"),
        "oversized": Garbled("oversized"),
        "drip": Dripping(),
        "html": HtmlPage(),
        "echo-secrets": EchoSecrets(),
        "unknown-status": JobStatus("UNKNOWN"),
        "conflict-nameless": NamelessConflict(),
        "conflict-stale": StaleConflict(),
        "hide-ids": HiddenIds(),
    }
)

_WITH_ARGUMENT: Final[Mapping[str, Callable[[str], Action]]] = MappingProxyType(
    {
        "hang": lambda argument: Hung(_seconds(argument)),
        "delay": lambda argument: Delayed(_seconds(argument)),
        "drip": lambda argument: Dripping(_seconds(argument)),
        "body": lambda argument: Reshaped("body", _json(argument)),
        "results": lambda argument: Reshaped("results", _json(argument)),
        "task": lambda argument: Reshaped("task", _json(argument)),
        "conflict-names": lambda argument: NamedConflict(tuple(argument.split(","))),
        "echo-secrets": lambda argument: _echo_secrets(argument),
        "refuse-ids": RefusedIds,
        "refuse-over": lambda argument: _refused_size(argument),
        "status": JobStatus,
    }
)

_REDIRECT: Final = re.compile(r"redirect(30[12378])?")


def action_parsed(text: str) -> Action:
    """The action written as `ACTION[:ARG]`; ValueError says only what is wrong with it."""
    name, colon, argument = text.partition(":")
    if re.fullmatch(r"[45]\d\d", name):
        return _status_code(int(name), argument)
    if (redirect := _REDIRECT.fullmatch(name)) and argument:
        return Redirected(int(redirect[1] or 302), argument)
    if not colon and name in _BARE:
        return _BARE[name]
    if argument and name in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[name](argument)
    if name in _WITH_ARGUMENT or _REDIRECT.fullmatch(name):
        raise ValueError(f"action {name!r} needs an argument after a colon")
    if name in _BARE:
        raise ValueError(f"action {name!r} takes no argument")
    raise ValueError(f"unknown action {name!r}")


def _status_code(code: int, argument: str) -> StatusCode:
    retry_seconds: int | None = None
    is_date = takes_effect = False
    for part in filter(None, argument.split(",")):
        key, _, number = part.partition("=")
        if part == "after":
            takes_effect = True
        elif key in ("retry-after", "retry-date") and re.fullmatch(r"-?\d{1,12}", number, re.ASCII):
            retry_seconds, is_date = int(number), key == "retry-date"
        else:
            raise ValueError(f"unknown argument {part!r} of a status")
    return StatusCode(code, None, retry_seconds, is_date, takes_effect)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{text!r} is no JSON") from None
    return text


def _refused_size(text: str) -> RefusedSize:
    most, _, code = text.partition(",")
    if not (most.isascii() and most.isdecimal()) or code not in ("", "400", "413", "422"):
        raise ValueError(f"{text!r} is no number of ids with an HTTP status")
    return RefusedSize(int(most), int(code or 413))


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        raise ValueError(f"{text!r} is no number of seconds")
    return float(text)


def _echo_secrets(argument: str) -> EchoSecrets:
    place, comma, disguise = argument.partition(",")
    return EchoSecrets(_one_of(EchoPlace, place), _one_of(Disguise, disguise) if comma else "raw")


def _one_of(choices: Any, text: str) -> Any:
    if text not in get_args(choices):
        raise ValueError(f"{text!r} is none of {', '.join(get_args(choices))}")
    return text
