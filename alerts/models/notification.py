"""The outbox: who is to be told of what, by which channel. The row is written with the event that it tells of."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.alert import AlertEvent


class Channel(models.TextChoices):
    EMAIL = 'email', _('e-mail')


class NotificationStatus(models.TextChoices):
    WAITING = 'waiting', _('waiting')
    SENT = 'sent', _('sent')
    NOT_NEEDED = 'not_needed', _('no longer needed')
    FAILED = 'failed', _('failed')


class Notification(models.Model):
    """One message to one person by one channel: unique per event. `next_try_at` is when a sender may take it (again)."""

    event = models.ForeignKey(AlertEvent, models.PROTECT, related_name='notifications')
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='notifications')
    channel = models.CharField(_('channel'), max_length=8, choices=Channel)
    status = models.CharField(
        _('status'), max_length=12, choices=NotificationStatus, default=NotificationStatus.WAITING
    )
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(_('sent'), null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _('notification')
        verbose_name_plural = _('notifications')
        constraints = [models.UniqueConstraint(fields=['event', 'recipient', 'channel'], name='notification_once')]
        indexes = [models.Index(fields=['next_try_at'], condition=Q(status='waiting'), name='notification_waiting')]

    def __str__(self) -> str:
        return f'{self.get_channel_display()} {self.recipient}'
