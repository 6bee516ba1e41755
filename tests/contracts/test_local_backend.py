"""The state in local files keeps what every backend promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateDamaged
from mixpriv_reconcile.state import LocalBackend

from .state_backend import Backend, StateBackendContract


class TestLocalBackend(StateBackendContract):
    """The suite, over `mixpriv.state.json` in a folder of its own."""

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Backend:
        return LocalBackend(tmp_path / "mixpriv.state.json")

    @pytest.fixture
    def spelled(self, tmp_path: Path) -> tuple[str, str]:
        path = str(tmp_path / "mixpriv.state.json")
        return "from mixpriv_reconcile.state import LocalBackend", f"LocalBackend(Path({path!r}))"

    def test_empty_document_is_damage(self, backend: Backend, tmp_path: Path) -> None:
        """A state file of zero bytes is damage, never a new state."""
        (tmp_path / "mixpriv.state.json").touch()
        with pytest.raises(StateDamaged, match=r"mixpriv\.state\.json is empty"):
            backend.read()
