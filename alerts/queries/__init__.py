"""Named questions to the database, by noun. Nothing here writes."""
