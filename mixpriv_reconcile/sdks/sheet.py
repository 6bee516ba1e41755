"""A profile as it looks from one region: what is shown, in every format."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.profile import Form, Leak, Mismatch, OptOut, Profile, Snippet, filled

__all__ = ["ABOUT_LISTS", "ABOUT_OPT_OUTS", "Sheet", "Sheets", "leaks_in", "sheet"]

ABOUT_OPT_OUTS = (
    "What a client's opt-out method says is kept in the browser or on the device alone. Mixpanel's servers don't know it, no API reads or "
    "sets it, and clearing the storage clears it.",
    "A client's opt-out doesn't stop events that a server sends about the same person: servers have to consult the list themselves.",
    "Opting out stops new data. It doesn't erase events that Mixpanel has; that takes a deletion request.",
)
"""API §3.3: what holds for every SDK."""

ABOUT_LISTS = (
    "The list is what `mixpriv apply` writes to a project's opt_outs.write_to. Load it anew when it changes, and send "
    "nothing while it can't be read.",
    "Keep the list on servers: also hashed it tells whoever holds it whether an id they guess is on it. A client asks its server.",
    "Guard profiles, groups and imports the same way as events.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One SDK in one region."""

    name: str
    title: str
    on_privacy_page: bool
    version: str
    option: str
    form: Form
    values: tuple[str, ...]
    default: str
    also: tuple[str, ...]
    call: Snippet
    note: str
    leaks: tuple[Leak, ...]
    opt_out: OptOut | None
    list_check: Snippet
    caveats: tuple[str, ...]
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """What `mixpriv sdk` shows: *project* is None where a region was asked for."""

    project: str | None
    residency: Region
    sdks: tuple[Sheet, ...]
    notes: tuple[str, ...] = (*ABOUT_OPT_OUTS, *ABOUT_LISTS)


def leaks_in(profile: Profile, region: Region) -> tuple[Leak, ...]:
    """The leaks of *profile* that lead out of *region*."""
    return tuple(leak for leak in profile.leaks if region is not Region.US or leak.from_us)


def sheet(profile: Profile, region: Region) -> Sheet:
    """*profile* in *region*, with its hosts and the leaks that lead out of it."""
    setup = profile.setups.at(region)
    return Sheet(
        name=profile.name,
        title=profile.title,
        on_privacy_page=profile.on_privacy_page,
        version=profile.version,
        option=profile.option,
        form=profile.form,
        values=setup.values,
        default=profile.default,
        also=profile.also,
        call=setup.call,
        note=setup.note,
        leaks=leaks_in(profile, region),
        opt_out=profile.opt_out,
        list_check=Snippet(profile.list_check.language, filled(profile.list_check.code, region)),
        caveats=profile.caveats,
        mismatches=profile.mismatches,
    )
