"""An entry that is there: reading it with all its versions, and correcting it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.answers import Problem, Reading
from diary.asking import Heard, Known, Why, order
from diary.catalogue import CatalogueView, current_catalogue
from diary.documents import as_form
from diary.forms import areas_of
from diary.legible import read_with
from diary.models import Entry, Revision
from diary.queries import where_now
from diary.services.entries import DAYS_BACK, EntryRefused, correct_entry
from diary.telling import Change, Told, changes, tell
from diary.times import About, said_at
from diary.views.desk import GET_OR_POST, KEPT_FOR_GOING_BACK, Desk, desk_of, entry_page, says_nothing
from diary.views.guard import other_diary, refused, see_other, subject_of, units_of, writer_of
from diary.views.phones import tells_phones
from diary.views.photos import keep_photos


def entry_or_404(patient: Patient, public_id: UUID) -> Entry:
    return get_object_or_404(Entry.objects.select_related('patient__clinic'), patient=patient, public_id=public_id)


def may_correct(request: ActorRequest, entry: Entry) -> bool:
    today = request.now.astimezone(entry.patient.zone).date()
    return request.actor.can_write and today - entry.day <= timedelta(days=DAYS_BACK)


@dataclass(frozen=True)
class Version:
    """One revision in words, and what it changed of the one before."""

    revision: Revision
    told: Told
    changes: list[Change]


@require_safe
@who_may(Who.DIARIST, Right.READ)
def entry(request: ActorRequest, entry: UUID) -> HttpResponse:
    """What was said, by whom and when, with every earlier version of it."""
    found = entry_or_404(subject_of(request), entry)
    page = {
        'entry': found,
        'patient': found.patient,
        'versions': versions_of(found, current_catalogue()),
        'where': where_now(found.patient, found.about_at),
        'may_correct': may_correct(request, found),
    }
    return render(request, 'diary/entry.html', page)


def versions_of(entry: Entry, catalogue: CatalogueView) -> list[Version]:
    """The newest first."""
    units = units_of(entry.patient)
    found: list[Version] = []
    for revision in entry.revisions.select_related('recorded_by').order_by('number'):
        told = tell(revision.document, catalogue, units=units)
        found.append(Version(revision, told, changes(found[-1].told, told) if found else []))
    return found[::-1]


@GET_OR_POST
@KEPT_FOR_GOING_BACK
@who_may(Who.DIARIST, Right.WRITE)
@tells_phones
def entry_correct(request: ActorRequest, entry: UUID) -> HttpResponse:
    patient = writer_of(request)
    found = entry_or_404(patient, entry)
    if not may_correct(request, found):
        return refused(request, _('This entry is more than 7 days old. Please tell your care team what was different.'))
    if request.method == 'POST' and other_diary(request, patient):
        return refused(
            request, _('You opened another diary in the meantime. Nothing was saved.'), status=409, switched=True
        )
    latest = found.revisions.get(number=found.current_number)
    try:
        about = About(patient, found.day, said_at(request.POST.get('kept_seconds', ''), now=request.now))
    except EntryRefused as refusal:
        return refused(request, str(refusal))
    desk = desk_of(request, patient, about, also=latest.document)
    if request.method == 'POST':
        return _save_correction(desk, found)
    return _correction_page(
        desk, found, read_with(as_form, latest.document, desk.catalogue), Reading(), expected=found.current_number
    )


def _save_correction(desk: Desk, entry: Entry) -> HttpResponse:
    request, reading = desk.request, desk.read()
    expected = request.POST.get('expected', '')
    if not expected.isdecimal() or len(expected) > 4:
        raise Http404
    empty = says_nothing(reading) and not request.POST.get('nothing')
    if not reading.ok or empty:
        return _correction_page(desk, entry, desk.posted, reading, expected=int(expected), nothing=empty, status=422)
    try:
        stored = correct_entry(
            entry=entry,
            by=request.actor.user,
            expected_number=int(expected),
            document=reading.document,
            recorded_at=desk.about.now,
            now=request.now,
            nothing_new=says_nothing(reading),
        )
    except EntryRefused as refusal:
        reading.errors.append(Problem('', str(refusal)))
        return _correction_page(desk, entry, desk.posted, reading, expected=entry.current_number, status=409)
    keep_photos(request, stored.revision)
    return see_other(settings.ENTRY_SAVED_URL, entry.public_id)


def _correction_page(
    desk: Desk,
    entry: Entry,
    posted: Mapping[str, str],
    reading: Reading,
    *,
    expected: int,
    nothing: bool = False,
    status: int = 200,
) -> HttpResponse:
    chosen = {name.split('.')[0]: 1 for name, value in posted.items() if name.endswith('.on') and value}
    where = where_now(desk.patient, desk.request.now)
    usual = where.therapy.usual_symptoms if where.therapy else ()
    groups = order(Known(areas_of(desk.offered), [Heard(entry.day, chosen)], usual=usual))
    context = {
        'client_uuid': '',
        'nothing': nothing,
        'parts': [],
        'part': '',
        'part_error': '',
        'expected': expected,
        'entry': entry,
    }
    titles = {Why.STILL: _('What you told us')}
    return entry_page(desk, posted, reading, context, where=where, groups=groups, titles=titles, status=status)
