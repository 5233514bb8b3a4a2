"""Entering, shifting and stopping a course of treatment, and recording the doses that were given."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, User
from diary.models import Agent, Cycle, Dose, Therapy, TreatmentCourse, Withdrawable, WithdrawnReason
from diary.queries import planned_cycles
from diary.signals import treatment_changed
from diary.timeline import PlannedCycle, checked_dose_days, plan

WITHDRAWN = ('withdrawn_at', 'withdrawn_by', 'withdrawn_reason')
CLOCK_SLACK = timedelta(minutes=10)  # the nurse's clock may run ahead of ours


class TreatmentRefused(ValueError):
    """The treatment cannot be stored so; `field` names what to look at, the message says what to do, in the nurse's words."""

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def enter_course(
    *,
    patient: Patient,
    by: User,
    therapy: Therapy,
    agent: Agent | None,
    route: str,
    schedule: str,
    cycle_days: int,
    dose_days: Sequence[int],
    cycles: int,
    starts_on: date,
    now: datetime,
) -> TreatmentCourse:
    """Store a course with its planned cycles. Raises ScheduleError for a schedule that cannot be planned, TreatmentRefused."""
    if agent is not None and agent.therapy_id != therapy.pk:
        raise TreatmentRefused(_('This medicine belongs to another kind of treatment.'), field='agent')
    days = checked_dose_days(schedule, cycle_days=cycle_days, dose_days=dose_days, cycles=cycles)
    with transaction.atomic():
        course = TreatmentCourse.objects.create(
            patient=patient,
            therapy=therapy,
            agent=agent,
            route=route,
            schedule=schedule,
            cycle_days=cycle_days,
            dose_days=list(days),
            planned_cycles=cycles,
            starts_on=starts_on,
            entered_by=by,
            entered_at=now,
        )
        _store(course, _plan(course, starts_on, cycles=cycles))
    return course


def replan_from(*, course: TreatmentCourse, number: int, starts_on: date) -> None:
    """Let cycle `number` begin on `starts_on`, and shift the later ones with it; the cycle before lasts until then.

    Raises TreatmentRefused when one of these cycles has a dose already, or would begin before the cycle in front of it.
    """
    with transaction.atomic():
        course = _locked(course)
        cycles = list(course.cycles.all())
        moving = [cycle for cycle in cycles if cycle.number >= number]
        before = next((cycle for cycle in reversed(cycles) if cycle.number < number), None)
        _may_move(course, moving, before, starts_on)
        course.cycles.filter(number__gte=number).delete()
        if before is None:
            course.starts_on = starts_on
            course.save(update_fields=['starts_on'])
        else:
            before.ends_on = starts_on - timedelta(1)
            before.save(update_fields=['ends_on'])
        _store(course, _plan(course, starts_on, cycles=len(moving), first_number=number))


def stop_course(*, course: TreatmentCourse, on: date, now: datetime) -> None:
    """End a course: later cycles go, the running one ends that day. The diary goes on, because side effects come late.

    Raises TreatmentRefused for a day to come, before the course, or before a dose that was given; and when it was stopped before.
    """
    with transaction.atomic():
        course = _locked(course)
        zone = course.patient.zone
        last_dose = course.doses.order_by('-given_at').first()
        if course.stopped_on is not None:
            raise TreatmentRefused(_('This course was stopped before.'))
        if on > now.astimezone(zone).date():
            raise TreatmentRefused(_('This day is still to come. Choose today or an earlier day.'), field='on')
        if on < course.starts_on:
            raise TreatmentRefused(_('The course had not begun by then.'), field='on')
        if last_dose is not None and last_dose.given_at.astimezone(zone).date() > on:
            raise TreatmentRefused(_('A dose was given after this day.'), field='on')
        course.cycles.filter(starts_on__gt=on).delete()
        course.cycles.filter(ends_on__gt=on).update(ends_on=on)
        course.stopped_on = on
        course.save(update_fields=['stopped_on'])


def record_dose(
    *,
    course: TreatmentCourse,
    given_at: datetime,
    by: User,
    now: datetime,
    amount: str = '',
    second_that_day: bool = False,
    moves_cycles: bool = False,
) -> Dose:
    """Store a dose that was given, in the cycle of its local day; with `moves_cycles` its cycle begins on that day.

    Raises TreatmentRefused for a time to come, before the course or after its end, and for a second dose on one day that is not
    said to be one.
    """
    day = given_at.astimezone(course.patient.zone).date()
    with transaction.atomic():
        course = _locked(course)
        _may_be_given(course, given_at=given_at, day=day, now=now, second_that_day=second_that_day)
        moved = cycle_to_move(course, day) if moves_cycles else None
        if moved is not None:
            replan_from(course=course, number=moved, starts_on=day)
        cycle = course.cycles.filter(starts_on__lte=day, ends_on__gte=day).first()
        dose = Dose.objects.create(
            course=course, cycle=cycle, given_at=given_at, amount=amount, recorded_by=by, recorded_at=now
        )
        treatment_changed.send(sender=Dose, patient=course.patient, since=given_at, now=now)
    return dose


