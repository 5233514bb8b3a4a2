"""How many flags a clinic is ready to look at, and the daily sample that shows what its rules miss."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alerts.models.rule_set import RuleSet
from clinic.models import Clinic, Patient
from diary.models import Revision


class RuleBudget(models.Model):
    """A clinic's own limits. Nothing is switched off by them: rules over them are listed for review.

    `version` grows with every change; two admins who change at once do not overwrite one another.
    """

    clinic = models.OneToOneField(Clinic, models.CASCADE, related_name='rule_budget')
    flags_per_100 = models.PositiveSmallIntegerField(_('flags per 100 entries, all rules together'), default=20)
    rule_per_100 = models.PositiveSmallIntegerField(_('flags per 100 entries, one rule'), default=5)
    least_acted_on = models.PositiveSmallIntegerField(_('smallest share acted on, in %'), default=40)
    most_noise = models.PositiveSmallIntegerField(_('largest share marked as noise, in %'), default=30)
    samples_per_day = models.PositiveSmallIntegerField(_('entries without a flag to rate each day'), default=3)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(_('changed'), null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')

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


class SampleDay(models.Model):
    """One draw: for each clinic and local day at most one. `unflagged` is how many entries it was drawn from, of `entries` in all.

    The order of the draw is that of sha256(“seed:revision id”), so that anybody can do it again and see that nobody chose.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='sample_days')
    day = models.DateField(_('day'))
    seed = models.CharField(max_length=32)
    entries = models.PositiveIntegerField(_('entries'))
    unflagged = models.PositiveIntegerField(_('entries without a flag'))
    drawn = models.PositiveSmallIntegerField(_('drawn'))
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _('daily sample')
        verbose_name_plural = _('daily samples')
        ordering = ['-day']
        constraints = [
            models.UniqueConstraint(fields=['clinic', 'day'], name='sample_day_once'),
            models.CheckConstraint(
                condition=Q(drawn__lte=F('unflagged'), unflagged__lte=F('entries')), name='sample_day_adds_up'
            ),
        ]

    def __str__(self) -> str:
        return f'{self.day:%Y-%m-%d}'


class Rating(models.TextChoices):
    """What a nurse would have done with an unflagged entry, had she seen it that day."""

    NOTHING = 'nothing', _('nothing: it was right not to flag it')
    SAME_DAY = 'same_day', _('looked the same day')
    URGENT = 'urgent', _('phoned within the hour')
    EMERGENCY = 'emergency', _('sent to emergency')


class EntrySample(models.Model):
    """An unflagged revision drawn at random for a blind rating. `day` is the clinic's local day for which it was drawn.

    `rule_set` are the rules that did not flag it. One that was rated as more than nothing is a miss: it stands on the hand-over
    until somebody wrote down what was done about it (`followed_up`).
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='samples')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='samples')
    revision = models.OneToOneField(Revision, models.PROTECT, related_name='sample')
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name='+')
    draw = models.ForeignKey(SampleDay, models.PROTECT, related_name='samples')
    day = models.DateField(_('drawn for'))
    drawn_at = models.DateTimeField()
    rating = models.CharField(_('rating'), max_length=10, choices=Rating, blank=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    rated_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_('note'), max_length=300, blank=True)
    followed_up = models.CharField(_('what was done'), max_length=300, blank=True)
    followed_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+'
    )
    followed_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _('sampled entry')
        verbose_name_plural = _('sampled entries')
        ordering = ['day', 'pk']
        constraints = [
            models.CheckConstraint(
                condition=Q(rating='', rated_by__isnull=True, rated_at__isnull=True)
                | ~Q(rating='') & Q(rated_by__isnull=False, rated_at__isnull=False),
                name='entry_sample_rating_names_her',
            ),
            models.CheckConstraint(
                condition=Q(followed_up='', followed_up_by__isnull=True, followed_up_at__isnull=True)
                | Q(followed_up__gt='', followed_up_by__isnull=False, followed_up_at__isnull=False)
                & Q(rating__in=['same_day', 'urgent', 'emergency']),
                name='entry_sample_follow_up_names_her',
            ),
        ]
        indexes = [
            models.Index(fields=['clinic', 'day'], name='entry_sample_by_day'),
            models.Index(
                fields=['clinic', 'rated_at'],
                condition=Q(rating__in=['same_day', 'urgent', 'emergency'], followed_up=''),
                name='entry_sample_to_follow_up',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.day:%Y-%m-%d}'

    @property
    def is_miss(self) -> bool:
        return self.rating not in ('', Rating.NOTHING)
