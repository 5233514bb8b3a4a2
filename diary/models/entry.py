"""The diary itself: an entry is about one moment of the patient's life, its revisions are what was said of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient


class Entry(models.Model):
    """One entry of a diary. The phone makes `client_uuid`, so an entry sent twice is still one.

    `about_at` is the instant that it is about, `day` the patient's local calendar day of it. `current_number` is the number of
    the revision that counts now.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_uuid = models.UUIDField(editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='entries')
    about_at = models.DateTimeField(_('about'))
    day = models.DateField(_('day'))
    is_late = models.BooleanField(_('filled in late'), default=False)
    current_number = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _('entry')
        verbose_name_plural = _('entries')
        constraints = [models.UniqueConstraint(fields=['patient', 'client_uuid'], name='entry_sent_twice_is_one')]
        indexes = [models.Index(fields=['patient', 'about_at'], name='entry_by_time')]

    def __str__(self) -> str:
        return f'{self.day}'


class Revision(models.Model):
    """What was said of an entry, whole and never changed. A correction is a further revision; both stay readable.

    `document` was validated against the symptom versions it names before it was stored:
    {"answers": {"FEVER": {"version": 1, "values": {"severity": 2, "celsius": 38.6}, "raw": {"celsius": ["101.5", "F"]}}},
     "measurements": {"weight": {"value": 79.8, "raw": ["176", "lb"]}}}. Numbers are in the catalogue's units.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name='revisions')
    number = models.PositiveSmallIntegerField(_('number'), default=1)
    document = models.JSONField(_('answers'))
    nothing_new = models.BooleanField(_('nothing new'), default=False)
    recorded_at = models.DateTimeField(_('recorded on the phone'))
    received_at = models.DateTimeField(_('received'))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')

    class Meta:
        verbose_name = _('revision')
        verbose_name_plural = _('revisions')
        ordering = ['entry', 'number']
        constraints = [models.UniqueConstraint(fields=['entry', 'number'], name='revision_number_once')]

    def __str__(self) -> str:
        return f'{self.entry} · {self.number}'
