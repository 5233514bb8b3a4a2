"""Where a day stands in a patient's treatment: of all her courses the one that matters on that day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.dates import date_format
from diary.models import TreatmentCourse
from diary.queries import planned_cycles
from diary.timeline import Phase, Place, PlannedCycle, place
from diary.words import cycle_name, place_label

LAST_CYCLES = 3


@dataclass(frozen=True)
class Course:
    """A course, its cycles, and the local days of its doses in order."""

    course: TreatmentCourse
    cycles: tuple[PlannedCycle, ...]
    doses: tuple[date, ...]


@dataclass(frozen=True)
class Stand:
    """Where one day stands. `section` is what days are grouped by (“Cycle 3”), `label` the day itself (“Cycle 3 · day 5”)."""

    section: str
    label: str


def read_courses(courses: Sequence[TreatmentCourse], zone: ZoneInfo) -> list[Course]:
    """Courses with their cycles and doses prefetched (queries.courses_of): no query."""
    return [
        Course(
            course,
            planned_cycles(course),
            tuple(sorted({d.given_at.astimezone(zone).date() for d in course.doses.all()})),
        )
        for course in courses
    ]


def stand(day: date, courses: Sequence[Course]) -> Stand:
    """The course that runs on that day counts, then the one with the latest dose; without any, the month."""
    places = [(each, place(day, cycles=each.cycles, doses=each.doses)) for each in courses]
    begun = [(each, spot) for each, spot in places if spot.phase is not Phase.BEFORE]
    if not begun:
        return Stand(_('Before treatment') if courses else date_format(day, 'F Y'), '')
    each, spot = max(begun, key=_weight)
    return Stand(_section(each, spot), place_label(spot, each.course))


def _weight(found: tuple[Course, Place]) -> tuple[bool, int]:
    since = found[1].days_since_dose
    return found[1].phase is Phase.CYCLE, -(since if since is not None else 10**6)


def _section(each: Course, spot: Place) -> str:
    if spot.cycle is None:
        return _('After %(course)s') % {'course': each.course}
    return f'{cycle_name(spot.cycle, each.course.schedule)} · {each.course}'


def last_cycles(courses: Sequence[Course], today: date) -> tuple[Course, list[PlannedCycle]] | None:
    """The last cycles that have begun of the course that matters today; None before treatment."""
    begun = [(each, place(today, cycles=each.cycles, doses=each.doses)) for each in courses]
    running = [(each, spot) for each, spot in begun if spot.phase is not Phase.BEFORE and each.cycles]
    if not running:
        return None
    each = max(running, key=_weight)[0]
    cycles = [cycle for cycle in each.cycles if cycle.starts_on <= today]
    return (each, cycles[-LAST_CYCLES:]) if cycles else None
