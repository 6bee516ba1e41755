"""Suites that every implementation of a port must pass."""

from __future__ import annotations

import pytest

for suite in ("state_backend", "leases", "object_cuts", "object_fencing"):
    pytest.register_assert_rewrite(f"{__name__}.{suite}")
