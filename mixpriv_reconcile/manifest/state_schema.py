"""The schema of `workspace.state`: every key of every backend, and which backend has which.

A schema that had one form for each backend would say of one wrong key that no form fits; `state_location` says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mixpriv_reconcile.model.state_place import KEYS as FIELDS
from mixpriv_reconcile.model.state_place import SECRETS
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["KEYS", "REQUIRED", "state_schema"]

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    backend: (*fields, *SECRETS) if backend == "http" else tuple(fields) for backend, fields in FIELDS.items()
}
"""The keys of each backend, beside `backend` itself."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "local": (),
    "s3": ("bucket",),
    "gcs": ("bucket",),
    "azure": ("account", "container"),
    "http": ("address",),
}


DEFAULT: Final = StateLocation()
"""Where the state is if no manifest says it."""


def state_schema() -> dict[str, Any]:
    """All keys; those of one backend only say in their description whose they are."""
    return {
        "type": "object",
        "title": "State",
        "description": "Where the state is kept: what was sent, and the tasks it became. Each workspace has one of its own.",
        "examples": [{"backend": "s3", "bucket": "acme-privacy", "prefix": "mixpriv/web"}],
        "additionalProperties": False,
        "properties": {
            "backend": {
                "type": "string",
                "enum": list(KEYS),
                "default": DEFAULT.backend,
                "title": "Backend",
                "description": "What keeps it: files in the workspace (local), a bucket of S3 or of a service that speaks it (s3), "
                "a bucket of Google's (gcs), a container of Azure's (azure), or a server of Terraform states, such as GitLab (http).",
            },
            "path": {
                "type": "string",
                "minLength": 1,
                "x-shown-as": "path",
                "default": DEFAULT.path,
                "title": "Path",
                "description": "local: a .json file, relative to the workspace and inside it.",
            },
            **_object_store(),
            **_http(),
        },
    }


def _object_store() -> dict[str, Any]:
    return {
        "bucket": _text("Bucket", "s3, gcs: the bucket's name.", "acme-privacy", "bucket"),
        "account": _text("Account", "azure: the storage account's name.", "acmeprivacy", "bucket"),
        "container": _text("Container", "azure: the container's name.", "mixpriv", "bucket"),
        "prefix": _text("Prefix", "s3, gcs, azure: the folder of this state; each workspace has one of its own.", "mixpriv/web", "path"),
        "region": _text("Region", "s3: the bucket's region; without it AWS_REGION says it.", "eu-central-1", "region"),
        "endpoint": _text("Endpoint", "s3, gcs, azure: the service's URL, where it isn't the provider's own.", "https://minio.example.com"),
    }


def _http() -> dict[str, Any]:
    address = "https://gitlab.example.com/api/v4/projects/42/terraform/state/mixpriv"
    method = "the method that {} it; GitLab's is {}."
    return {
        "address": _text("Address", "http: where the state is read and written.", address),
        "lock_address": _text("Lock address", "http: where it is locked; without it the address itself.", f"{address}/lock"),
        "unlock_address": _text("Unlock address", "http: where it is unlocked; without it the address itself.", f"{address}/lock"),
        "lock_method": _text("Lock method", f"http: {method.format('locks', 'POST')}", "POST", "method") | {"default": DEFAULT.lock_method},
        "unlock_method": _text("Unlock method", f"http: {method.format('unlocks', 'DELETE')}", "DELETE", "method")
        | {"default": DEFAULT.unlock_method},
        "username": {
            "$ref": "#/$defs/secretRef",
            "title": "Username",
            "description": "http: where the user's name lies, never the name itself; without it TF_HTTP_USERNAME.",
            "examples": [{"env": "GITLAB_USER"}],
        },
        "password": {
            "$ref": "#/$defs/secretRef",
            "title": "Password",
            "description": "http: where the password or token lies, never itself; without it TF_HTTP_PASSWORD.",
            "examples": [{"env": "GITLAB_TOKEN"}],
        },
    }


def _text(title: str, description: str, example: str, shown_as: str = "") -> dict[str, Any]:
    """A key whose value is text; it is masked in diagnostics unless it has a form to be shown in."""
    shown = {"x-shown-as": shown_as} if shown_as else {}
    return {"type": "string", "minLength": 1, **shown, "title": title, "description": description, "examples": [example]}
