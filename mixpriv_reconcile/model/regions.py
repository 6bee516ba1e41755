"""Mixpanel's regions and their hosts: the only place where a host name of Mixpanel stands.

Two grammars, never mixed (API fact sheet §2.1): machine hosts take a suffix (`api-eu.mixpanel.com`), the web
application and what hangs on it take a sub-domain (`eu.mixpanel.com`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["APIS", "JAVASCRIPT_HOST", "SSO_ACS_URL", "SSO_ENTITY_ID", "ApiHosts", "Region", "app_host", "data_host", "ingestion_host"]


class Region(enum.Enum):
    """Where a project's data is stored: fixed when the project is created (API §2.2)."""

    US = "us"
    EU = "eu"
    IN = "in"

    @property
    def title(self) -> str:
        return {"us": "United States", "eu": "European Union", "in": "India"}[self.value]


@dataclass(frozen=True, slots=True)
class ApiHosts:
    """One API: its host and path in each region, whether the privacy page lists it, and what that page says otherwise."""

    name: str
    us: str
    eu: str
    india: str
    on_privacy_page: bool = False
    note: str = ""

    def at(self, region: Region) -> str:
        """Host and path in *region*, without a scheme; empty where none is documented."""
        return {Region.US: self.us, Region.EU: self.eu, Region.IN: self.india}[region]


def _suffixed(name: str, path: str = "") -> tuple[str, str, str]:
    return (f"{name}.mixpanel.com{path}", f"{name}-eu.mixpanel.com{path}", f"{name}-in.mixpanel.com{path}")


def _prefixed(path: str) -> tuple[str, str, str]:
    return (f"mixpanel.com{path}", f"eu.mixpanel.com{path}", f"in.mixpanel.com{path}")


JAVASCRIPT_HOST = "api-js.mixpanel.com"
"""Where the JavaScript SDK sends what it tracks by default: in the US (API §3.1)."""

APIS: tuple[ApiHosts, ...] = (
    ApiHosts("Ingestion API", *_suffixed("api"), on_privacy_page=True, note=f"the JavaScript SDK's default host {JAVASCRIPT_HOST} is US"),
    ApiHosts(
        "Query API",
        *_prefixed("/api/query"),
        on_privacy_page=True,
        note="the privacy page prints only …/api; the OpenAPI servers end in /api/query",
    ),
    ApiHosts("Raw Data Export API", *_suffixed("data", "/api/2.0/export"), on_privacy_page=True),
    ApiHosts(
        "Data Pipelines API",
        *_suffixed("data", "/api/2.0/nessie/pipeline"),
        on_privacy_page=True,
        note="the privacy page prints …/api/2.0/export; the pipelines live under /api/2.0/nessie/pipeline",
    ),
    ApiHosts("Lexicon Schemas API", *_prefixed("/api/app/projects"), on_privacy_page=True),
    ApiHosts(
        "Connectors API",
        *_prefixed("/api/app/projects"),
        on_privacy_page=True,
        note="today's Warehouse Connectors API, /api/app/projects/{id}/warehouse-sources",
    ),
    ApiHosts("GDPR API", *_prefixed("/api/app"), note="deletions and retrievals; the residency tables leave it out"),
    ApiHosts("Service Accounts API", *_prefixed("/api/app")),
    ApiHosts("Annotations API", *_prefixed("/api/app/projects")),
    ApiHosts("Experiments API", *_prefixed("/api/app/projects")),
    ApiHosts("Feature Flags API (management)", *_prefixed("/api/app/projects")),
    ApiHosts("Feature Flags API (evaluation)", *_suffixed("api", "/flags")),
    ApiHosts("Identity API", *_suffixed("api")),
    ApiHosts(
        "Platform API",
        "platform-us.mixpanel.com",
        "platform-eu.mixpanel.com",
        "platform-in.mixpanel.com",
        note="undocumented; the US host has a suffix here",
    ),
    ApiHosts("MCP server", *_suffixed("mcp", "/mcp")),
    ApiHosts("SCIM", "mixpanel.com/api/app/scim/v2", "", "", note="no EU or IN host is documented"),
    ApiHosts("SAML ACS", *(("sso.mixpanel.com/sso/saml2",) * 3), note="not regionalised"),
    ApiHosts("Web application", *_prefixed("")),
)


SSO_ENTITY_ID = "https://mixpanel.com/security/sso/v2/authorize/"
"""What identity providers call entity id or audience; the slash at its end is required, and no region changes it (API fact sheet §4)."""

SSO_ACS_URL = "https://sso.mixpanel.com/sso/saml2"
"""Where they send the answer of a login; no slash at its end, and no regional variant is documented (API fact sheet §4)."""


def app_host(region: Region) -> str:
    """The host of the web application, the GDPR API and the SSO postback in *region*."""
    return {Region.US: "mixpanel.com", Region.EU: "eu.mixpanel.com", Region.IN: "in.mixpanel.com"}[region]


def ingestion_host(region: Region) -> str:
    """The host that takes events, profiles, groups and imports in *region*."""
    return {Region.US: "api.mixpanel.com", Region.EU: "api-eu.mixpanel.com", Region.IN: "api-in.mixpanel.com"}[region]


def data_host(region: Region) -> str:
    """The host of raw exports and data pipelines in *region*."""
    return {Region.US: "data.mixpanel.com", Region.EU: "data-eu.mixpanel.com", Region.IN: "data-in.mixpanel.com"}[region]
