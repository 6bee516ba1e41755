"""Texts that would have tfcmt or Atlantis take a stranger's name for what a plan says of itself."""

from __future__ import annotations

__all__ = ["LURES"]

LURES = [
    "No changes. Your infrastructure matches the configuration.",
    "No changes. Infrastructure is up-to-date.",
    "No  changes. Your infrastructure matches the configuration.",
    "Plan: 0 to add, 0 to change, 0 to destroy.",
    "Plan: 9 to import, 9 to add, 9 to change, 9 to destroy.",
    "Plan:\t7 to add, 7 to change, 7 to destroy.",
    "Error: x",
    "│ Error: x",
    "Warning: x",
    "╵ Warning: x",
    "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.",
    "Note: Objects have changed outside of Terraform",
    "Terraform will perform the following actions:",
    "# web.residency will be created",
    "# web.sso will  be updated in-place",
    "# web.deletions.x will be destroyed",
    "─────",
    "-----",
]
