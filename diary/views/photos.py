"""Photos of an entry: kept after the entry itself, shown through the gate, taken back by whoever may write."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.access import ActorRequest, Who, who_may
from clinic.models import Patient
from clinic.rights import Right
from diary.models import MOST_PHOTOS, EntryPhoto, Revision
from diary.pictures import Why
from diary.queries_photos import bytes_of, photo_of
from diary.services.photos import WORDS, PhotoRefused, add_photo, withdraw_photo
from diary.uploads import symptom_of
from diary.views.course import patient_or_404
from diary.views.guard import see_other, subject_of, writer_of


def keep_photos(request: ActorRequest, revision: Revision) -> None:
    """Keep what was sent beside an entry that is stored already. What is refused is told on the next page; the entry stays."""
    sent = list(_sent(request, revision))
    refused: list[str] = []
    for symptom, file in sent[:MOST_PHOTOS]:
        try:
            _add(request, revision, symptom, file)
        except PhotoRefused as refusal:
            refused.append(str(refusal))
    refused += [_('An entry has room for 4 photos.')] * (len(sent) - MOST_PHOTOS)
    if refused:
        n = len(refused)
        saved = _('Your entry is saved.')
        lost = ngettext('A photo is not.', '%(n)s photos are not.', n) % {'n': n}
        messages.warning(request, ' '.join([saved, lost, *dict.fromkeys(refused)]))


def _sent(request: ActorRequest, revision: Revision) -> Iterator[tuple[str, 'UploadedFile[Any]']]:
    """The photos of the symptoms that are in the entry: what was sent of others was chosen and left again."""
    for name in request.FILES:
        symptom = symptom_of(name)
        if symptom in revision.document['answers']:
            yield from ((symptom, file) for file in request.FILES.getlist(name))


def _add(request: ActorRequest, revision: Revision, symptom: str, file: 'UploadedFile[Any]') -> EntryPhoto:
    if (file.size or 0) > settings.PHOTO_MOST_BYTES:
        raise PhotoRefused(WORDS[Why.TOO_LARGE])
    user, now = request.actor.user, request.now
    return add_photo(entry=revision.entry, symptom=symptom, data=file.read(), by=user, now=now)


@require_safe
@who_may(Who.DIARIST, Right.PHOTOS)
def photo(request: ActorRequest, photo: UUID) -> HttpResponse:
    """The photo for the patient and her caregivers; `?small` is the tile."""
    return _picture(request, subject_of(request), photo)


@require_safe
@who_may(Who.NURSE)
def patient_photo(request: ActorRequest, patient: UUID, photo: UUID) -> HttpResponse:
    """The photo for the nurses of her clinic."""
    return _picture(request, patient_or_404(request, patient), photo)


def _picture(request: ActorRequest, patient: Patient, public_id: UUID) -> HttpResponse:
    data = bytes_of(photo_or_404(patient, public_id), small='small' in request.GET)
    headers = {
        'Cache-Control': 'private, no-store',
        'Content-Disposition': 'inline; filename="photo.jpg"',
        'Cross-Origin-Resource-Policy': 'same-origin',
    }
    return HttpResponse(data, content_type='image/jpeg', headers=headers)


def photo_or_404(patient: Patient, public_id: UUID) -> EntryPhoto:
    found = photo_of(patient, public_id)
    if found is None:
        raise Http404
    return found


@require_http_methods(['GET', 'HEAD', 'POST'])
@who_may(Who.DIARIST, Right.PHOTOS, Right.WRITE)
def photo_remove(request: ActorRequest, photo: UUID) -> HttpResponse:
    """Asks once, because it cannot be undone; then nobody sees the photo any more."""
    patient = writer_of(request)
    found = photo_or_404(patient, photo)
    if request.method == 'POST':
        withdraw_photo(photo=found, by=request.actor.user, now=request.now)
        messages.success(request, _('The photo is taken away. Nobody sees it any more.'))
        return see_other('diary:entry', found.entry.public_id)
    return render(request, 'diary/photo_remove.html', {'photo': found, 'patient': patient})
