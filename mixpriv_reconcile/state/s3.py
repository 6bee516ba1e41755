"""The state in S3, or in any storage that speaks its protocol and does conditional writes."""

from __future__ import annotations

from typing import Final

from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.extras import check_extra
from mixpriv_reconcile.state.object_store import check_endpoint, chosen, clients
from mixpriv_reconcile.state.objects import ObjectBackend

__all__ = ["opened"]

FROM_ENVIRONMENT: Final = (
    "access_key_id",
    "secret_access_key",
    "session_token",
    "region",
    "default_region",
    "endpoint_url",
    "endpoint_url_s3",
    "web_identity_token_file",
    "role_arn",
    "role_session_name",
    "sts_endpoint",
    "container_credentials_relative_uri",
    "container_credentials_full_uri",
    "container_authorization_token_file",
)
"""What is handed on of AWS's variables. It goes before what obstore reads of the process's
environment by itself, which is all of them. Source: object_store's `AmazonS3ConfigKey`; profiles in `~/.aws` are not among them."""


def opened(location: StateLocation, surroundings: Surroundings) -> ObjectBackend:
    """The state in the bucket; raises `MissingExtra` where the package for it isn't installed."""
    check_extra("obstore", "s3")
    from obstore.store import S3Store  # only where such a state is opened

    found = chosen(surroundings.environment, "AWS_", FROM_ENVIRONMENT)
    endpoint = location.endpoint or found.get("endpoint_url_s3") or found.get("endpoint_url", "")
    config = {f"aws_{name}": value for name, value in found.items() if not name.startswith("endpoint_url")}
    config["aws_conditional_put"] = "etag"  # whatever the environment says: nothing here is safe without
    if endpoint:
        config["aws_endpoint_url_s3"] = endpoint  # goes before what the process's own environment says of endpoints
    if location.region:
        config["aws_region"] = location.region

    built = clients(S3Store, location.bucket, location.prefix, config)

    copied = f"aws s3 cp {location.shown}/{{source}} {location.shown}/{{target}}"
    return ObjectBackend(built, location.shown, surroundings, allows_http=check_endpoint(endpoint, location.shown), copied=copied)
