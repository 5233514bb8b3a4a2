"""Sets of rules and their life: draft → in review → published → retired."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic


class RuleSetStatus(models.TextChoices):
    DRAFT = 'draft', _('draft')
    IN_REVIEW = 'in_review', _('in review')
    PUBLISHED = 'published', _('published')
    RETIRED = 'retired', _('retired')


class RuleSet(models.Model):
    """Rules in the language of docs/clinical-content.md. Without a clinic it is the shared default.

    `content` is the whole mapping of the file: macros, rules, missed, acknowledge_within_minutes. A clinic's set is whole too, so
    that what was published can be read as it was: `default` is the version of the shared rules that it stands on, `based_on` the
    version that was in force when the draft began (what it is compared with). `edits` grows with every change of a draft.

    `set_aside` gives the typed reason for each emergency rule of the shared default that the set loosens or leaves out:
    {"E01": "…"}. An approved draft runs live and silent from `trial_since` until `trial_until`.

    Only a draft's content changes; a trigger in the database refuses anything else (migration 0013).
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name='rule_sets')
    version = models.PositiveIntegerField(_('version'))
    status = models.CharField(_('status'), max_length=12, choices=RuleSetStatus, default=RuleSetStatus.DRAFT)
    title = models.CharField(_('title'), max_length=120)
    content = models.JSONField(_('rules'))
    digest = models.CharField(_('fingerprint'), max_length=64, editable=False)
    edits = models.PositiveIntegerField(_('edits'), default=0)
    default = models.ForeignKey('self', models.PROTECT, null=True, blank=True, related_name='stood_on_by')
    based_on = models.ForeignKey('self', models.PROTECT, null=True, blank=True, related_name='drafts')
    why = models.TextField(_('reason for the change'), blank=True)
    set_aside = models.JSONField(_('emergency rules set aside, with the reasons'), default=dict, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    submitted_at = models.DateTimeField(_('handed in for review'), null=True, blank=True)
    reviewed_at = models.DateTimeField(_('approved'), null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    published_at = models.DateTimeField(_('published'), null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    retired_at = models.DateTimeField(_('retired'), null=True, blank=True)
    trial_since = models.DateTimeField(_('runs silently since'), null=True, blank=True)
    trial_until = models.DateTimeField(_('ran silently until'), null=True, blank=True)

    class Meta:
        verbose_name = _('rule set')
        verbose_name_plural = _('rule sets')
        ordering = ['-version']
        constraints = [
            models.UniqueConstraint(fields=['clinic', 'version'], nulls_distinct=False, name='rule_set_version_once'),
            models.UniqueConstraint(
                fields=['clinic'],
                condition=Q(status=RuleSetStatus.PUBLISHED),
                nulls_distinct=False,
                name='rule_set_one_published',
            ),
            models.UniqueConstraint(
                fields=['clinic'],
                condition=Q(trial_since__isnull=False, trial_until__isnull=True),
                name='rule_set_one_on_trial',
            ),
            models.CheckConstraint(
                condition=~Q(status=RuleSetStatus.PUBLISHED)
                | Q(clinic__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, published_by__isnull=False),
                name='rule_set_of_a_clinic_is_reviewed',
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F('created_by')),
                name='rule_set_author_does_not_review',
            ),
            models.CheckConstraint(
                condition=Q(trial_since__isnull=True) | Q(reviewed_by__isnull=False),
                name='rule_set_on_trial_is_reviewed',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.name} {self.version}'

    @property
    def name(self) -> str:
        """The title in the reader's language where the project gave it, else as the clinic wrote it."""
        return gettext(self.title) if self.clinic_id is None and self.title else self.title

    @property
    def is_approved(self) -> bool:
        return self.status == RuleSetStatus.IN_REVIEW and self.reviewed_at is not None

    @property
    def on_trial(self) -> bool:
        return self.trial_since is not None and self.trial_until is None


class RuleSetEventKind(models.TextChoices):
    BEGUN = 'begun', _('begun')
    CHANGED = 'changed', _('changed')
    SUBMITTED = 'submitted', _('handed in for review')
    SENT_BACK = 'sent_back', _('sent back')
    APPROVED = 'approved', _('approved')
    TRIAL_BEGUN = 'trial_begun', _('runs silently')
    TRIAL_ENDED = 'trial_ended', _('silent run ended')
    PUBLISHED = 'published', _('published')
    RETIRED = 'retired', _('retired')
    DISCARDED = 'discarded', _('discarded')


class RuleSetEvent(models.Model):
    """One step in a rule set's life, with the person and her words. Rows are only ever added; a trigger refuses anything else.

    `rule` is the rule that a change was about, `detail` what changed: {"before": …, "after": …} as mappings of the rule language.
    """

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name='events')
    kind = models.CharField(_('what'), max_length=12, choices=RuleSetEventKind)
    at = models.DateTimeField(_('when'))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    rule = models.CharField(_('rule'), max_length=20, blank=True)
    detail = models.JSONField(default=dict)
    note = models.TextField(_('note'), blank=True)

    class Meta:
        verbose_name = _('rule set event')
        verbose_name_plural = _('rule set events')
        ordering = ['at', 'pk']

    def __str__(self) -> str:
        return self.get_kind_display()