def withdraw_dose(*, dose: Dose, by: User, reason: str, now: datetime) -> Dose:
    """Take back a dose that was recorded by mistake. It stays on record, in no cycle, and counts no longer; cycles that it moved
    stay where they are. `reason` is a WithdrawnReason. Raises TreatmentRefused when it was taken back before."""
    with transaction.atomic():
        course = _locked(dose.course)
        dose = Dose.on_record.select_for_update(of=('self',)).get(pk=dose.pk)
        dose.cycle = None
        mark_withdrawn(dose, by=by, reason=reason, now=now)
        dose.save(update_fields=['cycle', *WITHDRAWN])
        treatment_changed.send(sender=Dose, patient=course.patient, since=dose.given_at, now=now)
    return dose


def mark_withdrawn(found: Withdrawable, *, by: User, reason: str, now: datetime) -> None:
    """Say when, by whom and why, once; the caller holds the row's lock, and saves WITHDRAWN."""
    if found.withdrawn_at is not None:
        raise TreatmentRefused(_('This was taken back before.'))
    found.withdrawn_at, found.withdrawn_by, found.withdrawn_reason = now, by, WithdrawnReason(reason)


def cycle_to_move(course: TreatmentCourse, day: date) -> int | None:
    """The cycle whose first dose a dose on `day` is, when it was planned for another day: the nearest one without a dose."""
    cycles = planned_cycles(course)
    if any(day in cycle.doses for cycle in cycles):
        return None
    used = set(course.doses.values_list('cycle__number', flat=True))
    latest_used = max((cycle.number for cycle in cycles if cycle.number in used), default=0)
    free = [cycle for cycle in cycles if cycle.number > latest_used]
    return min(free, key=lambda cycle: abs((cycle.starts_on - day).days)).number if free else None


def _locked(course: TreatmentCourse) -> TreatmentCourse:
    """The course as it is now; whoever changes it too waits."""
    return (
        TreatmentCourse.objects.select_for_update(of=('self',)).select_related('patient', 'therapy').get(pk=course.pk)
    )


def _plan(course: TreatmentCourse, starts_on: date, *, cycles: int, first_number: int = 1) -> tuple[PlannedCycle, ...]:
    return plan(
        course.schedule,
        starts_on,
        cycle_days=course.cycle_days,
        dose_days=course.dose_days,
        cycles=cycles,
        first_number=first_number,
    )


def _store(course: TreatmentCourse, cycles: Sequence[PlannedCycle]) -> None:
    Cycle.objects.bulk_create(
        Cycle(course=course, number=cycle.number, starts_on=cycle.starts_on, ends_on=cycle.ends_on) for cycle in cycles
    )


def _may_move(course: TreatmentCourse, moving: Sequence[Cycle], before: Cycle | None, starts_on: date) -> None:
    if course.stopped_on is not None:
        raise TreatmentRefused(_('This course was stopped.'))
    if not moving:
        raise TreatmentRefused(_('The course has no such cycle.'), field='number')
    if Dose.objects.filter(cycle__in=moving).exists():
        raise TreatmentRefused(
            _('This cycle or a later one has a dose already, so it stays where it is.'), field='number'
        )
    if before is not None and starts_on <= _last_used_day(course, before):
        raise TreatmentRefused(_('The cycle before needs these days. Choose a later day.'), field='starts_on')


def _last_used_day(course: TreatmentCourse, cycle: Cycle) -> date:
    """A cycle keeps its first day and the day of its last dose."""
    last = cycle.doses.order_by('-given_at').first()
    return max(cycle.starts_on, last.given_at.astimezone(course.patient.zone).date()) if last else cycle.starts_on


def _may_be_given(
    course: TreatmentCourse, *, given_at: datetime, day: date, now: datetime, second_that_day: bool
) -> None:
    if given_at > now + CLOCK_SLACK:
        raise TreatmentRefused(_('This time is still to come. Record the dose when it was given.'), field='given_at')
    if day < course.starts_on:
        raise TreatmentRefused(_('The course begins after this day.'), field='given_at')
    if course.stopped_on is not None and day > course.stopped_on:
        raise TreatmentRefused(_('The course was stopped before this day.'), field='given_at')
    others = [dose.given_at for dose in course.doses.all()]
    if given_at in others:
        raise TreatmentRefused(_('This dose is recorded already.'), field='given_at')
    same_day = [at for at in others if at.astimezone(course.patient.zone).date() == day]
    if same_day and not second_that_day:
        message = _(
            'A dose is recorded for this day already. Tick “a further dose on the same day” if this is another.'
        )
        raise TreatmentRefused(message, field='second_that_day')
