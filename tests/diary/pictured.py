"""Pictures for tests: small ones, honest and dishonest."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

from clinic.models import User
from diary.models import Entry, EntryPhoto
from diary.services.photos import add_photo
from tests import cast

PLACE = ((40.0, 42.0, 46.0), (74.0, 0.0, 21.0))
MAKER = 'Anas-secret-phone'


def skin(size: tuple[int, int] = (640, 480), *, spots: int = 3) -> Image.Image:
    """A patch of skin with red spots, the first in the upper left corner."""
    image = Image.new('RGB', size, (224, 172, 140))
    draw = ImageDraw.Draw(image)
    across = min(size) // 4
    for spot in range(spots):
        draw.ellipse([spot * across, spot * across, (spot + 1) * across, (spot + 1) * across], fill=(190, 40, 45))
    return image


def encoded(image: Image.Image, kind: str = 'JPEG', **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(*, spots: int = 3, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    return encoded(skin(size, spots=spots), **options)


def from_a_phone(*, turned: int = 1) -> bytes:
    """With the phone's name, the place, the way it was held, and a comment."""
    image = skin()
    exif = image.getexif()
    exif[Base.Make], exif[Base.Orientation] = MAKER, turned
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = 'N', PLACE[0]
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = 'W', PLACE[1]
    return encoded(image, exif=exif, comment=b'taken at home', xmp=b'<x:xmpmeta>Home Street 1</x:xmpmeta>')


def png_bomb(side: int = 50_000) -> bytes:
    """A PNG of a few bytes that says it is side × side points large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))

    head = struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(b'\0')) + chunk(b'IEND', b'')


def photographed(entry: Entry, *, spots: int = 3, symptom: str = 'RASH', by: User | None = None) -> EntryPhoto:
    """A photo with so many spots, in an entry that is there."""
    writer = by or cast.user_of(entry.patient)
    return add_photo(entry=entry, symptom=symptom, data=jpeg(spots=spots), by=writer, now=cast.NOW)
