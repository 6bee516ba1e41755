"""The state in Azure Blob Storage: *account* is the storage account, *bucket* the container."""

from __future__ import annotations

from typing import Final

from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.extras import check_extra
from mixpriv_reconcile.state.object_store import check_endpoint, chosen, clients
from mixpriv_reconcile.state.objects import ObjectBackend

__all__ = ["opened"]

FROM_ENVIRONMENT: Final = (
    "storage_account_name",
    "storage_account_key",
    "storage_sas_key",
    "storage_sas_token",
    "storage_client_id",
    "storage_client_secret",
    "storage_tenant_id",
    "client_id",
    "client_secret",
    "tenant_id",
    "federated_token_file",
    "authority_host",
    "msi_endpoint",
    "use_azure_cli",
)
"""What is handed on of Azure's variables. It goes before what obstore reads of the process's
environment by itself, which is all of them. Source: object_store's `AzureConfigKey`."""

SAME: Final = {
    "storage_sas_token": "storage_sas_key",
    "client_id": "storage_client_id",
    "client_secret": "storage_client_secret",
    "tenant_id": "storage_tenant_id",
}
"""Names for what has another: the client takes either, and refuses both. Source: object_store's `AzureConfigKey`."""


def opened(location: StateLocation, surroundings: Surroundings) -> ObjectBackend:
    """The state in the container; raises `MissingExtra` where the package for it isn't installed."""
    check_extra("obstore", "azure")
    from obstore.store import AzureStore  # only where such a state is opened

    found = chosen(surroundings.environment, "AZURE_", FROM_ENVIRONMENT)
    config = {f"azure_{SAME.get(name, name)}": value for name, value in found.items()}
    if location.account:
        config["azure_storage_account_name"] = location.account
    if location.endpoint:
        config["azure_endpoint"] = location.endpoint

    built = clients(AzureStore, location.bucket, location.prefix, config)

    account = f"--account-name {location.account} " if location.account else ""
    prefix = f"{location.prefix}/" if location.prefix else ""
    copied = (
        f"az storage blob copy start {account}--source-container {location.bucket} --source-blob {prefix}{{source}} "
        f"--destination-container {location.bucket} --destination-blob {prefix}{{target}}"
    )
    return ObjectBackend(built, location.shown, surroundings, allows_http=check_endpoint(location.endpoint, location.shown), copied=copied)
