"""What a reader cannot see in a text: control characters, zero-width ones, and those that turn the direction of writing."""

import unicodedata

# Format, control, private, surrogate and unassigned characters, and the two that end a line where no editor shows it.
_HIDDEN = frozenset({'Cc', 'Cf', 'Co', 'Cs', 'Cn', 'Zl', 'Zp'})
# Letters and marks by their category, empty on every screen.
_EMPTY = frozenset('\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0')


def hidden_in(text: str) -> str:
    """The first character that shows nothing, as `U+202E`; empty where there is none. Line ends and tabs are no such."""
    for character in text:
        if not _shows(character):
            return f'U+{ord(character):04X}'
    return ''


def _shows(character: str) -> bool:
    if character.isascii():
        return character.isprintable() or character in '\n\t'
    return unicodedata.category(character) not in _HIDDEN and character not in _EMPTY
