"""The audit record: written with each request, sealed every minute, read again by whoever doubts it."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from clinic.models import AuditAct, AuditEvent, AuditSeal

# A page that asks for itself every few seconds, and a list that is looked at all day, are one access each.
AGAIN = {AuditAct.OPENED: timedelta(minutes=10), AuditAct.LISTED: timedelta(hours=1), AuditAct.WROTE: timedelta(0)}
SETTLED = timedelta(seconds=30)  # a request that is being answered may still write an event with a lower id
MOST = 5_000

_RECORD = """
    INSERT INTO clinic_auditevent (at, actor_id, clinic_id, act, page, about, patients)
    SELECT %(at)s, %(actor)s, %(clinic)s, %(act)s, %(page)s, %(about)s, fresh.pks FROM (
        SELECT ARRAY(
            SELECT unnest(%(patients)s::bigint[]) EXCEPT
            SELECT id FROM clinic_patient WHERE user_id = %(actor)s EXCEPT
            SELECT unnest(patients) FROM clinic_auditevent
            WHERE actor_id = %(actor)s AND page = %(page)s AND about = %(about)s AND act = %(act)s AND at > %(since)s
            ORDER BY 1
        ) AS pks
    ) fresh WHERE cardinality(fresh.pks) > 0
"""


@dataclass(frozen=True)
class Broken:
    """A seal that does not fit what stands under it: something was changed, added or taken away behind the application."""

    seal: int
    at: datetime
    why: str


def record(
    *, actor: int, clinic: int | None, act: AuditAct, page: str, about: str, patients: Collection[int], now: datetime
) -> None:
    """Write down an access (primary keys), unless the same person has it on record a moment ago. One statement.

    A nurse who is a patient herself is known by her own row at every page: that is no access.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                'at': now,
                'actor': actor,
                'clinic': clinic,
                'act': act.value,
                'page': page[:80],
                'about': about[:40],
                'patients': sorted(patients),
                'since': now - AGAIN[act],
            },
        )


def seal(*, now: datetime) -> int:
    """Bind the events that no seal covers yet to the chain. Returns how many. Two at once: the second waits, then finds none."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute('LOCK TABLE clinic_auditseal IN EXCLUSIVE MODE')  # the chain has one end
        unsealed = AuditEvent.objects.filter(seal=None, at__lt=now - SETTLED).order_by('pk')
        events = list(unsealed[:MOST])
        if not events:
            return 0
        last = AuditSeal.objects.order_by('-pk').first()
        previous = last.digest if last else ''
        made = AuditSeal.objects.create(
            at=now, events=len(events), previous=previous, digest=digest_of(previous, events)
        )
        AuditEvent.objects.filter(pk__in=[event.pk for event in events]).update(seal=made)
    return len(events)


def verify() -> list[Broken]:
    """Every seal that does not fit, the oldest first; nothing where the record is whole. Reads one seal's events at a time."""
    found, previous = [], ''
    for made in AuditSeal.objects.order_by('pk').iterator():
        if why := _wrong(made, previous):
            found.append(Broken(made.pk, made.at, why))
        previous = made.digest
    return found


def _wrong(made: AuditSeal, previous: str) -> str:
    if made.previous != previous:
        return 'the seal before it is missing or another'
    events = list(AuditEvent.objects.filter(seal=made).order_by('pk'))
    if len(events) != made.events:
        return f'{made.events} events were sealed, {len(events)} are there'
    return '' if digest_of(previous, events) == made.digest else 'an event was changed'


def digest_of(previous: str, events: Iterable[AuditEvent]) -> str:
    """SHA-256 over the seal before and the events, one JSON line each."""
    digest = hashlib.sha256(previous.encode())
    for event in events:
        digest.update(_line(event).encode())
    return digest.hexdigest()


def _line(event: AuditEvent) -> str:
    at = event.at.astimezone(UTC).isoformat()
    told = [event.pk, at, event.actor_id, event.clinic_id, event.act, event.page, event.about, sorted(event.patients)]
    return json.dumps(told) + '\n'
