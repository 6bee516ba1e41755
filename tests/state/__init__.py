"""REMEMBER: what is stored comes back, or says what happened to it."""
