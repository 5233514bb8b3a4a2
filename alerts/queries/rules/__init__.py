"""Named questions about rules."""
