"""Mixpanel's hosts, API by API and region by region, and where the privacy page says something else."""

from __future__ import annotations

import json
from typing import Any, TextIO

from mixpriv_reconcile.model.page import Page, Section, Table
from mixpriv_reconcile.model.regions import APIS, ApiHosts, Region
from mixpriv_reconcile.render.look import Look, painted, wrapped

__all__ = ["endpoints_document", "endpoints_json", "endpoints_page", "render_endpoints"]

NO_INDIA = "the privacy page lists no host in India"
NOT_LISTED = "the privacy page doesn't list this API"


def render_endpoints(stream: TextIO, look: Look, region: Region | None = None) -> None:
    """A block a region, a line an API (`*` where a note follows), the notes below; all regions where *region* is None."""
    width = max(len(api.name) for api in APIS)
    for number, shown in enumerate(_regions(region)):
        stream.write(("\n" if number else "") + painted(f"{shown.title} ({shown.value})", look, "bold") + "\n")
        for api in APIS:
            mark = "*" if api.note else " "
            stream.write(f"  {api.name:<{width}} {mark} {api.at(shown) or 'none documented'}\n")
    stream.write("\n")
    for api in APIS:
        if api.note:
            stream.write(wrapped(f"* {api.name}: {api.note}", look, "", "  ") + "\n")
    if Region.IN in _regions(region):
        stream.write(wrapped(f"* {Region.IN.title}: {NO_INDIA}; these follow Mixpanel's API reference", look, "", "  ") + "\n")
    missing = ", ".join(api.name for api in APIS if not api.on_privacy_page)
    stream.write(wrapped(f"Not on the privacy page at all: {missing}.", look, "", "  ") + "\n")


def endpoints_document(region: Region | None = None) -> dict[str, Any]:
    """`{"endpoints": […]}`; *host_and_path* is null where none is documented, *note* is empty where nothing is to be said."""
    return {"endpoints": [_endpoint(api, shown) for shown in _regions(region) for api in APIS]}


def endpoints_page(region: Region | None = None) -> Page:
    """A table a region."""
    title = "Hosts of Mixpanel's APIs" if region is None else f"Hosts of Mixpanel's APIs in the region {region.title} ({region.value})"
    return Page(title, tuple(Section(f"{shown.title} ({shown.value})", (_table(shown),)) for shown in _regions(region)))


def _table(region: Region) -> Table:
    return Table(("API", "Host and path", "Note"), tuple(_row(_endpoint(api, region)) for api in APIS))


def _row(endpoint: dict[str, Any]) -> tuple[str, str, str]:
    host = endpoint["host_and_path"]
    return (endpoint["api"], f"`{host}`" if host is not None else "none documented", endpoint["note"])


def endpoints_json(region: Region | None = None) -> str:
    """One document, indented by two spaces, in ASCII, with a newline at its end."""
    return json.dumps(endpoints_document(region), indent=2) + "\n"


def _endpoint(api: ApiHosts, region: Region) -> dict[str, Any]:
    listed = api.on_privacy_page and region is not Region.IN
    differs = "" if listed else NO_INDIA if api.on_privacy_page else NOT_LISTED
    return {
        "api": api.name,
        "region": region.value,
        "host_and_path": api.at(region) or None,
        "on_privacy_page": listed,
        "note": "; ".join(note for note in (api.note, differs) if note),
    }


def _regions(region: Region | None) -> tuple[Region, ...]:
    return tuple(Region) if region is None else (region,)
