"""What a service account sees of its projects in one region: the question, and the one thing that is read from the answer.

The answer holds names and e-mail addresses of people. Nothing of it is kept but the regions of the projects that were asked about.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.regions import Region, app_host
from mixpriv_reconcile.model.remote import Lost, NotSent, Request, Response

__all__ = ["Seen", "Unseen", "live_regions", "question", "read_answer", "region_of"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The projects, of those asked about, that the account sees through one region: their regions, None for a domain nobody knows."""

    projects: Mapping[int, Region | None]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A region that can't be asked, in a few words; *is_denied* says that it doesn't take these credentials."""

    why: str
    is_denied: bool = False


def question() -> Request:
    """The GET that lists an account's projects. Source: API fact sheet §2.3 #1; undocumented, so whatever it answers is borne."""
    return Request("GET", "/api/app/me")


def read_answer(answer: Response | NotSent | Lost, project_ids: Collection[int]) -> Seen | Unseen:
    """What one region's *answer* says of the projects with these ids; of others, and of anything else in it, nothing is taken."""
    match answer:
        case NotSent(why) | Lost(why):
            return Unseen(why)
        case Response(status=401 | 403):
            return Unseen(f"HTTP {answer.status}", is_denied=True)
        case Response(status=200):
            projects = _projects(answer)
        case _:
            return Unseen(f"HTTP {answer.status}")
    if projects is None:
        return Unseen("an answer that can't be read")
    named = {project_id: projects[str(project_id)] for project_id in project_ids if str(project_id) in projects}
    return Seen({number: region_of(facts.get("domain")) for number, facts in named.items() if isinstance(facts, dict)})


def _projects(answer: Response) -> Mapping[str, Any] | None:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    results = document.get("results") if isinstance(document, dict) else None
    projects = results.get("projects") if isinstance(results, dict) else None
    return projects if isinstance(projects, dict) else None


def region_of(domain: object) -> Region | None:
    """The region that a project's *domain* is in, with or without scheme and path, also as a `data-` host; None for any other word."""
    if not isinstance(domain, str):
        return None
    text = domain.strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    host = host.removesuffix(".").removeprefix("data-")
    return next((region for region in Region if app_host(region) == host), None)


def live_regions(
    declared: Mapping[int, tuple[str, Region]], answers: Mapping[Region, Seen | Unseen]
) -> tuple[Mapping[int, Region], tuple[Diagnostic, ...]]:
    """Where the *declared* projects (number → name, region) live, as far as *answers* tell, and what is to be said of the rest.

    A project's own region counts first: its answer is the one these credentials are known to be good for.
    """
    found: dict[int, Region] = {}
    unseen: list[Diagnostic] = []
    for number, (name, region) in sorted(declared.items(), key=lambda item: item[1][0]):
        told = [seen.projects[number] for seen in _in_order(region, answers) if number in seen.projects]
        known = next((one for one in told if one is not None), None)
        if known is not None:
            found[number] = known
        elif told:
            unseen.append(_note("MP0733", f"Mixpanel names a domain for project {number} that belongs to no region known here", name))
        elif isinstance(answers.get(region), Seen):
            message = f"the service account doesn't see project {number} in {region.value}, so that its region isn't checked"
            hint = "give it a role in the project, under Organization Settings › Service Accounts; or correct `id` or `residency`"
            unseen.append(_note("MP0732", message, name, hint))
    return found, (*_skipped(answers), *unseen)


def _in_order(first: Region, answers: Mapping[Region, Seen | Unseen]) -> Iterable[Seen]:
    ordered = sorted(answers.items(), key=lambda item: (item[0] is not first, item[0].value))
    return (answer for _, answer in ordered if isinstance(answer, Seen))


def _skipped(answers: Mapping[Region, Seen | Unseen]) -> Iterable[Diagnostic]:
    for region, answer in sorted(answers.items(), key=lambda item: item[0].value):
        if not isinstance(answer, Unseen):
            continue
        if answer.is_denied:
            message = f"{region.value} doesn't take the service account ({answer.why}); which projects live there isn't checked"
            yield _note("MP0730", message, hint="its credentials are good in one region; see `mixpriv explain MP0730`")
        else:
            message = f"which projects live in {region.value} can't be looked up now: {answer.why}"
            yield _note("MP0731", message, hint="run it again later; --no-refresh leaves the question out")


def _note(code: str, message: str, address: str = "", hint: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.NOTE, message, hint, address=f"{address}.residency" if address else "")
