"""Numbers that cannot be, or hardly ever are: asked again with the likely meaning. Never silently changed.

The ranges of the catalogue say what is possible; `USUAL` what is common enough not to ask about. These are our own choice:
they only ask “is this right?”, they flag nothing, and a danger sign that real thermometers and finger clips show lies within them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from diary.fields import FieldSpec
from diary.numbers import Typed, canonical

USUAL: Mapping[str, tuple[Decimal, Decimal]] = {
    'celsius': (Decimal(34), Decimal(42)),
    'stools_24h': (Decimal(0), Decimal(25)),
    'times_24h': (Decimal(0), Decimal(25)),
    'weight': (Decimal(40), Decimal(160)),
    'systolic_bp': (Decimal(60), Decimal(230)),
    'spo2': (Decimal(65), Decimal(100)),
    'pulse': (Decimal(35), Decimal(220)),
}
FAR_FROM_LAST = Decimal('0.15')  # a body weight that is so much off the last one was probably typed in the other unit


@dataclass(frozen=True)
class Verdict:
    """`fine`; else whether it is possible at all, and what else may have been meant."""

    fine: bool
    possible: bool = True
    meanings: tuple[Typed, ...] = ()


FINE = Verdict(fine=True)


def judge(field: FieldSpec, typed: Typed, *, units: tuple[str, ...], last: Decimal | None = None) -> Verdict:
    """Whether a typed number should be asked again. `last` is the latest earlier value, in the catalogue's unit."""
    value = canonical(typed.number, typed.unit)
    possible = field.low <= value <= field.high
    if possible and _usual(field, value, last):
        return FINE
    meanings = [other for other in _others(typed, units) if _usual(field, canonical(other.number, other.unit), last)]
    return Verdict(fine=False, possible=possible, meanings=tuple(dict.fromkeys(meanings)))


def _usual(field: FieldSpec, value: Decimal, last: Decimal | None) -> bool:
    if last is not None:
        return abs(value - last) <= last * FAR_FROM_LAST
    low, high = USUAL.get(field.name, (field.low, field.high))
    return max(low, field.low) <= value <= min(high, field.high)


def _others(typed: Typed, units: tuple[str, ...]) -> Iterator[Typed]:
    """The same number in another unit, or with the point that was left out (386 for 38.6)."""
    for unit in units:
        if unit != typed.unit:
            yield Typed(typed.text, typed.number, unit)
    if typed.number == typed.number.to_integral_value() and typed.number >= 100 and len(units) > 1:
        tenth = typed.number / 10
        for unit in (typed.unit, *units):
            yield Typed(f'{tenth.normalize():f}', tenth, unit)
