"""Writing a new entry, about today or one of the last days: the whole form, or the short one of what was there last time."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinic.access import ActorRequest, Who, who_may
from clinic.rights import Right
from diary.answers import Problem, Reading
from diary.due import Due, due
from diary.queries import where_now
from diary.queries_due import diary_of
from diary.services.entries import EntryRefused, record_entry
from diary.times import PARTS, read_day, said_at
from diary.views.desk import GET_OR_POST, KEPT_FOR_GOING_BACK, Desk, desk_of, entry_page, says_nothing
from diary.views.guard import other_diary, refused, see_other, uuid_of, writer_of
from diary.views.past import past_of
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
    return _save_new(desk) if request.method == 'POST' else _new_page(desk, None, Reading(), client_uuid=uuid4())


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
    posted: Mapping[str, str] | None,
    reading: Reading,
    *,
    client_uuid: UUID,
    nothing: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`posted` is None for a page that begins: it starts from what was told last time."""
    where = where_now(desk.patient, desk.request.now)
    past = past_of(desk, where)
    short = _is_short(desk)
    if short and posted is None and not (past.before or past.checks):
        return redirect('diary:entry_new')
    asks = due(diary_of(desk.patient, now=desk.request.now), now=desk.request.now) if short else Due.NOTHING
    context = {
        'client_uuid': client_uuid,
        'nothing': nothing,
        'parts': [(code, words) for code, (words, _at) in PARTS.items()] if desk.about.late else [],
        'part': (posted or {}).get('part', ''),
        'part_error': next((each.message for each in reading.errors if each.name == 'part'), ''),
        'previous': past.previous,
        'evening': asks is Due.AGAIN,
        'template': 'diary/entry_short.html' if short else 'diary/entry_form.html',
    }
    return entry_page(
        desk,
        past.start if posted is None else posted,
        reading,
        context,
        where=where,
        groups=past.groups,
        before=past.before,
        notes=past.notes,
        titles=past.titles,
        status=status,
    )


def _is_short(desk: Desk) -> bool:
    """Only what was there last time and the checks of today: for the evening, and for days on which nothing is new."""
    given = desk.request.POST if desk.request.method == 'POST' else desk.request.GET
    return given.get('short') == '1' and not desk.about.late
