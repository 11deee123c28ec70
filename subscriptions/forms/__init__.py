"""Forms: they parse what was typed into domain types. One module per noun."""
