"""Which signs the fonts of a PDF have. They come with typst, so that a file looks the same from every machine.

A sign outside of these could not be read aloud or searched for (PDF/UA forbids it), and some make typst itself fail: what a patient
types never reaches it unchecked. `tests/diary/test_paper.py` prints every one of them.
"""

import re
import unicodedata

MISSING = '□'
_RANGES = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x24F), (0x250, 0x2AF), (0x300, 0x345), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x4FF),
    (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x203E), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2126, 0x2126),
    (0x2153, 0x215E), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x2473), (0x25A2, 0x25FF), (0x2605, 0x2606), (0x2713, 0x2714),
)  # fmt: skip
_ALSO = 'Ό™'
_BLANK = re.compile(r'[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+')
# Marks that nobody sees: soft hyphens, joiners, the order of writing, and how an emoji is drawn.
_UNSEEN = re.compile('[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]')
_OTHERS = re.compile(
    '[^' + ''.join(f'{chr(low)}-{chr(high)}' for low, high in _RANGES).replace('[-', r'\[-') + _ALSO + ']+'
)


def printable(text: str) -> str:
    """The text with a □ for each run of signs that the fonts do not have; line ends and tabs become spaces."""
    composed = unicodedata.normalize('NFC', text)
    return _OTHERS.sub(MISSING, _UNSEEN.sub('', _BLANK.sub(' ', composed)))
