"""What `actions/setup-python` does, on a runner that has this Python: says which one it is."""

from __future__ import annotations

import os

assert os.environ["INPUT_PYTHON-VERSION"] in ("3.11", "3.12", "3.13"), "a Python that mixpriv runs on"
