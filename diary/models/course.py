"""A course of treatment: its schedule, its cycles, the doses given."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient
from diary.models.therapy import Agent, Route, Therapy
from diary.models.withdrawn import Withdrawable, wholly_withdrawn


class ScheduleKind(models.TextChoices):
    """Daily, weekly, monthly, every n days, or cycles with rest periods (Penn Medicine and Cleveland Clinic sheets)."""

    ONCE = 'once', _('once')
    DAILY = 'daily', _('every day')
    WEEKLY = 'weekly', _('every week')
    MONTHLY = 'monthly', _('every month')
    EVERY_N_DAYS = 'every_n_days', _('every so many days')
    CYCLES = 'cycles', _('in cycles with rest periods')


class TreatmentCourse(models.Model):
    """One course. `cycle_days` is the length of a cycle in days, rest included; `dose_days` the days (1 = first) with a dose."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='courses')
    therapy = models.ForeignKey(Therapy, models.PROTECT, related_name='courses')
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name='courses')
    route = models.CharField(_('given'), max_length=16, choices=Route)
    schedule = models.CharField(_('schedule'), max_length=16, choices=ScheduleKind)
    cycle_days = models.PositiveSmallIntegerField(_('days in a cycle'))
    dose_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_('days with a dose'))
    planned_cycles = models.PositiveSmallIntegerField(_('planned cycles'))
    starts_on = models.DateField(_('first day'))
    stopped_on = models.DateField(_('stopped on'), null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _('course of treatment')
        verbose_name_plural = _('courses of treatment')
        ordering = ['-starts_on', '-pk']
        constraints = [
            models.CheckConstraint(condition=Q(cycle_days__gte=1, planned_cycles__gte=1), name='course_has_cycles'),
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F('starts_on')),
                name='course_stops_after_it_starts',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.agent or self.therapy}'


class DateSpan(Func):
    """daterange(first day, last day), both included."""

    function = 'DATERANGE'
    output_field = DateRangeField()


class Cycle(models.Model):
    """One cycle of a course, first and last day included. Day 1 is `starts_on`. Cycles of one course never overlap."""

    course = models.ForeignKey(TreatmentCourse, models.CASCADE, related_name='cycles')
    number = models.PositiveSmallIntegerField(_('number'))
    starts_on = models.DateField(_('first day'))
    ends_on = models.DateField(_('last day'))

    class Meta:
        verbose_name = _('cycle')
        verbose_name_plural = _('cycles')
        ordering = ['course', 'number']
        constraints = [
            models.UniqueConstraint(fields=['course', 'number'], name='cycle_number_once_per_course'),
            models.CheckConstraint(condition=Q(ends_on__gte=F('starts_on')), name='cycle_ends_after_it_starts'),
            ExclusionConstraint(
                name='cycles_of_a_course_do_not_overlap',
                expressions=[
                    ('course', RangeOperators.EQUAL),
                    (
                        DateSpan('starts_on', 'ends_on', RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_('These days already belong to another cycle.'),
            ),
        ]

    def __str__(self) -> str:
        return f'{self.number}'


class Dose(Withdrawable):
    """A dose that was given. The instant counts: allergic rules look back hours, CAR T rules local days.

    One that was taken back belongs to no cycle, so that cycles can move without it.
    """

    course = models.ForeignKey(TreatmentCourse, models.PROTECT, related_name='doses')
    cycle = models.ForeignKey(Cycle, models.PROTECT, null=True, blank=True, related_name='doses')
    given_at = models.DateTimeField(_('given at'))
    amount = models.CharField(_('amount'), max_length=60, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _('dose')
        verbose_name_plural = _('doses')
        ordering = ['given_at']
        constraints = [
            models.UniqueConstraint(
                fields=['course', 'given_at'], condition=Q(withdrawn_at__isnull=True), name='dose_once'
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(cycle__isnull=True), name='dose_withdrawn_leaves_its_cycle'
            ),
            wholly_withdrawn('dose_wholly_withdrawn'),
        ]

    def __str__(self) -> str:
        return f'{self.given_at:%Y-%m-%d %H:%M}'
