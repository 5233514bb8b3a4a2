"""Numbers as people type them: with a comma or a point, with or without a unit. Exact arithmetic, nothing rounded."""

import re
from dataclasses import dataclass
from decimal import Decimal

TEMPERATURE, WEIGHT = ('C', 'F'), ('kg', 'lb')
LONGEST = 40
LB_IN_KG = Decimal('0.45359237')  # exact by definition
SYMBOLS = {'C': '°C', 'F': '°F'}
_TYPED = re.compile(
    r'(?P<number>[0-9]{1,6}(?:[.,][0-9]{0,20})?)(?P<lower>\s*/\s*[0-9]{2,3})?\s*(?P<unit>[^0-9\s][^0-9]{0,9})?'
)
_ALIASES = {
    '°c': 'C', 'c': 'C', 'celsius': 'C', '°f': 'F', 'f': 'F', 'fahrenheit': 'F',
    'kg': 'kg', 'kgs': 'kg', 'kilo': 'kg', 'kilos': 'kg', 'lb': 'lb', 'lbs': 'lb', 'pound': 'lb', 'pounds': 'lb',
    '%': '%', 'mmhg': 'mmHg', '/min': '/min', 'bpm': '/min', 'h': 'h', 'hours': 'h',
}  # fmt: skip


class NotANumberError(ValueError):
    """What was typed is no number, or in a unit that is not meant here."""


@dataclass(frozen=True)
class Typed:
    """What was typed: the text, the number in it, and the unit it was meant in."""

    text: str
    number: Decimal
    unit: str

    @property
    def mark(self) -> str:
        """A short name of exactly this typed number, for a question about it."""
        return f'{self.text}|{self.unit}'


def units_for(unit: str, also: str = '') -> tuple[str, ...]:
    """The units that are taken where the catalogue names `unit`: it, and the one it is converted from."""
    if unit in TEMPERATURE:
        return TEMPERATURE
    return (unit, also) if also else (unit,)


def read_number(text: str, *, unit: str, units: tuple[str, ...]) -> Typed:
    """The number in `text`, in `unit` unless the text names one of `units` itself. Raises NotANumberError.

    A blood pressure typed as 120/80 is read by its upper number.
    """
    text = text.strip()
    found = _TYPED.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or unit not in units or (found['lower'] and 'mmHg' not in units):
        raise NotANumberError(text)
    if found['unit']:
        unit = _ALIASES.get(found['unit'].strip().lower(), '')
        if unit not in units:
            raise NotANumberError(text)
    return Typed(text, Decimal(found['number'].replace(',', '.').rstrip('.')), unit)


def canonical(number: Decimal, unit: str) -> Decimal:
    """In °C or kg when `unit` is °F or lb; every other unit is the catalogue's own."""
    if unit == 'F':
        return (number - 32) * 5 / 9
    return number * LB_IN_KG if unit == 'lb' else number


def converted(value: Decimal, unit: str) -> Decimal:
    """The catalogue's °C or kg in `unit`, for showing."""
    if unit == 'F':
        return value * 9 / 5 + 32
    return value / LB_IN_KG if unit == 'lb' else value


def shown(number: Decimal, unit: str, *, places: int = 1) -> str:
    """Such as “38.9 °C” or “82 kg”: rounded for the eye only."""
    rounded = round(number, places).normalize()
    return f'{rounded:f} {SYMBOLS.get(unit, unit)}'
