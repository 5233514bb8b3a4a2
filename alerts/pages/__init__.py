"""What one page shows, gathered in a constant number of queries."""
