"""Exact numbers: a limit of 30 % is met by exactly 30 %, never by a rounding error."""

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from math import isfinite

from alerts.engine.sentences import Sentence

Exact = int | Decimal

MOST_DIGITS = 100
# Two numbers of 100 digits, subtracted and multiplied, stay far below 400: Inexact is never met.
_ARITHMETIC = Context(prec=400, traps=[Inexact, InvalidOperation])


class NotExact(ValueError):
    """A number that cannot be kept to the digit."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class NoNumber:
    """Stands where JSON had NaN, Infinity or a number too long to keep; no field accepts it."""

    text: str

    def shown(self) -> str | Sentence:
        return self.text if len(self.text) <= 12 else Sentence('a number of {n} characters', n=len(self.text))


def exact(value: object) -> Exact:
    """The number as an int where it is whole, else as a Decimal. TypeError for what is no number, NotExact for one that
    is not finite or has more than 100 digits. A float means the digits that it prints."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError('a number is needed')
    if isinstance(value, int):
        return _fitting(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise NotExact(Sentence('a finite number is needed'))
        value = Decimal(repr(value))
    return _shortest(value)


def _fitting(value: int) -> int:
    if value.bit_length() > 330:
        raise NotExact(Sentence('more than {most} digits', most=MOST_DIGITS))
    return value


def _shortest(value: Decimal) -> Exact:
    if not value.is_finite():
        raise NotExact(Sentence('a finite number is needed'))
    if not value:
        return 0
    _, digits, exponent = value.as_tuple()
    if len(digits) > MOST_DIGITS or abs(value.adjusted()) > MOST_DIGITS or abs(int(exponent)) > MOST_DIGITS:
        raise NotExact(Sentence('more than {most} digits', most=MOST_DIGITS))
    whole = int(value)
    return whole if whole == value else value


def minus(left: Exact, right: Exact) -> Exact:
    if isinstance(left, int) and isinstance(right, int):
        return left - right
    return _ARITHMETIC.subtract(Decimal(left), Decimal(right))


def times(left: Exact, right: Exact) -> Exact:
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    return _ARITHMETIC.multiply(Decimal(left), Decimal(right))


def over(value: Exact, baseline: Exact | None, limit: Exact) -> bool:
    """Is the value that much over the usual one? With no usual value known, is the value itself?"""
    return (value if baseline is None else minus(value, baseline)) >= limit


def dropped(value: Exact, baseline: Exact, percent: Exact) -> bool:
    """More than so many percent below. Multiplied, not divided, so that the limit stays exact."""
    return times(minus(baseline, value), 100) > times(baseline, percent)


def changed(value: Exact, baseline: Exact, percent: Exact) -> bool:
    """So many percent or more away, either way."""
    away = minus(max(baseline, value), min(baseline, value))
    return times(away, 100) >= times(baseline, percent)


def plain(value: Exact) -> int | float | str:
    """For JSON: a number where a float prints the very same digits, else text."""
    if isinstance(value, int):
        return value
    return float(value) if Decimal(repr(float(value))) == value else str(value)
