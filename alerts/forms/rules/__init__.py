"""Forms about rules."""
