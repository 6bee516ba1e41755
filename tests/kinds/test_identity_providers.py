"""What a person does at each identity provider: typed by hand from Mixpanel's page on it (API fact sheet §4)."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.kinds.sso import SCHEMA, manual_step
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import SsoSpec

URL = "https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=42"
ENTITY_ID = "https://mixpanel.com/security/sso/v2/authorize/"
ACS = "https://sso.mixpanel.com/sso/saml2"

TABLE = {
    "okta": (
        "at the identity provider (Okta), set “Single sign on URL” to " + URL,
        f"leave “Audience” at {ENTITY_ID} in every region, with the slash at its end",
        f"leave “Requestable”, “Recipient” and “Destination” at {ACS} in every region, without a slash at its end",
        "Redirect Login URL goes into “Identity Provider Sign-in URL”; Issuer goes into “Issuer URL”; "
        "certificate goes into “SAML certificate (.cert or .pem, not .xml)”",
    ),
    "entra": (
        "at the identity provider (Microsoft Entra ID), set “Sign on URL” to " + URL,
        f"leave “Identifier” at {ENTITY_ID} in every region, with the slash at its end",
        f"leave “Reply URL” at {ACS} in every region, without a slash at its end",
        "Login URL goes into “Identity Provider Sign-in URL”; Azure AD Identifier goes into “Issuer URL”; "
        "certificate goes into “SAML certificate (.cert or .pem, not .xml)”",
    ),
    "google": (
        "at the identity provider (Google Workspace), set “Start URL” to " + URL,
        f"leave “Entity ID” at {ENTITY_ID} in every region, with the slash at its end",
        f"leave “ACS URL” at {ACS} in every region, without a slash at its end",
        "SSO URL goes into “Identity Provider Sign-in URL”; Entity ID goes into “Issuer URL”; "
        "certificate goes into “SAML certificate (.cert or .pem, not .xml)”",
    ),
    "jumpcloud": (
        "at the identity provider (JumpCloud), set “Login URL” to " + URL,
        f"leave “SP Entity ID” at {ENTITY_ID} in every region, with the slash at its end",
        f"leave “ACS URL” at {ACS} in every region, without a slash at its end",
        "SSO URL goes into “Identity Provider Sign-in URL”; Entity ID goes into “Issuer URL”; "
        "certificate goes into “SAML certificate (.cert or .pem, not .xml)”",
    ),
    "onelogin": (
        "at the identity provider (OneLogin), set “Postback” to " + URL,
        f"leave the entity id (audience) at {ENTITY_ID} in every region, with the slash at its end",
        f"leave the ACS URL (reply, recipient or destination URL) at {ACS} in every region, without a slash at its end",
        "",
    ),
    "other": (
        "at the identity provider (another SAML 2.0 provider), set the field for the start or sign-on URL of IdP-initiated login to " + URL,
        f"leave the entity id (audience) at {ENTITY_ID} in every region, with the slash at its end",
        f"leave the ACS URL (reply, recipient or destination URL) at {ACS} in every region, without a slash at its end",
        "",
    ),
}


def test_every_provider_of_the_schema_has_its_row() -> None:
    """What `identity_provider` may say is what is told here."""
    assert list(TABLE) == SCHEMA["properties"]["identity_provider"]["enum"]


@pytest.mark.parametrize("provider", TABLE)
def test_the_step_speaks_the_providers_words(provider: str) -> None:
    """The step names the field that takes the exact URL, the two values that stay, in the provider's own names, and what goes back."""
    title, entity_id, acs, back = TABLE[provider]
    step = manual_step(SsoSpec(URL, Region.EU, provider), "web-eu.sso")
    assert title == step.title
    assert (entity_id, acs) == step.lines[:2]
    assert [f"back in Mixpanel, under Organization Settings › Access Security, if it isn't there yet: {back}"] * bool(back) == [
        line for line in step.lines if line.startswith("back in Mixpanel")
    ]
    assert "then run `mixpriv confirm web-eu.sso --by WHO`, or write `confirmed: {by: …, on: …}` in the manifest" == step.lines[-1]


def test_an_unnamed_provider_is_another_one() -> None:
    """Without `identity_provider` the step uses no provider's names."""
    assert TABLE["other"][0] == manual_step(SsoSpec(URL, Region.EU), "web-eu.sso").title


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("provider", TABLE)
def test_only_the_postback_url_is_regional(provider: str, region: Region) -> None:
    """Entity id and ACS URL are the same for each landing region."""
    lines = manual_step(SsoSpec(URL, region, provider), "web-eu.sso").lines
    assert lines == manual_step(SsoSpec(URL, Region.EU, provider), "web-eu.sso").lines
