"""What rules would have flagged that notify nobody: drafts on trial, and emergency rules that a clinic has set aside."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.evaluation import TierChoice
from alerts.models.rule_set import RuleSet
from clinic.models import Clinic, Patient
from diary.models import Revision


class SilentKind(models.TextChoices):
    TRIAL = 'trial', _('a draft on trial')
    SET_ASIDE = 'set_aside', _('a rule that the clinic has set aside')


class SilentCheck(models.Model):
    """One revision looked at by one rule set in silence. `evaluated_at` is that of the evaluation after which it was looked at:
    where the ledger has a later one, look again.

    It is written before the rules run, with the error UNFINISHED, so that an entry that ends its worker is counted as well and not
    tried for ever. `error` is a class's name, never health data; empty when the look went well.
    """

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name='silent_checks')
    kind = models.CharField(max_length=10, choices=SilentKind)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name='silent_checks')
    evaluated_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _('silent check')
        verbose_name_plural = _('silent checks')
        constraints = [models.UniqueConstraint(fields=['rule_set', 'kind', 'revision'], name='silent_check_once')]
        indexes = [models.Index(fields=['rule_set', 'kind', '-evaluated_at'], name='silent_check_latest')]

    def __str__(self) -> str:
        return f'{self.revision_id} · {self.rule_set_id}'


class SilentFlag(models.Model):
    """A flag that was never raised. It points at no alert, and nothing that tells people reads this table.

    `rule_set` is the draft on trial, or the published set that set the rule aside; then `reason` is what its author typed, and the
    rule's words are those of the shared default. Rows go when the rule no longer holds for the revision, or another one counts.
    """

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name='silent_flags')
    kind = models.CharField(max_length=10, choices=SilentKind)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='+')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name='silent_flags')
    revision = models.ForeignKey(Revision, models.PROTECT, related_name='silent_flags')
    rule = models.CharField(_('rule'), max_length=20)
    tier = models.CharField(_('tier'), max_length=12, choices=TierChoice)
    title = models.CharField(_('title'), max_length=200)
    symptoms = models.JSONField(_('symptoms'), default=list)
    evidence = models.JSONField(_('evidence'))
    reason = models.TextField(_('reason'), blank=True)
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _('silent flag')
        verbose_name_plural = _('silent flags')
        constraints = [
            models.UniqueConstraint(fields=['rule_set', 'kind', 'revision', 'rule'], name='silent_flag_once')
        ]
        indexes = [
            models.Index(fields=['rule_set', '-found_at'], name='silent_flag_latest'),
            models.Index(
                fields=['clinic', '-found_at'],
                condition=models.Q(kind=SilentKind.SET_ASIDE),
                name='silent_flag_set_aside',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.rule} {self.title}'
