"""How many flags a clinic is ready to look at, and the daily sample that shows what its rules miss."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Patient
from diary.models import Revision


class RuleBudget(models.Model):
    """A clinic's own limits. Nothing is switched off by them: rules over them are listed for review."""

    clinic = models.OneToOneField(Clinic, models.CASCADE, related_name='rule_budget')
    flags_per_100 = models.PositiveSmallIntegerField(_('flags per 100 entries, all rules together'), default=20)
    rule_per_100 = models.PositiveSmallIntegerField(_('flags per 100 entries, one rule'), default=5)
    least_acted_on = models.PositiveSmallIntegerField(_('smallest share acted on, in %'), default=40)
    most_noise = models.PositiveSmallIntegerField(_('largest share marked as noise, in %'), default=30)
    samples_per_day = models.PositiveSmallIntegerField(_('entries without a flag to rate each day'), default=3)

    class Meta:
        verbose_name = _('flag budget')
        verbose_name_plural = _('flag budgets')
        constraints = [
            models.CheckConstraint(
                condition=Q(least_acted_on__lte=100, most_noise__lte=100, samples_per_day__lte=50),
                name='rule_budget_is_possible',
            )
        ]

    def __str__(self) -> str:
        return f'{self.clinic}'


class Rating(models.TextChoices):
    """What a nurse would have done with an unflagged entry, had she seen it that day."""

    NOTHING = 'nothing', _('nothing: it was right not to flag it')
    SAME_DAY = 'same_day', _('looked the same day')
    URGENT = 'urgent', _('phoned within the hour')
    EMERGENCY = 'emergency', _('sent to emergency')


class EntrySample(models.Model):
    """An unflagged revision drawn at random for a blind rating. `day` is the clinic's local day for which it was drawn."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='samples')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='samples')
    revision = models.OneToOneField(Revision, models.PROTECT, related_name='sample')
    day = models.DateField(_('drawn for'))
    drawn_at = models.DateTimeField()
    rating = models.CharField(_('rating'), max_length=10, choices=Rating, blank=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    rated_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_('note'), max_length=300, blank=True)

    class Meta:
        verbose_name = _('sampled entry')
        verbose_name_plural = _('sampled entries')
        ordering = ['day', 'pk']
        constraints = [
            models.CheckConstraint(
                condition=Q(rating='', rated_by__isnull=True, rated_at__isnull=True)
                | ~Q(rating='') & Q(rated_by__isnull=False, rated_at__isnull=False),
                name='entry_sample_rating_names_her',
            )
        ]
        indexes = [models.Index(fields=['clinic', 'day'], name='entry_sample_by_day')]

    def __str__(self) -> str:
        return f'{self.day:%Y-%m-%d}'
