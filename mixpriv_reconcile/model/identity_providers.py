"""Identity providers: which field takes Mixpanel's postback URL, and what they call the two values that no region changes.

Source: API fact sheet §4, from Mixpanel's pages on each provider. An organization has one postback URL; only a login that starts at the
identity provider lands where its host says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixpriv_reconcile.model.regions import SSO_ACS_URL, SSO_ENTITY_ID

__all__ = ["IDENTITY_PROVIDERS", "IdentityProvider"]


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One provider: its own names for things.

    *url_field* takes the postback URL. *entity_id_fields* and *acs_fields* hold `SSO_ENTITY_ID` and `SSO_ACS_URL` whatever the region;
    empty where its application for Mixpanel doesn't ask for them. *taken_back* goes back to Mixpanel: (its name here, its name there).
    """

    title: str
    url_field: str
    entity_id_fields: tuple[str, ...] = ()
    acs_fields: tuple[str, ...] = ()
    taken_back: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def unchanged(self) -> tuple[str, ...]:
        """What stays as it is, a line each."""
        entity = _named(self.entity_id_fields) or "the entity id (audience)"
        acs = _named(self.acs_fields) or "the ACS URL (reply, recipient or destination URL)"
        return (
            f"leave {entity} at {SSO_ENTITY_ID} in every region, with the slash at its end",
            f"leave {acs} at {SSO_ACS_URL} in every region, without a slash at its end",
        )


def _named(fields: tuple[str, ...]) -> str:
    quoted = [f"“{field}”" for field in fields]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), *quoted[-1:])))


CERTIFICATE = ("certificate", "SAML certificate (.cert or .pem, not .xml)")
SIGN_IN = "Identity Provider Sign-in URL"
ISSUER = "Issuer URL"
TRIO = (("SSO URL", SIGN_IN), ("Entity ID", ISSUER), CERTIFICATE)

IDENTITY_PROVIDERS: Mapping[str, IdentityProvider] = {
    "okta": IdentityProvider(
        "Okta",
        "Single sign on URL",
        ("Audience",),
        ("Requestable", "Recipient", "Destination"),
        (("Redirect Login URL", SIGN_IN), ("Issuer", ISSUER), CERTIFICATE),
    ),
    "entra": IdentityProvider(
        "Microsoft Entra ID",
        "Sign on URL",
        ("Identifier",),
        ("Reply URL",),
        (("Login URL", SIGN_IN), ("Azure AD Identifier", ISSUER), CERTIFICATE),
    ),
    "google": IdentityProvider("Google Workspace", "Start URL", ("Entity ID",), ("ACS URL",), TRIO),
    "jumpcloud": IdentityProvider(
        "JumpCloud",
        "Login URL",
        ("SP Entity ID",),
        ("ACS URL",),
        TRIO,
        "the IdP Entity ID must be one that no other application of yours has",
    ),
    "onelogin": IdentityProvider(
        "OneLogin",
        "Postback",
        note="it is the only value that OneLogin's application for Mixpanel asks for; the two others need no hand",
    ),
    "other": IdentityProvider(
        "another SAML 2.0 provider",
        "the field for the start or sign-on URL of IdP-initiated login",
        note="Mixpanel sets up providers of which it has no page through its support",
    ),
}
"""By the word in the manifest."""
