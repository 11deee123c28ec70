"""The kinds of operation: one module each."""
