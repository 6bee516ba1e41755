"""What is known of one of Mixpanel's SDKs: where the region is set, what leaks all the same, and how people are opted out."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mixpriv_reconcile.model.regions import Region, data_host, ingestion_host

__all__ = [
    "TOKEN",
    "Deletion",
    "Form",
    "Leak",
    "Mismatch",
    "OptOut",
    "Profile",
    "Setup",
    "Setups",
    "Snippet",
    "filled",
    "flags_leak",
    "setups",
]

TOKEN = "YOUR_PROJECT_TOKEN"
"""Stands where the project token belongs: a snippet never shows a real one."""


class Form(enum.Enum):
    """How the server's location is written (API §3.1); the wrong form breaks an SDK, or silently leaves it on the US host."""

    BARE_HOST = "bare_host"
    ORIGIN = "origin"
    URLS_WITH_PATH = "urls_with_path"
    SYMBOL = "symbol"

    @property
    def words(self) -> str:
        return {
            Form.BARE_HOST: "a bare host, without https://",
            Form.ORIGIN: "https:// and the host, without a path",
            Form.URLS_WITH_PATH: "full URLs, each with its path",
            Form.SYMBOL: "a name in the code",
        }[self]


class Deletion(enum.Enum):
    """Whether opting out deletes the person's profile at Mixpanel, too (API §3.3); events stay in every case."""

    ALWAYS = "always"
    IF_IDENTIFIED = "if_identified"
    DEPENDS = "depends"

    @property
    def words(self) -> str:
        return {
            Deletion.ALWAYS: "deleted in every case",
            Deletion.IF_IDENTIFIED: "deleted if the person was identified",
            Deletion.DEPENDS: "depends on the platform, see below",
        }[self]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Source code, and its language as Markdown's fences name it."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Setup:
    """One region: the values to set, the least call that sets them, and what to know.

    Without values there is nothing to set, and the note says why.
    """

    values: tuple[str, ...]
    call: Snippet
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setups:
    """The three regions of an SDK."""

    us: Setup
    eu: Setup
    india: Setup

    def at(self, region: Region) -> Setup:
        return {Region.US: self.us, Region.EU: self.eu, Region.IN: self.india}[region]


@dataclass(frozen=True, slots=True)
class Leak:
    """The configuration looks right, and traffic goes to another region all the same (API §3.2); and what to do about it.

    Most leaks go to the US, and mean nothing to a project there; those that may go anywhere have *from_us*.
    """

    what: str
    fix: str
    from_us: bool = False


@dataclass(frozen=True, slots=True)
class OptOut:
    """The methods of a client-side SDK (API §3.3); *query* is empty where there is none."""

    opt_out: tuple[str, ...]
    opt_in: tuple[str, ...]
    query: tuple[str, ...]
    by_default: str
    deletes_profile: Deletion


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Mixpanel's documentation says other than the SDK's source does (API §3.4)."""

    where: str
    docs_say: str
    source_says: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One SDK. *opt_out* is None where it has no such method, so that a server has to consult the list of opt-outs itself.

    *default* is where it sends by itself, *also* are further ways to set the region, *list_check* is code that consults the
    list, *version* is the version whose source was read.
    """

    name: str
    title: str
    on_privacy_page: bool
    option: str
    form: Form
    setups: Setups
    default: str
    version: str
    opt_out: OptOut | None
    list_check: Snippet
    also: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
    caveats: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


def flags_leak(option: str) -> Leak:
    """Feature flags don't follow the SDK's own host: *option* is what their configuration calls it (API §3.2)."""
    return Leak(f"feature flags have a host of their own, {option}, which is in the US by default", "set it in the configuration of flags")


def filled(text: str, region: Region, *, us_host: str = "") -> str:
    """*text* with *region*'s hosts for `@host@` and `@data_host@`; *us_host* replaces the first in the US."""
    host = us_host if us_host and region is Region.US else ingestion_host(region)
    return text.replace("@host@", host).replace("@data_host@", data_host(region))


def setups(language: str, code: str, *values: str, us_host: str = "") -> Setups:
    """What is the same in all three regions but for the host."""

    def at(region: Region) -> Setup:
        shown = tuple(filled(value, region, us_host=us_host) for value in values)
        return Setup(shown, Snippet(language, filled(code, region, us_host=us_host)))

    return Setups(us=at(Region.US), eu=at(Region.EU), india=at(Region.IN))
