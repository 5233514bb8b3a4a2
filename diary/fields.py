"""What one field of an answer may hold: parsed once from the catalogue's own notation, such as "C 30-45" or "yes"."""

import enum
import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

SEVERITY, PRESENT = 'severity', 'present'
LEVELS = 5
_SPAN = re.compile(r'(?:(?P<unit>\S+) )?(?P<low>\d+(?:\.\d+)?)-(?P<high>\d+(?:\.\d+)?)')
_TEXT = re.compile(r'text up to (?P<most>\d{1,6})')


class FieldKind(enum.Enum):
    """`count` is a whole number, `percent` a share of 100, `number` any other quantity with a unit."""

    SEVERITY = 'severity'
    YES = 'yes'
    NUMBER = 'number'
    COUNT = 'count'
    PERCENT = 'percent'
    TEXT = 'text'


NUMBERS = frozenset({FieldKind.NUMBER, FieldKind.COUNT, FieldKind.PERCENT})


@dataclass(frozen=True)
class FieldSpec:
    """`low` and `high` bound what is plausible, in `unit`; `high` is also the longest text. Words are in one language."""

    name: str
    kind: FieldKind
    unit: str = ''
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    question: str = ''
    help: str = ''
    unit_word: str = ''

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


class FieldError(ValueError):
    """A field notation that the catalogue does not know."""


def parse_field(name: str, notation: object) -> FieldSpec:
    """From the catalogue's notation; YAML reads a bare yes as true. Raises FieldError."""
    if notation is True or notation == 'yes':
        return FieldSpec(name, FieldKind.YES)
    written = str(notation)
    if longest := _TEXT.fullmatch(written):
        return FieldSpec(name, FieldKind.TEXT, high=Decimal(longest['most']))
    span = _SPAN.fullmatch(written)
    if span is None or Decimal(span['low']) >= Decimal(span['high']):
        problem = _('“%(written)s” is none of yes, 0-4, “text up to 2000”, or a unit and a range like “C 30-45”')
        raise FieldError(f'{name}: {problem % {"written": written}}')
    unit, low, high = span['unit'] or '', Decimal(span['low']), Decimal(span['high'])
    if name == SEVERITY:
        if unit or low != 0 or high != LEVELS - 1:
            raise FieldError(_('severity is always 0-4'))
        return FieldSpec(name, FieldKind.SEVERITY, low=low, high=high)
    if not unit:
        raise FieldError(f'{name}: ' + _('a number needs its unit'))
    kind = {'count': FieldKind.COUNT, '%': FieldKind.PERCENT}.get(unit, FieldKind.NUMBER)
    return FieldSpec(name, kind, unit, low, high)
