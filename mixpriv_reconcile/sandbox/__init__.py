"""The sandbox: a stand-in Mixpanel on loopback, for demos and tests.

Input: HTTP requests. Output: HTTP answers, as the GDPR API v3 of all three regions gives them. It shares no
code with the rest of the package, so that the client and its counterpart can't be wrong in the same way.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mixpriv_reconcile.sandbox.errors import SandboxError, SandboxExtraMissing, StoreUnreadable
    from mixpriv_reconcile.sandbox.options import Project, SandboxOptions
    from mixpriv_reconcile.sandbox.serving import Embedded, serve

__all__ = [
    "Embedded",
    "Project",
    "SandboxError",
    "SandboxExtraMissing",
    "SandboxOptions",
    "StoreUnreadable",
    "serve",
]

_HOMES: Final = {
    "Embedded": "serving",
    "Project": "options",
    "SandboxError": "errors",
    "SandboxExtraMissing": "errors",
    "SandboxOptions": "options",
    "StoreUnreadable": "errors",
    "serve": "serving",
}


def __getattr__(name: str) -> object:
    """Loads a public name on first use, for most runs of the program never need the sandbox."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
