"""Adding a photo to an entry, and taking it back."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import User
from diary.models import MOST_PHOTOS, Entry, EntryPhoto
from diary.pictures import Picture, PictureRefused, Why, drawn_anew


class PhotoRefused(ValueError):
    """The photo is not kept; the message says why, in the patient's words."""


WORDS = {
    Why.TOO_LARGE: _('This photo is too large. Take a new one with your camera.'),
    Why.UNREADABLE: _('We cannot open this photo. Send it as JPEG or PNG, or take a new one.'),
}


def add_photo(*, entry: Entry, symptom: str, data: bytes, by: User, now: datetime) -> EntryPhoto:
    """Draw the picture in `data` anew and keep it. The same photo again finds the one that is stored.

    Raises PhotoRefused for what is no picture, for a fifth photo, and for one that was taken back before.
    """
    digest = hashlib.sha256(data).digest()
    stored = _stored(entry, digest)
    if stored is not None:
        return stored
    try:
        picture = drawn_anew(data)
    except PictureRefused as refusal:
        raise PhotoRefused(WORDS[refusal.why]) from refusal
    with transaction.atomic():
        Entry.objects.select_for_update(of=('self',)).get(pk=entry.pk)  # two phones at once take turns
        return _stored(entry, digest) or _keep(entry, symptom, picture, digest=digest, by=by, now=now)


def _stored(entry: Entry, digest: bytes) -> EntryPhoto | None:
    found = EntryPhoto.on_record.filter(entry=entry, sent_digest=digest).first()
    if found is not None and found.withdrawn_at:
        raise PhotoRefused(_('This photo was taken away before. Take a new one to show it again.'))
    return found


def _keep(entry: Entry, symptom: str, picture: Picture, *, digest: bytes, by: User, now: datetime) -> EntryPhoto:
    taken = set(EntryPhoto.objects.filter(entry=entry).values_list('position', flat=True))
    free = [position for position in range(1, MOST_PHOTOS + 1) if position not in taken]
    if not free:
        raise PhotoRefused(_('An entry has room for 4 photos. Take one away first.'))
    return EntryPhoto.objects.create(
        entry=entry,
        symptom=symptom,
        position=free[0],
        sent_digest=digest,
        image=picture.image,
        thumb=picture.thumb,
        width=picture.width,
        height=picture.height,
        added_by=by,
        added_at=now,
    )


def withdraw_photo(*, photo: EntryPhoto, by: User, now: datetime) -> None:
    """Show it to nobody any more; it stays on record. A second time changes nothing."""
    EntryPhoto.objects.filter(pk=photo.pk).update(withdrawn_at=now, withdrawn_by=by)
