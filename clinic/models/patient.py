"""The patient, and those who may keep the diary with her."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models.clinic import Clinic
from clinic.models.fields import TemperatureUnit, WeightUnit, validate_time_zone
from clinic.models.membership import CareTeam, Membership


class Patient(models.Model):
    """A patient of one clinic. `user` is empty until the invitation is accepted; her days are those of her own time zone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='patients')
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='patient')
    record_number = models.CharField(_('record number'), max_length=40)
    name = models.CharField(_('name'), max_length=120)
    birth_date = models.DateField(_('date of birth'), null=True, blank=True)
    email = models.EmailField(_('e-mail address'), blank=True)
    phone = PhoneNumberField(_('phone'), blank=True)
    time_zone = models.CharField(_('time zone'), max_length=64, validators=[validate_time_zone])
    language = models.CharField(_('language'), max_length=8, choices=settings.LANGUAGES, default='en')
    temperature_unit = models.CharField(_('temperature unit'), max_length=1, choices=TemperatureUnit)
    weight_unit = models.CharField(_('weight unit'), max_length=2, choices=WeightUnit, default=WeightUnit.KILOGRAM)
    primary_nurse = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name='primary_patients',
        verbose_name=_('primary nurse'),
    )
    care_team = models.ForeignKey(
        CareTeam, models.PROTECT, null=True, blank=True, related_name='patients', verbose_name=_('care team')
    )
    is_synthetic = models.BooleanField(_('made-up person'), default=False, editable=False)
    is_drill = models.BooleanField(_('only for the fire drill'), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _('patient')
        verbose_name_plural = _('patients')
        ordering = ['name']
        constraints = [
            models.UniqueConstraint(
                fields=['clinic', 'record_number'],
                name='patient_record_number_once_per_clinic',
                violation_error_message=_('This clinic already has a patient with this record number.'),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Nurse and care team are of the same clinic; clinics never see each other."""
        for field, chosen in (('primary_nurse', self.primary_nurse), ('care_team', self.care_team)):
            if chosen is not None and chosen.clinic_id != self.clinic_id:
                raise ValidationError({field: _('Choose somebody of the same clinic.')})

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def first_name(self) -> str:
        return self.name.split(' ')[0]


class Caregiver(models.Model):
    """Somebody who reads and, when `can_write`, keeps a patient's diary, from and until the dates that she gave.

    Without `can_see_photos` no photo is shown; advice and answers of the team only with `can_see_advice`, or to whoever writes.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='caring_for')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='caregivers')
    relationship = models.CharField(_('relationship'), max_length=60, blank=True)
    can_write = models.BooleanField(_('may write'), default=True)
    can_see_advice = models.BooleanField(_('sees advice and answers'), default=False)
    can_see_photos = models.BooleanField(_('sees photos'), default=False)
    starts_at = models.DateTimeField(_('from'))
    ends_at = models.DateTimeField(_('until'), null=True, blank=True)

    class Meta:
        verbose_name = _('caregiver')
        verbose_name_plural = _('caregivers')
        constraints = [models.UniqueConstraint(fields=['user', 'patient'], name='caregiver_once_per_patient')]

    def __str__(self) -> str:
        return f'{self.user} ({self.patient})'
