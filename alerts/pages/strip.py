"""The last cycles as one small picture: a row a cycle, the same cycle day below the same cycle day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.models import Alert, TierChoice
from clinic.dates import date_format
from clinic.models import Patient
from diary.models import DiaryPause, Entry, ScheduleKind
from diary.places import Course, last_cycles
from diary.timeline import PlannedCycle
from diary.words import CAR_T, cycle_name

# Drawn 360 wide like every chart, so that its words stay readable on a phone.
LEFT, WIDTH, ROW, BAND = 74.0, 282.0, 30.0, 14.0
MARK = 11.0
ICON = {TierChoice.EMERGENCY: 'octagon', TierChoice.URGENT: 'triangle', TierChoice.SAME_DAY: 'clock'}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """A sign from the sprite with its upper left corner; `tier` is empty for a dose."""

    x: float
    icon: str
    tier: str = ''


@dataclass(frozen=True)
class Span:
    x: float
    width: float


@dataclass(frozen=True)
class Row:
    """One cycle. `past` and `future` are its two parts, `dots` the middles of days with an entry, `words` what it shows."""

    title: str
    y: float
    past: Span
    future: Span
    dots: tuple[float, ...]
    doses: tuple[Mark, ...]
    alerts: tuple[Mark, ...]
    pauses: tuple[Span, ...]
    today: float | None
    words: str


@dataclass(frozen=True)
class Strip:
    title: str
    height: float
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, int], ...]
    from_dose: bool
    mark: float = MARK
    band: float = BAND


@dataclass(frozen=True)
class _Seen:
    """What happened, by local day."""

    entries: frozenset[date]
    alerts: dict[date, str]
    pauses: tuple[tuple[date, date], ...]
    doses: tuple[date, ...]
    today: date


def strip_of(patient: Patient, courses: Sequence[Course], *, now: datetime) -> Strip | None:
    """Three queries; None before treatment."""
    today = now.astimezone(patient.zone).date()
    found = last_cycles(courses, today)
    if found is None:
        return None
    course, cycles = found
    seen = _seen(patient, course, cycles, today)
    longest = max(cycle.length for cycle in cycles)
    step = WIDTH / longest
    rows = [_row(course, cycle, seen, n, step) for n, cycle in enumerate(cycles)]
    from_dose = course.course.therapy.code == CAR_T  # as the page's head counts it (words.place_label)
    named = {'course': str(course.course)[:1].upper() + str(course.course)[1:]}
    title = (_('%(course)s: since the dose') if _is_once(course) else _('%(course)s: the last cycles')) % named
    return Strip(
        title,
        len(rows) * ROW + 16,
        tuple(rows),
        tuple(_ticks(longest, step, first=0 if from_dose else 1)),
        from_dose,
    )


def _is_once(course: Course) -> bool:
    return course.course.schedule == ScheduleKind.ONCE


def _seen(patient: Patient, course: Course, cycles: Sequence[PlannedCycle], today: date) -> _Seen:
    first, last = cycles[0].starts_on, cycles[-1].ends_on
    zone = patient.zone
    begins, ends = (datetime.combine(day, time.min, zone) for day in (first, last + ONE_DAY))
    days = Entry.objects.filter(patient=patient, about_at__gte=begins, about_at__lt=ends).values_list('day', flat=True)
    worst: dict[date, tuple[int, str]] = defaultdict(lambda: (9, ''))
    opened = Alert.objects.filter(patient=patient, opened_at__gte=begins, opened_at__lt=ends)
    for at, rank, tier in opened.values_list('opened_at', 'tier_rank', 'tier'):
        day = at.astimezone(zone).date()
        worst[day] = min(worst[day], (rank, tier))
    pauses = DiaryPause.objects.filter(patient=patient, from_on__lte=last, until_on__gte=first)
    return _Seen(
        frozenset(days),
        {day: tier for day, (_rank, tier) in worst.items()},
        tuple(pauses.values_list('from_on', 'until_on')),
        course.doses,
        today,
    )


def _row(course: Course, cycle: PlannedCycle, seen: _Seen, number: int, step: float) -> Row:
    def left(day: date) -> float:
        return LEFT + (day - cycle.starts_on).days * step

    def span(first: date, last: date) -> Span:
        first, last = max(first, cycle.starts_on), min(last, cycle.ends_on)
        return Span(round(left(first), 1), round(max(0.0, left(last + ONE_DAY) - left(first)), 1))

    def marked(day: date) -> float:
        return round(left(day) + (step - MARK) / 2, 1)

    entries = sorted(day for day in seen.entries if day in cycle)
    doses = [day for day in seen.doses if day in cycle]
    alerts = sorted((day, tier) for day, tier in seen.alerts.items() if day in cycle)
    return Row(
        title=_('After the dose') if _is_once(course) else cycle_name(cycle.number, course.course.schedule),
        y=number * ROW + 2,
        past=span(cycle.starts_on, seen.today),
        future=span(seen.today + ONE_DAY, cycle.ends_on) if seen.today in cycle else Span(0, 0),
        dots=tuple(round(left(day) + step / 2, 1) for day in entries),
        doses=tuple(Mark(marked(day), 'syringe') for day in doses),
        alerts=tuple(Mark(marked(day), ICON[TierChoice(tier)], tier) for day, tier in alerts),
        pauses=tuple(
            span(*pause) for pause in seen.pauses if pause[0] <= cycle.ends_on and pause[1] >= cycle.starts_on
        ),
        today=round(left(seen.today) + step / 2, 1) if seen.today in cycle else None,
        words=_words(course, cycle, len(entries), doses, alerts),
    )


def _words(
    course: Course, cycle: PlannedCycle, entries: int, doses: Iterable[date], alerts: Iterable[tuple[date, str]]
) -> str:
    """The picture in words, for who does not see it."""
    given = ', '.join(_short(day) for day in doses) or _('none')
    opened = ', '.join(f'{TierChoice(tier).label} {_short(day)}' for day, tier in alerts) or _('none')
    written = ngettext('entries on %(n)d day', 'entries on %(n)d days', entries) % {'n': entries}
    name = cycle_name(cycle.number, course.course.schedule)
    words = {'name': name, 'doses': given, 'entries': written, 'alerts': opened}
    return _('%(name)s: doses: %(doses)s; %(entries)s; alerts: %(alerts)s.') % words


def _short(day: date) -> str:
    return date_format(day, 'j M')


def _ticks(longest: int, step: float, *, first: int) -> Iterable[tuple[float, int]]:
    """A cycle's first day is day 1; after CAR T-cells the day of the dose is day 0."""
    for day in range(0, longest, 7 if longest > 10 else 1):
        yield round(LEFT + (day + 0.5) * step, 1), day + first
