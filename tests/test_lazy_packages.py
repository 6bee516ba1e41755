"""Packages whose names are loaded on first use offer what they say."""

from __future__ import annotations

from importlib import import_module

import pytest

LAZY = ("state", "remote", "refresh", "sandbox")


@pytest.mark.parametrize("package", LAZY)
def test_each_public_name_is_there(package: str) -> None:
    """What a package lists is what it can load, each name from its home, and nothing else."""
    module = import_module(f"mixpriv_reconcile.{package}")
    assert sorted(module.__all__) == sorted(module._HOMES)
    assert [name for name in module.__all__ if getattr(module, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = module.nothing
