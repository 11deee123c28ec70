"""Pure rules. Nothing here reads the clock, the database or a setting."""
