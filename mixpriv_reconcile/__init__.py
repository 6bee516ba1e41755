"""Privacy operations as code for Mixpanel: `mixpriv`, importable."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
