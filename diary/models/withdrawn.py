"""What was recorded by mistake can be taken back: it stays on record, and counts no longer."""

from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

M = TypeVar('M', bound=models.Model)


class WithdrawnReason(models.TextChoices):
    """Why a nurse takes back what she recorded. Chosen, not typed: nothing about health slips into it."""

    WRONG_PERSON = 'wrong_person', _('it belongs to another patient')
    WRONG_TIME = 'wrong_time', _('wrong day or time')
    WRONG_VALUE = 'wrong_value', _('wrong amount, number or kind')
    TWICE = 'twice', _('recorded twice')
    NEVER_WAS = 'never_was', _('it did not happen')


class StandingManager(models.Manager[M]):
    """Only what stands. As the default manager it also narrows `course.doses`, `patient.contexts` and every prefetch."""

    def get_queryset(self) -> QuerySet[M]:
        return super().get_queryset().filter(withdrawn_at__isnull=True)


class Withdrawable(models.Model):
    """Somebody's record that can be taken back. `objects` sees what stands, `on_record` everything."""

    withdrawn_at = models.DateTimeField(_('taken back'), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name='+',
        verbose_name=_('taken back by'),
    )
    withdrawn_reason = models.CharField(_('why it was taken back'), max_length=16, blank=True, choices=WithdrawnReason)

    # The first one is the default: a read that forgets about mistakes must not let them decide which rules fire.
    objects = StandingManager()
    on_record = models.Manager()

    class Meta:
        abstract = True


def wholly_withdrawn(name: str) -> models.CheckConstraint:
    """When, by whom and why are known together, or none of them."""
    stands = Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason='')
    withdrawn = Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_reason__gt='')
    return models.CheckConstraint(condition=stands | withdrawn, name=name)
