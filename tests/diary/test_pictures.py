"""Pictures are drawn anew: nothing of the file that was sent is left but its points."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from diary.pictures import ENOUGH, LONGEST, THUMB, Picture, PictureRefused, Why, drawn_anew
from tests.diary.pictured import MAKER, encoded, from_a_phone, jpeg, png_bomb, skin


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=['JPEG'])


def refusal(data: bytes) -> Why:
    with pytest.raises(PictureRefused) as refused:
        drawn_anew(data)
    return refused.value.why


def is_red(image: Image.Image, at: tuple[int, int]) -> bool:
    red, green, _blue = image.convert('RGB').getpixel(at)  # type: ignore[misc]
    return bool(red > 150 and green < 90)


def test_place_phone_comment_and_colour_profile_are_gone() -> None:
    sent = from_a_phone()
    assert opened(sent).getexif().get_ifd(0x8825)  # the place is in what was sent
    drawn = drawn_anew(sent)
    for data in (drawn.image, drawn.thumb):
        image = opened(data)
        assert not image.getexif()
        assert set(image.info) <= {'jfif', 'jfif_version', 'jfif_unit', 'jfif_density'}
        for secret in (
            MAKER.encode(),
            b'taken at home',
            b'Home Street',
            b'Exif',
            b'http://ns.adobe.com',
            b'ICC_PROFILE',
        ):
            assert secret not in data


@pytest.mark.parametrize(
    ('turned', 'corner'),
    [(1, (20, 20)), (2, (-20, 20)), (3, (-20, -20)), (4, (20, -20)), (6, (-20, 20)), (8, (20, -20))],
)
def test_a_photo_stands_upright(turned: int, corner: tuple[int, int]) -> None:
    sent = skin(spots=1)
    exif = sent.getexif()
    exif[0x0112] = turned
    drawn = drawn_anew(encoded(sent, exif=exif))
    image = opened(drawn.image)
    assert image.size == (drawn.width, drawn.height) == ((480, 640) if turned in (6, 8) else (640, 480))
    at = (corner[0] + 60 if corner[0] > 0 else image.width - 80, corner[1] + 60 if corner[1] > 0 else image.height - 80)
    assert is_red(image, at)


def test_a_large_photo_becomes_small() -> None:
    drawn = drawn_anew(jpeg(size=(4032, 3024)))
    assert (drawn.width, drawn.height) == (LONGEST, 1200)
    assert max(opened(drawn.thumb).size) == THUMB
    assert len(drawn.thumb) < len(drawn.image) < ENOUGH


def test_the_noisiest_photo_stays_small() -> None:
    noise = Image.effect_noise((1600, 1600), 100).convert('RGB')
    assert len(drawn_anew(encoded(noise, quality=95)).image) < 2 * ENOUGH


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP'])
def test_what_phones_send_is_taken(kind: str) -> None:
    assert drawn_anew(encoded(skin(), kind)).width == 640


@pytest.mark.parametrize('mode', ['L', 'CMYK', 'RGB'])
def test_grey_and_printers_colours_are_taken(mode: str) -> None:
    assert opened(drawn_anew(encoded(skin().convert(mode))).image).mode == 'RGB'


@pytest.mark.parametrize('mode', ['P', 'RGBA', 'LA', '1', 'I;16'])
def test_palettes_and_clear_grounds_are_taken(mode: str) -> None:
    image = Image.new('I;16', (40, 40), 30_000) if mode == 'I;16' else skin().convert(mode)
    assert opened(drawn_anew(encoded(image, 'PNG')).image).mode == 'RGB'


def test_what_is_clear_becomes_white_not_black() -> None:
    drawn = drawn_anew(encoded(Image.new('RGBA', (40, 40), (0, 0, 0, 0)), 'PNG'))
    assert min(opened(drawn.image).getpixel((20, 20))) > 250  # type: ignore[arg-type]


def test_a_phone_s_colours_are_carried_over_before_their_profile_goes() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    wide = bytearray(lab)
    at = wide.index(b'rXYZ')
    start = int.from_bytes(wide[at + 4 : at + 8], 'big') + 8
    wide[start : start + 4] = int(0.55 * 65536).to_bytes(4, 'big')  # a redder red than sRGB's 0.436
    sent = Image.new('RGB', (40, 40), (200, 60, 60))
    plain = opened(drawn_anew(encoded(sent, quality=95)).image).getpixel((20, 20))
    carried = opened(drawn_anew(encoded(sent, quality=95, icc_profile=bytes(wide))).image).getpixel((20, 20))
    assert carried[0] > plain[0] + 8  # type: ignore[index]


def test_a_broken_colour_profile_costs_no_photo() -> None:
    assert drawn_anew(jpeg(icc_profile=b'no profile at all')).width == 640


@pytest.mark.filterwarnings('ignore:Corrupt EXIF')
def test_broken_notes_cost_no_photo() -> None:
    assert drawn_anew(jpeg(exif=b'Exif\0\0MM\0*\xff\xff\xff\xff garbage')).width == 640


def test_a_moving_picture_is_its_first() -> None:
    frames = [skin(spots=n) for n in (1, 2, 3)]
    for kind in ('PNG', 'WEBP'):
        sent = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        image = opened(drawn_anew(sent).image)
        assert is_red(image, (60, 60))
        assert not is_red(image, (180, 180))


def test_the_second_picture_of_a_camera_s_file_is_left_behind() -> None:
    hidden = skin(spots=0)
    hidden.paste((0, 0, 255), (0, 0, 640, 480))
    sent = encoded(skin(), 'MPO', save_all=True, append_images=[hidden])
    drawn = drawn_anew(sent)
    assert is_red(opened(drawn.image), (60, 60))
    assert drawn.image.count(b'\xff\xd8\xff') == 1


@pytest.mark.parametrize('tail', [b'<script>alert(1)</script>', b'PK\x03\x04 an archive', b'%PDF-1.7'])
def test_what_hangs_behind_a_picture_does_not_come_along(tail: bytes) -> None:
    assert tail not in drawn_anew(jpeg() + tail).image


def test_a_bomb_does_not_go_off() -> None:
    assert refusal(png_bomb(50_000)) is Why.TOO_LARGE
    assert refusal(png_bomb(6_000)) is Why.TOO_LARGE


def test_a_photo_of_thousand_passes_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError('it was opened')

    monkeypatch.setattr(Image, 'open', never)
    assert refusal(b'\xff\xd8' + b'\xff\xda\x00\x08\x01\x01\x00\x00?\x00' * 1_000) is Why.UNREADABLE


@pytest.mark.parametrize(
    'data',
    [
        b'',
        b'no picture',
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'GIF89a' + bytes(40),
        b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file',
        b'\0\0\0\x18ftypheic' + bytes(200),
    ],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    assert refusal(data) is Why.UNREADABLE


@pytest.mark.parametrize('kind', ['GIF', 'TIFF', 'BMP', 'ICO', 'PDF', 'TGA'])
def test_other_kinds_are_not_even_tried(kind: str) -> None:
    assert refusal(encoded(skin(), kind)) is Why.UNREADABLE


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP'])
@pytest.mark.parametrize('share', [0.02, 0.5, 0.9])
def test_half_a_photo_is_refused(kind: str, share: float) -> None:
    whole = encoded(Image.effect_noise((200, 200), 60).convert('RGB'), kind)
    assert refusal(whole[: int(len(whole) * share)]) is Why.UNREADABLE


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP'])
def test_damaged_files_are_drawn_or_refused_and_never_stumbled_over(kind: str) -> None:
    whole = bytearray(encoded(skin((64, 48)), kind))
    for at in range(0, len(whole), 7):
        damaged = bytes(whole[:at]) + bytes([whole[at] ^ 0xFF]) + bytes(whole[at + 1 :])
        try:
            assert isinstance(drawn_anew(damaged), Picture)
        except PictureRefused:
            continue
