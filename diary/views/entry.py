"""Writing an entry, reading it, and correcting it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from diary.answers import MEASURED, Document, Problem, Reading, read_posted
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.documents import as_form, as_start, reported
from diary.forms import EntryPage
from diary.models import Entry, Revision
from diary.queries import where_now
from diary.queries_entries import days_since_dose, last_measured, previous_revision
from diary.services.entries import DAYS_BACK, EntryRefused, correct_entry, record_entry
from diary.telling import Told, changes, tell
from diary.times import PARTS, About, read_day
from diary.views.guard import other_diary, refused, see_other, subject_of, units_of, uuid_of, writer_of

GET_OR_POST = require_http_methods(['GET', 'HEAD', 'POST'])


@dataclass(frozen=True)
class Desk:
    """What a page needs that reads or shows questions: whose, when, in which words, about what."""

    request: ActorRequest
    patient: Patient
    about: About
    catalogue: CatalogueView
    offered: Mapping[str, SymptomSpec]

    @property
    def posted(self) -> Mapping[str, str]:
        return self.request.POST

    def read(self) -> Reading:
        codes = [
            code for code in self.catalogue.measurements if self.posted.get(f'{MEASURED}.{code}') and code == 'weight'
        ]
        return read_posted(
            self.posted,
            self.catalogue,
            units=units_of(self.patient),
            offered=self.offered,
            last=last_measured(self.patient, codes, before=self.about.latest),
        )


def desk_of(request: ActorRequest, patient: Patient, about: About, *, also: Document | None = None) -> Desk:
    """`also`: a document whose symptoms are asked about too, though they would not be today."""
    catalogue = current_catalogue()
    limited = {
        spec.only_for.therapy for spec in catalogue.symptoms.values() if spec.only_for and _wanted(request, spec)
    }
    since = days_since_dose(patient, limited, at=about.latest) if limited else {}
    offered = catalogue.offered(since)
    if also:
        offered = {**offered, **{code: catalogue.symptom(code) for code in also['answers'] if code not in offered}}
    return Desk(request, patient, about, catalogue, offered)


def _wanted(request: ActorRequest, spec: SymptomSpec) -> bool:
    """Whether it matters if this symptom is asked today: always to show a page, to read one only when it is answered."""
    return request.method != 'POST' or any(name.startswith(f'{spec.code}.') for name in request.POST)


# -- a new entry -----------------------------------------------------------------------------------------------------------


@GET_OR_POST
@who_may(Who.DIARIST)
def entry_new(request: ActorRequest) -> HttpResponse:
    patient = writer_of(request)
    if request.method == 'POST' and other_diary(request, patient):
        return refused(
            request, _('You opened another diary in the meantime. Nothing was saved.'), status=409, switched=True
        )
    try:
        about = read_day(request.POST.get('day') or request.GET.get('day', ''), patient=patient, now=request.now)
    except EntryRefused as refusal:
        return refused(request, str(refusal))
    desk = desk_of(request, patient, about)
    return _save_new(desk) if request.method == 'POST' else _empty_page(desk)


def _empty_page(desk: Desk) -> HttpResponse:
    previous = previous_revision(desk.patient, before=desk.about.latest)
    start = as_start(previous.document, desk.catalogue) if previous and not desk.about.late else {}
    return _new_page(desk, start, Reading(), client_uuid=uuid4(), previous=previous)


def _save_new(desk: Desk) -> HttpResponse:
    request, reading = desk.request, desk.read()
    client_uuid, part = uuid_of(request.POST.get('client_uuid', '')), request.POST.get('part', '')
    if client_uuid is None:
        reading.errors.append(Problem('', _('Something was missing on this page. Please save again.')))
    if desk.about.late and part not in PARTS:
        reading.errors.append(Problem('part', _('Please say when in the day it was.')))
    empty = _says_nothing(reading) and not request.POST.get('nothing')
    if client_uuid is None or not reading.ok or empty:
        return _new_page(desk, desk.posted, reading, client_uuid=client_uuid or uuid4(), nothing=empty, status=422)
    try:
        stored = record_entry(
            patient=desk.patient,
            by=request.actor.user,
            client_uuid=client_uuid,
            about_at=desk.about.at(part),
            recorded_at=request.now,
            now=request.now,
            document=reading.document,
            nothing_new=_says_nothing(reading),
        )
    except EntryRefused as refusal:
        return refused(request, str(refusal))
    return see_other(settings.ENTRY_SAVED_URL, stored.revision.entry.public_id)


def _says_nothing(reading: Reading) -> bool:
    return reading.ok and not any(reading.document.values())


def _new_page(
    desk: Desk,
    posted: Mapping[str, str],
    reading: Reading,
    *,
    client_uuid: UUID,
    previous: Revision | None = None,
    nothing: bool = False,
    status: int = 200,
) -> HttpResponse:
    if previous is None and status != 200:
        previous = previous_revision(desk.patient, before=desk.about.latest)
    told = tell(previous.document, desk.catalogue, units=units_of(desk.patient)) if previous else None
    active = reported(previous.document, desk.catalogue) if previous else {}
    context = {
        'client_uuid': client_uuid,
        'nothing': nothing,
        'parts': [(code, words) for code, (words, _at) in PARTS.items()] if desk.about.late else [],
        'part': posted.get('part', ''),
        'part_error': next((each.message for each in reading.errors if each.name == 'part'), ''),
    }
    return _page(desk, posted, reading, context, notes=_notes(told, active), status=status)


def _notes(told: Told | None, active: Mapping[str, object]) -> dict[str, str]:
    """Per symptom that was there, what was said of it last time."""
    said = [each for each in told.said if each.code in active] if told else []
    return {each.code: _('last time: %(what)s') % {'what': each.brief or _('yes')} for each in said}


def _page(
    desk: Desk,
    posted: Mapping[str, str],
    reading: Reading,
    context: dict[str, Any],
    *,
    notes: Mapping[str, str],
    status: int,
) -> HttpResponse:
    where = where_now(desk.patient, desk.request.now)
    page = EntryPage(
        desk.catalogue,
        desk.offered,
        units_of(desk.patient),
        posted,
        usual=where.therapy.usual_symptoms if where.therapy else (),
        notes=notes,
        first_title=_('What you told us') if context.get('entry') else '',
        reading=reading,
    )
    common = {'page': page, 'about': desk.about, 'patient': desk.patient, 'where': where, 'expected': '', 'entry': None}
    return render(desk.request, 'diary/entry_form.html', common | context, status=status)


# -- one that is there -----------------------------------------------------------------------------------------------------


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
    changes: list[Any]


@require_safe
@who_may(Who.DIARIST)
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
@who_may(Who.DIARIST)
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
    about = replace(About(patient, found.day, request.now), now=request.now)
    desk = desk_of(request, patient, about, also=latest.document)
    if request.method == 'POST':
        return _save_correction(desk, found)
    return _correction_page(
        desk, found, as_form(latest.document, desk.catalogue), Reading(), expected=found.current_number
    )


def _save_correction(desk: Desk, entry: Entry) -> HttpResponse:
    request, reading = desk.request, desk.read()
    expected = request.POST.get('expected', '')
    if not expected.isdecimal() or len(expected) > 4:
        raise Http404
    empty = _says_nothing(reading) and not request.POST.get('nothing')
    if not reading.ok or empty:
        return _correction_page(desk, entry, desk.posted, reading, expected=int(expected), nothing=empty, status=422)
    try:
        correct_entry(
            entry=entry,
            by=request.actor.user,
            expected_number=int(expected),
            document=reading.document,
            recorded_at=request.now,
            now=request.now,
            nothing_new=_says_nothing(reading),
        )
    except EntryRefused as refusal:
        reading.errors.append(Problem('', str(refusal)))
        return _correction_page(desk, entry, desk.posted, reading, expected=entry.current_number, status=409)
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
    chosen = {name.split('.')[0]: '' for name, value in posted.items() if name.endswith('.on') and value}
    context = {
        'client_uuid': '',
        'nothing': nothing,
        'parts': [],
        'part': '',
        'part_error': '',
        'expected': expected,
        'entry': entry,
    }
    return _page(desk, posted, reading, context, notes=chosen, status=status)
