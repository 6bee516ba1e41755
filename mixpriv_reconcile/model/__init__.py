"""The words: frozen types that the stages exchange. Pure, and the lowest room but for `errors`."""
