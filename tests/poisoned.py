"""Garbage where a patient's answers were, put there past every check and the trigger that guards a stored revision."""

from typing import Any

from django.db import connection, transaction

from diary.models import Entry, Revision


@transaction.atomic
def poison(entry: Entry, document: Any = 'rubbish') -> None:
    with connection.cursor() as cursor:
        cursor.execute('SET CONSTRAINTS ALL IMMEDIATE')  # a table with deferred checks waiting cannot be altered
        cursor.execute('ALTER TABLE diary_revision DISABLE TRIGGER USER')
        Revision.objects.filter(entry=entry).update(document=document)
        cursor.execute('ALTER TABLE diary_revision ENABLE TRIGGER USER')
        cursor.execute('SET CONSTRAINTS ALL DEFERRED')
