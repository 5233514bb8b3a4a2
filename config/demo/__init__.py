"""Plays made-up lives through the real services, with a simulated clock."""
