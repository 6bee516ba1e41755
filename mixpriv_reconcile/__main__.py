"""`python -m mixpriv_reconcile` is the same program as `mixpriv`."""

from __future__ import annotations

from mixpriv_reconcile.cli.main import main

if __name__ == "__main__":
    main()
