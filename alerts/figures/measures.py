"""The kinds of figure. Each knows on how many cases it stands, and says nothing where these are too few."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

FEW = 5  # under so many cases a median or a share tells more of chance than of the clinic
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Times:
    """How long something took: the middle one of `n`, and what nine of ten did not exceed."""

    n: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None

    @property
    def is_few(self) -> bool:
        return self.n < FEW


@dataclass(frozen=True)
class Share:
    """`part` of `of`."""

    part: int
    of: int

    @property
    def is_few(self) -> bool:
        return self.of < FEW

    @property
    def percent(self) -> float | None:
        return None if self.is_few else 100 * self.part / self.of


@dataclass(frozen=True)
class Rate:
    """`many` on `each` entries; told for 100 of them."""

    many: int
    each: int

    @property
    def is_few(self) -> bool:
        return self.each < FEW

    @property
    def per_hundred(self) -> float | None:
        return None if self.is_few else 100 * self.many / self.each


def minutes(time: timedelta | None) -> float | None:
    """For a table that a machine reads."""
    return None if time is None else round(time.total_seconds() / MINUTE, 1)


def time_words(time: timedelta) -> str:
    """As short as it may be without losing what counts: “40 s”, “41 min”, “3 h 20 min”, “2 days 4 h”."""
    seconds = round(time.total_seconds())
    if seconds < MINUTE:
        return _('%(n)d s') % {'n': seconds}
    if seconds < HOUR:
        return _('%(n)d min') % {'n': _rounded(seconds, MINUTE)}
    if seconds < DAY:
        hours, rest = divmod(_rounded(seconds, MINUTE), 60)
        return _joined(_('%(n)d h') % {'n': hours}, rest and _('%(n)d min') % {'n': rest})
    days, hours = divmod(_rounded(seconds, HOUR), 24)
    return _joined(ngettext('%(n)d day', '%(n)d days', days) % {'n': days}, hours and _('%(n)d h') % {'n': hours})


def _rounded(seconds: int, unit: int) -> int:
    return int(seconds / unit + 0.5)


def _joined(first: str, rest: str | int) -> str:
    return f'{first} {rest}' if rest else first
