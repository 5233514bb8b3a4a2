"""Writing a new entry, about today or one of the last days."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.answers import Problem, Reading
from diary.documents import as_start, reported
from diary.legible import read_with
from diary.models import Revision
from diary.queries_entries import previous_revision
from diary.services.entries import EntryRefused, record_entry
from diary.telling import Told, tell
from diary.times import PARTS, read_day, said_at
from diary.views.desk import GET_OR_POST, KEPT_FOR_GOING_BACK, Desk, desk_of, entry_page, says_nothing
from diary.views.guard import other_diary, refused, see_other, units_of, uuid_of, writer_of
from diary.views.phones import tells_phones
from diary.views.photos import keep_photos


@GET_OR_POST
@KEPT_FOR_GOING_BACK
@who_may(Who.DIARIST, Right.WRITE)
@tells_phones
def entry_new(request: ActorRequest) -> HttpResponse:
    patient = writer_of(request)
    if request.method == 'POST' and other_diary(request, patient):
        return refused(
            request, _('You opened another diary in the meantime. Nothing was saved.'), status=409, switched=True
        )
    try:
        said = said_at(request.POST.get('kept_seconds', ''), now=request.now)
        about = read_day(request.POST.get('day') or request.GET.get('day', ''), patient=patient, now=said)
    except EntryRefused as refusal:
        return refused(request, str(refusal))
    desk = desk_of(request, patient, about)
    return _save_new(desk) if request.method == 'POST' else _empty_page(desk)


def _empty_page(desk: Desk) -> HttpResponse:
    previous = previous_revision(desk.patient, before=desk.about.latest)
    start = read_with(as_start, previous.document, desk.catalogue) if previous and not desk.about.late else {}
    return _new_page(desk, start, Reading(), client_uuid=uuid4(), previous=previous)


def _save_new(desk: Desk) -> HttpResponse:
    request, reading = desk.request, desk.read()
    client_uuid, part = uuid_of(request.POST.get('client_uuid', '')), request.POST.get('part', '')
    if client_uuid is None:
        reading.errors.append(Problem('', _('Something was missing on this page. Please save again.')))
    if desk.about.late and part not in PARTS:
        reading.errors.append(Problem('part', _('Please say when in the day it was.')))
    empty = says_nothing(reading) and not request.POST.get('nothing')
    if client_uuid is None or not reading.ok or empty:
        return _new_page(desk, desk.posted, reading, client_uuid=client_uuid or uuid4(), nothing=empty, status=422)
    try:
        stored = record_entry(
            patient=desk.patient,
            by=request.actor.user,
            client_uuid=client_uuid,
            about_at=desk.about.at(part),
            recorded_at=desk.about.now,
            now=request.now,
            document=reading.document,
            nothing_new=says_nothing(reading),
        )
    except EntryRefused as refusal:
        return refused(request, str(refusal))
    keep_photos(request, stored.revision)
    return see_other(settings.ENTRY_SAVED_URL, stored.revision.entry.public_id)


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
    active = read_with(reported, previous.document, desk.catalogue) if previous else {}
    context = {
        'client_uuid': client_uuid,
        'nothing': nothing,
        'parts': [(code, words) for code, (words, _at) in PARTS.items()] if desk.about.late else [],
        'part': posted.get('part', ''),
        'part_error': next((each.message for each in reading.errors if each.name == 'part'), ''),
    }
    return entry_page(desk, posted, reading, context, notes=_notes(told, active), status=status)


def _notes(told: Told | None, active: Mapping[str, object]) -> dict[str, str]:
    """Per symptom that was there, what was said of it last time."""
    said = [each for each in told.said if each.code in active] if told else []
    return {each.code: _('last time: %(what)s') % {'what': each.brief or _('yes')} for each in said}
