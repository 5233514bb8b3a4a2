"""A clinic, when it is open, and the numbers that a patient phones."""

import uuid
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models.fields import TemperatureUnit, validate_time_zone


class Clinic(models.Model):
    """One clinic. Clinics never see each other's people."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_('name'), max_length=120, unique=True)
    time_zone = models.CharField(_('time zone'), max_length=64, validators=[validate_time_zone])
    phone_day = PhoneNumberField(_('phone when open'))
    phone_night = PhoneNumberField(_('phone at night and at weekends'))
    emergency_number = models.CharField(_('emergency number'), max_length=16, default='911')
    language = models.CharField(_('language'), max_length=8, default='en')
    temperature_unit = models.CharField(
        _('temperature unit'), max_length=1, choices=TemperatureUnit, default=TemperatureUnit.FAHRENHEIT
    )
    follow_up_months = models.PositiveSmallIntegerField(
        _('months of diary after the last dose'), default=24, help_text=_('Side effects can come long after treatment.')
    )

    class Meta:
        verbose_name = _('clinic')
        verbose_name_plural = _('clinics')
        ordering = ['name']

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Weekday(models.IntegerChoices):
    MONDAY = 0, _('Monday')
    TUESDAY = 1, _('Tuesday')
    WEDNESDAY = 2, _('Wednesday')
    THURSDAY = 3, _('Thursday')
    FRIDAY = 4, _('Friday')
    SATURDAY = 5, _('Saturday')
    SUNDAY = 6, _('Sunday')


class OpeningHours(models.Model):
    """A stretch of one weekday, in the clinic's local time, in which somebody watches the worklist."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name='opening_hours')
    weekday = models.PositiveSmallIntegerField(_('day'), choices=Weekday)
    opens = models.TimeField(_('opens'))
    closes = models.TimeField(_('closes'))

    class Meta:
        verbose_name = _('opening hours')
        verbose_name_plural = _('opening hours')
        ordering = ['weekday', 'opens']
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F('opens')), name='opening_hours_close_after_they_open'
            ),
            models.UniqueConstraint(fields=['clinic', 'weekday', 'opens'], name='opening_hours_once'),
        ]

    def __str__(self) -> str:
        return f'{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}'
