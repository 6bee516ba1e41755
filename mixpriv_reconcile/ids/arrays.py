"""The one place that loads numpy, and how a digest lies in an array.

`np` comes from here, so that the thread pool of its linear algebra, which nothing here uses, is never started.
"""

from __future__ import annotations

import os
from typing import TypeAlias

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read once, when numpy loads; starting the pool doubles numpy's CPU

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Bytes", "Ints", "NDArray", "Rows", "Words", "np"]

Rows: TypeAlias = NDArray[np.uint64]
"""Digests, one a row of two words *as they lie in memory*: no order but equality between words; see `rows.halves`."""

Words: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]
Bytes: TypeAlias = NDArray[np.uint8]
Bools: TypeAlias = NDArray[np.bool_]
