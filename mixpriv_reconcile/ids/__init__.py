"""Distinct ids by the million: read as a stream, known by keyed digest, never a Python list of them.

`scan.scan` goes from sources to an `IdSet` and its origins; `known.Known` says what of it is new; `segments` keeps what was sent.
This package itself loads neither numpy nor cryptography: import the module that you need.
"""

from __future__ import annotations

__all__: list[str] = []
