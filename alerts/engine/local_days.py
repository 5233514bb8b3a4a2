"""Which calendar day of a time zone an instant belongs to."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from alerts.engine.facts import EPOCH, LONG_AGO, NEVER

MOST_DAYS = 20_000
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


class LocalDays(dict[int, tuple[timedelta, int]]):
    """For each UTC day (counted from 1970): the instant from which on the local day is one later, and the local day
    before that, as an ordinal. Worked out when first asked for: asking the zone for every entry would take longer.

    UNEVEN stands where the clocks are moved in that day; ask `exactly` then.
    """

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def exactly(self, at: timedelta) -> int:
        return local_day(EPOCH + at, self._zone)

    def of(self, at: timedelta) -> int:
        edge, day = self[at.days]
        if edge is LONG_AGO:
            return self.exactly(at)
        return day + (at >= edge)

    def __missing__(self, utc_day: int) -> tuple[timedelta, int]:
        if len(self) >= MOST_DAYS:
            self.clear()
        self[utc_day] = found = self._find(EPOCH + utc_day * _DAY, utc_day * _DAY)
        return found

    def _find(self, start: datetime, since: timedelta) -> tuple[timedelta, int]:
        offset, later = (moment.astimezone(self._zone).utcoffset() for moment in (start, start + _DAY - _TICK))
        if offset is None or offset != later:
            return UNEVEN
        first = local_day(start, self._zone)
        # The local midnight in this UTC day: none where both days are the same.
        midnight = since + (-offset) % _DAY
        return (NEVER if midnight == since else midnight), first


UNEVEN = (LONG_AGO, 0)


def local_day(moment: datetime, zone: tzinfo) -> int:
    return moment.astimezone(zone).toordinal()


@lru_cache(maxsize=64)
def local_days(zone: tzinfo) -> LocalDays:
    return LocalDays(zone)
