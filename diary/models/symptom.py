"""The catalogue: symptoms and measurements as versioned data. An answer points at the version that it answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Symptom(models.Model):
    """A symptom that the diary can ask about, such as DIARRHEA. Its words and fields are in its versions.

    Retired, it is asked no longer; old entries keep it. `in_files` says whether the project's files named it when they were last
    loaded: only a change of theirs retires or revives it then, so that a person's decision stays (docs/decisions/0032).
    """

    code = models.CharField(_('code'), max_length=20, unique=True)
    position = models.PositiveSmallIntegerField(_('order'), default=0)
    retired_at = models.DateTimeField(_('retired'), null=True, blank=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    in_files = models.BooleanField(_('in the project’s files'), default=False, editable=False)

    class Meta:
        verbose_name = _('symptom')
        verbose_name_plural = _('symptoms')
        ordering = ['position', 'code']

    def __str__(self) -> str:
        return self.code


class SymptomVersion(models.Model):
    """One immutable wording of a symptom; the highest number is in use.

    `answers` is the catalogue's field specification, for example {"severity": "0-4", "celsius": "C 30-45", "at_night": "yes"}.
    `words` holds per language the question, the words of the scale's levels and of each field:
    {"en": {"name": …, "short": …, "search": …, "group": …, "question": …, "help": …, "levels": ["None", …], "level_notes":
    ["Not tired", …], "fields": {"at_night": "At night?"}, "field_help": {…}, "units": {…}}}.
    `facts` holds group, allergic, pro_ctcae, meddra, snomed, seen_in, only_for and note as the catalogue gives them.
    `scale` grows where the levels cannot be compared with those of the version before; where they can, but mean something else,
    `level_map` gives the new level of each old one: {"0": 0, "1": 2, "2": 2, "3": 3, "4": 4}.
    """

    symptom = models.ForeignKey(Symptom, models.PROTECT, related_name='versions')
    number = models.PositiveSmallIntegerField(_('version'))
    name = models.CharField(_('name'), max_length=120)
    group = models.CharField(_('group'), max_length=60)
    answers = models.JSONField(_('answers'))
    words = models.JSONField(_('words'))
    facts = models.JSONField(_('facts'), default=dict)
    scale = models.PositiveSmallIntegerField(_('scale'), default=1)
    level_map = models.JSONField(_('new level of each old one'), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _('symptom version')
        verbose_name_plural = _('symptom versions')
        ordering = ['symptom', '-number']
        constraints = [models.UniqueConstraint(fields=['symptom', 'number'], name='symptom_version_once')]

    def __str__(self) -> str:
        return f'{self.name} ({self.number})'


class MeasurementKind(models.Model):
    """Something measured with an instrument: weight, blood pressure, oxygen, pulse. `range` is plausible, in `unit`."""

    code = models.CharField(_('code'), max_length=20, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_('name'), max_length=80)
    words = models.JSONField(_('words'), default=dict, blank=True)  # {"en": {"name": …, "question": …}}
    unit = models.CharField(_('unit'), max_length=12)
    also = models.CharField(_('other unit'), max_length=12, blank=True)
    low = models.DecimalField(_('lowest plausible'), max_digits=7, decimal_places=2)
    high = models.DecimalField(_('highest plausible'), max_digits=7, decimal_places=2)
    has_baseline = models.BooleanField(_('has a usual value'), default=False)

    class Meta:
        verbose_name = _('measurement')
        verbose_name_plural = _('measurements')
        ordering = ['position']

    def __str__(self) -> str:
        return self.name
