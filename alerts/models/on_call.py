"""Who is on call: shifts of every week, and what replaces them for once."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Membership
from clinic.models.clinic import Weekday


class OnCallShift(models.Model):
    """A stretch of every week, in the clinic's local time, from one weekday and time to another; the same twice is a whole week."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name='on_call_shifts')
    membership = models.ForeignKey(Membership, models.PROTECT, related_name='on_call_shifts', verbose_name=_('who'))
    starts_weekday = models.PositiveSmallIntegerField(_('from day'), choices=Weekday)
    starts = models.TimeField(_('from time'))
    ends_weekday = models.PositiveSmallIntegerField(_('to day'), choices=Weekday)
    ends = models.TimeField(_('to time'))

    class Meta:
        verbose_name = _('on-call shift')
        verbose_name_plural = _('on-call shifts')
        ordering = ['starts_weekday', 'starts']
        constraints = [
            models.UniqueConstraint(
                fields=['clinic', 'membership', 'starts_weekday', 'starts'], name='on_call_shift_once'
            )
        ]

    def __str__(self) -> str:
        return f'{self.get_starts_weekday_display()} {self.starts:%H:%M}–{self.get_ends_weekday_display()} {self.ends:%H:%M}'


class OnCallOverride(models.Model):
    """For this once, `membership` is on call in place of whoever the weekly shifts name. The newest that covers an instant counts.

    An override is never changed: it is withdrawn, and another one made.
    """

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name='on_call_overrides')
    membership = models.ForeignKey(Membership, models.PROTECT, related_name='on_call_overrides', verbose_name=_('who'))
    starts_at = models.DateTimeField(_('from'))
    ends_at = models.DateTimeField(_('until'))
    reason = models.CharField(_('reason'), max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')

    class Meta:
        verbose_name = _('on-call change')
        verbose_name_plural = _('on-call changes')
        ordering = ['starts_at', 'pk']
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F('starts_at')), name='on_call_override_ends_after_it_starts'
            )
        ]
        indexes = [
            models.Index(
                fields=['clinic', 'ends_at'], condition=Q(withdrawn_at__isnull=True), name='on_call_override_standing'
            )
        ]

    def __str__(self) -> str:
        return f'{self.membership} {self.starts_at:%Y-%m-%d %H:%M}'
