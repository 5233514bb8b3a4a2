"""The first page of every day: where one stands, how one feels, and what became of the last entry."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.answers import Document
from diary.catalogue import CatalogueView, current_catalogue
from diary.due import Due, due
from diary.felt import felt
from diary.models import Entry, Reminder, Revision
from diary.onetap import ALLOWED, Say, Tap, document_of, said_by, tap_after
from diary.queries import where_now
from diary.queries_due import diary_of
from diary.queries_entries import days_with_entries, previous_revision
from diary.services.entries import DAYS_BACK, EntryRefused, record_entry
from diary.telling import Said, Told, tell
from diary.times import said_at
from diary.views.guard import other_diary, refused, see_other, subject_of, units_of, uuid_of, writer_of
from diary.views.phones import tells_phones

NOON, SIX = 12, 18


@dataclass(frozen=True)
class Day:
    """One of the last days: whether it has an entry."""

    day: date
    written: bool


@require_safe
@who_may(Who.DIARIST, Right.READ)
def today(request: ActorRequest) -> HttpResponse:
    patient = subject_of(request)
    catalogue = current_catalogue()
    previous = previous_revision(patient, before=request.now)
    local = request.now.astimezone(patient.zone)
    diary = diary_of(patient, now=request.now)
    tap, asks = tap_after(previous.document if previous else None, catalogue), due(diary, now=request.now)
    page = {
        'patient': patient,
        'greeting': greeting(local, request.actor.user.get_short_name()),
        'where': where_now(patient, request.now),
        'tap': tap.value,
        'evening': asks is Due.AGAIN,
        'check': diary.check and asks is not Due.AGAIN,
        'hard': _hard(previous, patient, catalogue) if asks is Due.AGAIN else (),
        'previous': previous,
        'told': _told(previous, patient, catalogue),
        'when': _when(previous, local.date()) if previous else '',
        'wrote_today': previous is not None and previous.entry.day == local.date(),
        'ask_for_reminder': request.actor.caregiver is None and not Reminder.objects.filter(patient=patient).exists(),
        'seen': seen(previous),
        'client_uuid': uuid4(),
        'days': _days(patient, local.date()),
    }
    return render(request, 'diary/today.html', page)


def greeting(local: datetime, name: str) -> str:
    if local.hour < NOON:
        return _('Good morning, %(name)s') % {'name': name}
    return (_('Good afternoon, %(name)s') if local.hour < SIX else _('Good evening, %(name)s')) % {'name': name}


def _told(previous: Revision | None, patient: Patient, catalogue: CatalogueView) -> Told | None:
    return tell(previous.document, catalogue, units=units_of(patient)) if previous else None


def _hard(previous: Revision | None, patient: Patient, catalogue: CatalogueView) -> list[Said]:
    """What of the entry is asked about again in the evening."""
    told = _told(previous, patient, catalogue)
    if previous is None or told is None:
        return []
    hard = {each.spec.code for each in felt(previous.document, catalogue) if each.hard}
    return [each for each in told.said if each.code in hard]


def _when(previous: Revision, today: date) -> str:
    """“Today”, “Yesterday”, or empty: then the page gives the weekday."""
    return {0: _('Today'), 1: _('Yesterday')}.get((today - previous.entry.day).days, '')


def _days(patient: Patient, today: date) -> list[Day]:
    written = days_with_entries(patient, since=today - timedelta(days=DAYS_BACK))
    days = [today - timedelta(days=back) for back in range(1, DAYS_BACK + 1)]
    return [Day(day, day in written) for day in days]


def seen(previous: Revision | None) -> str:
    """Names the previous entry as the page showed it, so that a tap never speaks of one that nobody saw."""
    return f'{previous.entry.public_id}:{previous.number}' if previous else ''


@require_POST
@who_may(Who.DIARIST, Right.WRITE)
@tells_phones
def nothing_new(request: ActorRequest) -> HttpResponse:
    """One tap: nothing new, the same again, or all gone."""
    patient = writer_of(request)
    if other_diary(request, patient):
        return refused(
            request, _('You opened another diary in the meantime. Nothing was saved.'), status=409, switched=True
        )
    client_uuid, say = uuid_of(request.POST.get('client_uuid', '')), _say(request.POST.get('say', Say.NOTHING.value))
    if client_uuid is None or say is None:
        return refused(request, _('Something was missing on this page. Please open it again.'))
    if stored := _stored(patient, client_uuid, say):
        return see_other(settings.ENTRY_SAVED_URL, stored.public_id)
    try:
        at = said_at(request.POST.get('kept_seconds', ''), now=request.now)
        return _tap(request, patient, client_uuid, say, at)
    except EntryRefused as refusal:
        return refused(request, str(refusal))


def _tap(request: ActorRequest, patient: Patient, client_uuid: UUID, say: Say, at: datetime) -> HttpResponse:
    """Store the tap, if what it speaks of is still the latest that was there `at` the time."""
    catalogue, previous = current_catalogue(), previous_revision(patient, before=at)
    document = previous.document if previous else None
    tap = tap_after(document, catalogue)
    if say not in ALLOWED[tap] or (tap is not Tap.NOTHING and request.POST.get('seen', '') != seen(previous)):
        messages.warning(
            request, _('There is something newer in the diary. Nothing was saved yet: please look, then answer.')
        )
        return redirect('diary:entry_new' if tap is Tap.FORM else 'diary:today')
    return _store(request, patient, client_uuid, document_of(say, document, catalogue), at)


def _stored(patient: Patient, client_uuid: UUID, say: Say) -> Entry | None:
    """The entry that just this tap made. After going back and tapping another button it is not that one."""
    first = Revision.objects.filter(entry__patient=patient, entry__client_uuid=client_uuid, number=1)
    revision = first.select_related('entry').first()
    return revision.entry if revision and said_by(revision.document) is say else None


def _store(
    request: ActorRequest, patient: Patient, client_uuid: UUID, document: Document, at: datetime
) -> HttpResponse:
    recorded = record_entry(
        patient=patient,
        by=request.actor.user,
        client_uuid=client_uuid,
        about_at=at,
        recorded_at=at,
        now=request.now,
        document=document,
        nothing_new=True,
    )
    return see_other(settings.ENTRY_SAVED_URL, recorded.revision.entry.public_id)


def _say(text: str) -> Say | None:
    return Say(text) if text in {say.value for say in Say} else None
