"""What the pages about rules show."""
