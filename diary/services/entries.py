"""Recording what a patient says. Nothing that she was told is saved is ever lost, doubled or overwritten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, User
from diary.models import Entry, Revision
from diary.signals import entry_recorded

DAYS_BACK = 7  # any of the last 7 days can be filled in late
CLOCK_SLACK = timedelta(minutes=10)  # a phone's clock may run ahead of ours


class EntryRefused(ValueError):
    """The entry cannot be stored; the message says why, in the patient's words."""


@dataclass(frozen=True)
class Recorded:
    """A stored revision, and whether this call stored it (False: it had come before)."""

    revision: Revision
    created: bool


def record_entry(
    *,
    patient: Patient,
    by: User,
    client_uuid: UUID,
    about_at: datetime,
    recorded_at: datetime,
    now: datetime,
    document: dict[str, Any],
    nothing_new: bool = False,
) -> Recorded:
    """Store a new entry of validated answers (`diary.answers` makes the document).

    The same `client_uuid` and answers again return what is stored. The same one with other answers (she went back and changed
    something) is a correction: what she wrote last counts.

    Raises EntryRefused for a time in the future or more than 7 local days back, and as `correct_entry` does.
    """
    try:
        about_at = _plausible_time(patient, about_at=about_at, now=now)
    except EntryRefused:
        if known := _stored_before(patient, client_uuid=client_uuid, document=document):
            return Recorded(known, created=False)
        raise
    day, today = about_at.astimezone(patient.zone).date(), now.astimezone(patient.zone).date()
    with transaction.atomic():
        entry, created = _insert(patient, client_uuid=client_uuid, about_at=about_at, day=day, is_late=day < today)
        said: dict[str, Any] = {'document': document, 'nothing_new': nothing_new, 'recorded_at': recorded_at}
        if not created:
            return _sent_again(entry, by=by, now=now, **said)
        return Recorded(_add_revision(entry, number=1, by=by, now=now, **said), created=True)


def correct_entry(
    *,
    entry: Entry,
    by: User,
    expected_number: int,
    document: dict[str, Any],
    recorded_at: datetime,
    now: datetime,
    nothing_new: bool = False,
) -> Recorded:
    """Add a revision to an entry; the old one stays. `expected_number` is the revision that the writer saw.

    A second submit of the same correction returns the stored one. Raises EntryRefused when somebody else corrected it meanwhile.
    """
    with transaction.atomic():
        entry = Entry.objects.select_for_update(of=('self',)).select_related('patient').get(pk=entry.pk)
        if entry.current_number != expected_number:
            return _already_corrected(entry, expected_number=expected_number, document=document, by=by)
        entry.current_number = expected_number + 1
        entry.save(update_fields=['current_number'])
        revision = _add_revision(
            entry,
            number=entry.current_number,
            document=document,
            nothing_new=nothing_new,
            recorded_at=recorded_at,
            by=by,
            now=now,
        )
    return Recorded(revision, created=True)


def _plausible_time(patient: Patient, *, about_at: datetime, now: datetime) -> datetime:
    if about_at > now + CLOCK_SLACK:
        raise EntryRefused(_('This time is still to come. Choose today or an earlier day.'))
    days_back = (now.astimezone(patient.zone).date() - about_at.astimezone(patient.zone).date()).days
    if days_back > DAYS_BACK:
        raise EntryRefused(_('This day is more than 7 days ago. Please tell your care team about it.'))
    return min(about_at, now)


def _stored_before(patient: Patient, *, client_uuid: UUID, document: dict[str, Any]) -> Revision | None:
    """A phone that never heard our answer sends again, maybe weeks later: what is stored is no news that comes too late."""
    said = Revision.objects.filter(entry__patient=patient, entry__client_uuid=client_uuid).select_related('entry')
    return next((revision for revision in said if revision.document == document), None)


def _insert(patient: Patient, **fields: Any) -> tuple[Entry, bool]:
    client_uuid = fields['client_uuid']
    try:
        with transaction.atomic():
            return Entry.objects.create(patient=patient, **fields), True
    except IntegrityError:
        return Entry.objects.get(patient=patient, client_uuid=client_uuid), False


def _add_revision(entry: Entry, *, number: int, by: User, now: datetime, **fields: Any) -> Revision:
    revision = Revision.objects.create(entry=entry, number=number, recorded_by=by, received_at=now, **fields)
    entry_recorded.send(sender=Revision, revision=revision, now=now)
    return revision


def _sent_again(entry: Entry, *, document: dict[str, Any], by: User, now: datetime, **fields: Any) -> Recorded:
    for revision in entry.revisions.order_by('number'):
        if revision.document == document:
            return Recorded(revision, created=False)
    return correct_entry(entry=entry, by=by, expected_number=1, document=document, now=now, **fields)


def _already_corrected(entry: Entry, *, expected_number: int, document: dict[str, Any], by: User) -> Recorded:
    latest = entry.revisions.get(number=entry.current_number)
    if entry.current_number == expected_number + 1 and latest.document == document and latest.recorded_by_id == by.pk:
        return Recorded(latest, created=False)
    raise EntryRefused(_('Somebody changed this entry while you were writing. Look at the new version first.'))
