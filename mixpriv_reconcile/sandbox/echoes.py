"""Echoes: answers that send a call's secrets and ids back, where a careless client would show them or write them down."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from mixpriv_reconcile.sandbox.actions import Disguise, EchoSecrets
from mixpriv_reconcile.sandbox.answers import Answer, json_answer
from mixpriv_reconcile.sandbox.bodies import ids_in
from mixpriv_reconcile.sandbox.calls import Call

__all__ = ["echoed"]

IDS_IN_HEADERS: Final = 3
"""A header line of 2,000 ids would be refused by the client for its length, and prove nothing."""

PRINTABLE: Final = "".join(map(chr, range(32, 127))).replace("%", "")

_DISGUISES: Final[Mapping[Disguise, Callable[[str], str]]] = MappingProxyType(
    {
        "raw": str,
        "upper": str.upper,
        "suffix": lambda text: f"{text}-1",
        "percent": lambda text: quote(text, safe=""),
        "base64": lambda text: base64.b64encode(text.encode()).decode(),
        "hex": lambda text: text.encode().hex(),
        "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    }
)


def echoed(call: Call, action: EchoSecrets, served: Callable[[], Answer]) -> Answer:
    """The answer to *call* with what it carries in the place and disguise that *action* names. *served* lets it take effect."""
    disguised = _DISGUISES[action.disguise]
    bearer = call.authorization.partition(" ")[2].strip()
    ids = [disguised(one) for one in ids_in(call.body)]
    secrets = [*ids, disguised(bearer), disguised(call.project_token)]
    match action.place:
        case "error":
            text = json.dumps({"authorization": disguised(call.authorization), "secrets": secrets}, ensure_ascii=False)
            answer = json_answer(400, {"status": "error", "error": f"cannot use {text}"})
        case "extra":
            answer = _altered(served(), {"message": secrets[0], "secrets": secrets, "destination_url": f"https://{secrets[-1]}.invalid/"})
        case "status":
            answer = _altered(served(), {"status": secrets[0]})
        case "task":
            answer = _altered(served(), {"tracking_id": secrets[0], "task_id": secrets[0]})
        case "retry-after":
            answer = json_answer(429, {"error": " ".join(secrets)}, ("Retry-After", _printable(secrets[0])))
        case "location":
            answer = Answer(302, headers=(("Location", _printable(f"{call.origin}/{secrets[0]}?{secrets[-1]}")),))
        case "conflict":
            named = {"conflicting_distinct_ids": ids, "conflicting_task_ids": secrets, "error": " ".join(secrets)}
            answer = json_answer(409, {"status": "error", "error": named})
        case "html":
            answer = Answer(200, f"<!DOCTYPE html><title>{html.escape(' '.join(secrets))}</title>".encode(), "text/html")
    headers = {
        "X-Echo-Authorization": disguised(call.authorization),
        "X-Echo-Token": secrets[-1],
        "X-Echo-Ids": ",".join(ids[:IDS_IN_HEADERS]),
    }
    return replace(answer, headers=(*answer.headers, *((name, _printable(value)) for name, value in headers.items())))


def _altered(answer: Answer, facts: Mapping[str, object]) -> Answer:
    """*answer* with *facts* in its results; a refusal stays as it is, and 204 becomes 200, for it may not have a body."""
    if answer.status >= 400:
        return answer
    document: Any = json.loads(answer.body) if answer.body else {"status": "ok", "results": {}}
    results = document["results"]
    results = [one | facts for one in results] if isinstance(results, list) else results | facts
    told = json_answer(200 if answer.status == 204 else answer.status, document | {"results": results})
    return replace(told, tracking_id=answer.tracking_id)


def _printable(text: str) -> str:
    """A header's value. Printable ASCII goes as it is, for what is looked for are the secrets themselves."""
    return quote(text.strip(), safe=PRINTABLE)
