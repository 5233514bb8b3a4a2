"""Listens to what the diary announces."""
