"""Instants from the database, where there are a million of them."""

from django.db.backends.utils import CursorWrapper
from psycopg.types.datetime import TimestamptzLoader


def read_instants_fast(cursor: CursorWrapper) -> None:
    """For this cursor only: Django's own loader of instants is Python, psycopg's is C; the session's zone is UTC in both."""
    cursor.cursor.adapters.register_loader('timestamptz', TimestamptzLoader)
