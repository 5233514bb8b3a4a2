"""A picture from anywhere, made harmless: it is opened once, drawn anew, and nothing of the file that was sent is kept.

What hides in a file (place and time, names, a second picture, a colour profile, a script behind the end) does not come
along, because only the drawn points do.
"""

import enum
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageCms

LONGEST = 1600  # px: what a nurse can still look closely at
THUMB = 480  # px: a tile of 240 on a sharp screen
ENOUGH = 600_000  # bytes; above it the picture is written a little coarser
QUALITIES = (82, 70, 55, 40)
KINDS = ('JPEG', 'PNG', 'WEBP')  # Pillow may not try its fifty other readers on what strangers send
MOST_PIXELS = {'PNG': 25_000_000, 'WEBP': 25_000_000}  # read whole into memory
MOST_PIXELS_JPEG = 60_000_000  # read at a half or a quarter of its size
MOST_SCANS = 100  # a JPEG of many passes over the same points is small, and takes minutes to open
SCAN, END = b'\xff\xda', b'\xff\xd9'
JFIF = frozenset(
    {'jfif', 'jfif_version', 'jfif_unit', 'jfif_density'}
)  # what Pillow tells of a JPEG that it wrote itself
MOST_PROFILE = 1_000_000  # bytes
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# A large picture takes some 100 MB for a moment: one at a time in a process, whatever comes in together.
_one_at_a_time = Lock()


class Why(enum.Enum):
    """Why a picture is not taken."""

    UNREADABLE = 'unreadable'
    TOO_LARGE = 'too large'


class PictureRefused(ValueError):
    """The picture cannot be taken; `why` says what is wrong with it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Picture:
    """Two JPEGs without metadata: `image` of `width` × `height` px, and the small `thumb`."""

    image: bytes
    thumb: bytes
    width: int
    height: int


def drawn_anew(data: bytes) -> Picture:
    """The first picture in `data`, upright, in sRGB, at most 1600 px long. Raises PictureRefused."""
    if data.count(SCAN) > MOST_SCANS:
        raise PictureRefused(Why.UNREADABLE)
    with _one_at_a_time:
        try:
            picture = _opened(data)
        except PictureRefused:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureRefused(Why.TOO_LARGE) from error
        # Pillow's readers raise whatever a broken file makes them stumble over: SyntaxError, struct.error, OverflowError …
        except Exception as error:
            raise PictureRefused(Why.UNREADABLE) from error
    small = picture.copy()
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return Picture(_written(picture), _written(small), picture.width, picture.height)


def drawn_by_us(data: bytes) -> Picture:
    """A picture that a Vigil has drawn anew before, as it is; only its tile is made again.

    Raises PictureRefused for every other one, also one that holds more than points: notes, a profile, something behind its end.
    """
    if data.count(SCAN) > MOST_SCANS or data.find(END) != len(data) - len(END):
        raise PictureRefused(Why.UNREADABLE)
    with _one_at_a_time:
        try:
            with Image.open(BytesIO(data), formats=['JPEG']) as opened:
                ours = opened.mode == 'RGB' and max(opened.size) <= LONGEST and set(opened.info) <= JFIF
                if not ours or [name for name, _ in getattr(opened, 'applist', [])] not in ([], ['APP0']):
                    raise PictureRefused(Why.UNREADABLE)
                opened.load()
                small = opened.copy()
        except PictureRefused:
            raise
        except Exception as error:
            raise PictureRefused(Why.UNREADABLE) from error
    width, height = small.size
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    return Picture(data, _written(small), width, height)


def _opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data), formats=KINDS) as opened:
        if opened.width * opened.height > MOST_PIXELS.get(opened.format or '', MOST_PIXELS_JPEG):
            raise PictureRefused(Why.TOO_LARGE)
        turn, profile = _turn(opened), opened.info.get('icc_profile')
        opened.draft('RGB', (LONGEST, LONGEST))
        opened.load()
        flat = _on_white(opened)
        flat.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        upright = flat.transpose(turn) if turn is not None else flat
        clean = Image.new(
            'RGB', upright.size
        )  # nothing but points: a converted picture still carries its comments along
        clean.paste(_in_srgb(upright, profile))
        return clean


def _turn(opened: Image.Image) -> Image.Transpose | None:
    """How the camera was held. A photo whose notes cannot be read is still a photo."""
    try:
        return TURNS.get(opened.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001
        return None


def _on_white(opened: Image.Image) -> Image.Image:
    """Without transparency and palette, in colours or CMYK."""
    if opened.mode == 'CMYK':
        return opened.copy()
    if not opened.has_transparency_data:
        return opened.convert('RGB')
    clear = opened.convert('RGBA')
    ground = Image.new('RGBA', clear.size, 'white')
    ground.alpha_composite(clear)
    return ground.convert('RGB')


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Redness is what a nurse looks for: a phone's wide colours are carried over before their profile is dropped."""
    if isinstance(profile, bytes) and len(profile) <= MOST_PROFILE:
        try:
            sent = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(picture, sent, ImageCms.createProfile('sRGB'), outputMode='RGB')
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            found = None
        if found is not None:
            return found
    return picture.convert('RGB')


def _written(picture: Image.Image) -> bytes:
    written = b''
    for quality in QUALITIES:
        out = BytesIO()
        picture.save(out, 'JPEG', quality=quality, optimize=True)
        written = out.getvalue()
        if len(written) <= ENOUGH:
            break
    return written
