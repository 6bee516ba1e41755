"""What can go wrong with the sandbox itself, as opposed to the errors it plays for its clients."""

from __future__ import annotations

__all__ = ["SandboxError", "SandboxExtraMissing", "StoreUnreadable"]


class SandboxError(Exception):
    """The root of the sandbox's own errors."""


class SandboxExtraMissing(SandboxError):
    """The web server libraries, an optional extra, are not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(f"the sandbox needs {library!r}, which isn't installed\n\nhint: pip install 'mixpriv-reconcile[sandbox]'")
        self.library = library


class StoreUnreadable(SandboxError):
    """The file at the store's place is damaged, or was written by another version."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the sandbox can't read its store {path}: {reason}\n\n"
            "hint: delete that file; it holds nothing but the sandbox's pretended tasks"
        )
        self.path = path
