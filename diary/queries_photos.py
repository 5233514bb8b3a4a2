"""Named questions about photos: those of an entry, those beside it, and the picture itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from clinic.models import Patient
from diary.catalogue import current_catalogue
from diary.models import Entry, EntryPhoto

LOOKS_BACK = timedelta(days=28)
MOST_TILES = 24


@dataclass(frozen=True)
class Tile:
    """One photo with the symptom's name; `is_here` when it belongs to the entry that the page is about."""

    photo: EntryPhoto
    name: str
    is_here: bool


@dataclass(frozen=True)
class Wall:
    """The photos of one symptom beside each other, the newest first. `left_out` of them are older than fit."""

    name: str
    tiles: tuple[Tile, ...]
    left_out: int


def photos_of_entry(entry: Entry) -> list[Tile]:
    """In the order in which they were added. One query when there are none."""
    photos = EntryPhoto.objects.filter(entry=entry).select_related('added_by', 'entry').order_by('position')
    return _tiles(photos, here=entry)


def photos_beside(entry: Entry, *, later: bool = False) -> list[Wall]:
    """The patient's photos of the 28 days up to this entry, with `later` also those since, by symptom. One query when none."""
    photos = EntryPhoto.objects.filter(
        entry__patient=entry.patient_id, entry__about_at__gte=entry.about_at - LOOKS_BACK
    ).select_related('entry', 'added_by')
    if not later:
        photos = photos.filter(entry__about_at__lte=entry.about_at)
    walls: dict[str, list[Tile]] = {}
    for tile in _tiles(photos.order_by('-entry__about_at', '-entry_id', 'position'), here=entry):
        walls.setdefault(tile.name, []).append(tile)
    return [Wall(name, tuple(tiles[:MOST_TILES]), max(0, len(tiles) - MOST_TILES)) for name, tiles in walls.items()]


def _tiles(photos: Iterable[EntryPhoto], *, here: Entry) -> list[Tile]:
    found = list(photos)
    catalogue = current_catalogue() if found else None
    return [
        Tile(photo, catalogue.symptom(photo.symptom).name, photo.entry_id == here.pk) for photo in found if catalogue
    ]


def photo_of(patient: Patient, public_id: UUID) -> EntryPhoto | None:
    """A photo of this patient that stands, without its bytes."""
    photos = EntryPhoto.objects.select_related('entry')
    return photos.filter(entry__patient=patient, public_id=public_id).first()


def image_of(public_id: str) -> bytes:
    """The whole photo, by its public id; also of one that was taken back a moment ago."""
    return bytes(EntryPhoto.on_record.filter(public_id=public_id).values_list('image', flat=True).get())


def bytes_of(photo: EntryPhoto, *, small: bool) -> bytes:
    """The JPEG: the tile, or the whole photo."""
    kind = 'thumb' if small else 'image'
    return bytes(EntryPhoto.objects.filter(pk=photo.pk).values_list(kind, flat=True).get())
