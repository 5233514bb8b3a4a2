"""Who is there: watching, on call, on a rung, reachable; and by when they have promised to look."""
