"""The state in Google Cloud Storage."""

from __future__ import annotations

from typing import Final

from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.extras import check_extra
from mixpriv_reconcile.state.object_store import check_endpoint, chosen, clients
from mixpriv_reconcile.state.objects import ObjectBackend

__all__ = ["opened"]

FROM_ENVIRONMENT: Final = ("application_credentials", "service_account", "service_account_path", "service_account_key", "bearer_token")
"""What is handed on of Google's variables. It goes before what obstore reads of the process's
environment by itself, which is all of them. Source: object_store's `GoogleConfigKey`."""


def opened(location: StateLocation, surroundings: Surroundings) -> ObjectBackend:
    """The state in the bucket; raises `MissingExtra` where the package for it isn't installed."""
    check_extra("obstore", "gcs")
    from obstore.store import GCSStore  # only where such a state is opened

    config = {f"google_{name}": value for name, value in chosen(surroundings.environment, "GOOGLE_", FROM_ENVIRONMENT).items()}
    if location.endpoint:
        config["google_base_url"] = location.endpoint

    built = clients(GCSStore, location.bucket, location.prefix, config)

    place = f"gs://{'/'.join(filter(None, (location.bucket, location.prefix)))}"
    copied = f"gcloud storage cp {place}/{{source}} {place}/{{target}}"
    return ObjectBackend(built, location.shown, surroundings, allows_http=check_endpoint(location.endpoint, location.shown), copied=copied)
