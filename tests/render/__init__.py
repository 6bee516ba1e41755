"""What the SHOW stage promises. `MIXPRIV_UPDATE_GOLDENS=1 pytest tests/render` writes the goldens anew; read the difference."""
