"""A published, immutable set of rules."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic


class RuleSetStatus(models.TextChoices):
    DRAFT = 'draft', _('draft')
    IN_REVIEW = 'in_review', _('in review')
    PUBLISHED = 'published', _('published')
    RETIRED = 'retired', _('retired')


class RuleSet(models.Model):
    """Rules in the language of docs/clinical-content.md. Without a clinic it is the shared default.

    `content` is the whole mapping of the file: macros, rules, missed, acknowledge_within_minutes.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name='rule_sets')
    version = models.PositiveIntegerField(_('version'))
    status = models.CharField(_('status'), max_length=12, choices=RuleSetStatus, default=RuleSetStatus.DRAFT)
    title = models.CharField(_('title'), max_length=120)
    content = models.JSONField(_('rules'))
    digest = models.CharField(_('fingerprint'), max_length=64, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')
    published_at = models.DateTimeField(_('published'), null=True, blank=True)
    retired_at = models.DateTimeField(_('retired'), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return f'{self.title} {self.version}'
