"""Sentences about treatment, for patients and staff alike. The arithmetic behind them is in timeline.py."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.dates import date_format
from clinic.models import Patient
from diary.models import Revision, ScheduleKind, TreatmentCourse
from diary.timeline import Phase, Place

CAR_T = 'car_t'
CAR_T_DAYS = 100  # how long people count days after CAR T-cells; then months say more
WEEKS_FROM, MONTHS_FROM = 14, 2


def place_label(place: Place, course: TreatmentCourse) -> str:
    """Such as “Cycle 3 · day 5”, “CAR T-cells · day 12” or “4 months after the last dose”."""
    if course.therapy.code == CAR_T and place.days_since_dose is not None and place.days_since_dose <= CAR_T_DAYS:
        return _('CAR T-cells · day %(day)d') % {'day': place.days_since_dose}
    if place.phase is Phase.CYCLE:
        return _cycle_label(place, course.schedule)
    if place.phase is Phase.BEFORE:
        return _('Treatment starts on %(date)s') % {'date': date_format(course.starts_on, 'j F')}
    if place.days_since_dose is None or place.months_since_dose is None:
        return _('No dose was recorded')
    return after_label(place.days_since_dose, place.months_since_dose)


def _cycle_label(place: Place, schedule: str) -> str:
    numbers = {'cycle': place.cycle, 'day': place.day}
    if schedule == ScheduleKind.WEEKLY:
        return _('Week %(cycle)d · day %(day)d') % numbers
    if schedule == ScheduleKind.MONTHLY:
        return _('Month %(cycle)d · day %(day)d') % numbers
    if schedule == ScheduleKind.ONCE:
        return _('Treatment · day %(day)d') % numbers
    return _('Cycle %(cycle)d · day %(day)d') % numbers


def after_label(days: int, months: int) -> str:
    """How long ago the last dose was, in the unit that people would use."""
    if months >= MONTHS_FROM:
        return ngettext('%(n)d month after the last dose', '%(n)d months after the last dose', months) % {'n': months}
    if days >= WEEKS_FROM:
        weeks = days // 7
        return ngettext('%(n)d week after the last dose', '%(n)d weeks after the last dose', weeks) % {'n': weeks}
    if days == 0:
        return _('The day of the last dose')
    return ngettext('%(n)d day after the last dose', '%(n)d days after the last dose', days) % {'n': days}


def cycle_name(number: int, schedule: str) -> str:
    """What one cycle of this schedule is called: a week, a month or a cycle."""
    if schedule == ScheduleKind.WEEKLY:
        return _('Week %(n)d') % {'n': number}
    if schedule == ScheduleKind.MONTHLY:
        return _('Month %(n)d') % {'n': number}
    if schedule == ScheduleKind.ONCE:
        return _('The days after the dose')
    return _('Cycle %(n)d') % {'n': number}


def schedule_words(course: TreatmentCourse) -> str:
    """The schedule as one says it: “every 21 days”, “28-day cycles, doses on days 1, 8 and 15”."""
    length, days = course.cycle_days, course.dose_days
    if course.schedule == ScheduleKind.ONCE:
        return _('one dose')
    if course.schedule == ScheduleKind.DAILY:
        return _('every day')
    if course.schedule == ScheduleKind.WEEKLY:
        return _('every week') if list(days) == [1] else _('every week, %(days)s') % {'days': days_words(days)}
    if course.schedule == ScheduleKind.MONTHLY:
        return _('every month') if list(days) == [1] else _('every month, %(days)s') % {'days': days_words(days)}
    if course.schedule == ScheduleKind.EVERY_N_DAYS:
        return ngettext('every %(n)d day', 'every %(n)d days', length) % {'n': length}
    return _('%(length)d-day cycles, %(days)s') % {'length': length, 'days': days_words(days)}


def days_words(days: Sequence[int]) -> str:
    """“dose on day 1”, “doses on days 1, 8 and 15”, “doses on days 1 to 14”."""
    if len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1)):
        return _('doses on days %(first)d to %(last)d') % {'first': days[0], 'last': days[-1]}
    words = get_text_list([str(day) for day in days], _('and'))
    return ngettext('dose on day %(days)s', 'doses on days %(days)s', len(days)) % {'days': words}


def written_for(revision: Revision, patient: Patient) -> str:
    """“Written by Ben Roth for Ana” where somebody else wrote it; empty for her own words."""
    if revision.recorded_by_id == patient.user_id:
        return ''
    return _('Written by %(who)s for %(name)s') % {'who': revision.recorded_by, 'name': patient.first_name}


def writers_words(revisions: Iterable[Revision], patient: Patient) -> tuple[str, ...]:
    """Of many entries (read with `recorded_by`), who wrote how many of them for her: one line a person."""
    counts = Counter(str(each.recorded_by) for each in revisions if each.recorded_by_id != patient.user_id)
    return tuple(
        ngettext('%(who)s wrote %(n)s entry for %(name)s.', '%(who)s wrote %(n)s entries for %(name)s.', n)
        % {'who': who, 'n': n, 'name': patient.first_name}
        for who, n in counts.most_common()
    )
