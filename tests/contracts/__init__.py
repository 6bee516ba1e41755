"""Suites that every implementation of a port must pass."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(f"{__name__}.state_backend")
