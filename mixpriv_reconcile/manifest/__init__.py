"""Stage 1. READ: a workspace folder → DesiredState, or diagnostics, all of them."""

from __future__ import annotations

from mixpriv_reconcile.manifest.read import Reading, read_workspace
from mixpriv_reconcile.manifest.schema import manifest_schema

__all__ = ["Reading", "manifest_schema", "read_workspace"]
