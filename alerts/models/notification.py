"""The outbox: who is to be told of what, by which channel. The row is written with what it tells of, in the same transaction."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.alert import AlertEvent


class Channel(models.TextChoices):
    EMAIL = 'email', _('e-mail')
    PUSH = 'push', _('notice on this device')
    SMS = 'sms', _('text message')
    OTHER = 'other', _('another service')


class ContactWay(models.Model):
    """A way to reach a person, in the order in which she wants them tried. Her e-mail address, the last way, needs no row.

    `address`: a phone number (sms), the browser's subscription as JSON (push), a service's URL (other).
    `broken_at` is set when the channel said for good that nobody is there; such a way is skipped and shown to her. One that she
    takes away (`removed_at`) loses its address and its name; the row stays for what was sent by it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name='contact_ways')
    channel = models.CharField(_('channel'), max_length=8, choices=Channel)
    address = models.TextField(_('address'), blank=True)
    label = models.CharField(_('name'), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    broken_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _('way to reach somebody')
        verbose_name_plural = _('ways to reach somebody')
        ordering = ['user', 'position', 'pk']
        constraints = [models.UniqueConstraint(fields=['user', 'channel', 'address'], name='contact_way_once')]

    def __str__(self) -> str:
        return self.label or self.get_channel_display()


class NotificationStatus(models.TextChoices):
    WAITING = 'waiting', _('waiting')
    SENT = 'sent', _('sent')
    NOT_NEEDED = 'not_needed', _('no longer needed')
    FAILED = 'failed', _('failed')


class Notification(models.Model):
    """One message to one person (or, where a ladder names one, one phone number) by one channel.

    `key` says what it tells of ("event:12", "gap:…"); a row is unique per key, recipient and way. `event` is the alert's event,
    if it is about one; `path` the page that the message links to; `rank` how pressing it is (0 emergency, 1 urgent or about no
    alert, 2 same day, 3 a reminder of the diary). `next_try_at` is when a sender may take it (again).
    """

    key = models.CharField(max_length=80)
    event = models.ForeignKey(AlertEvent, models.PROTECT, null=True, blank=True, related_name='notifications')
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='notifications'
    )
    address = models.CharField(_('number'), max_length=40, blank=True)
    channel = models.CharField(_('channel'), max_length=8, choices=Channel)
    way = models.ForeignKey(ContactWay, models.SET_NULL, null=True, blank=True, related_name='notifications')
    path = models.CharField(max_length=120)
    rank = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(
        _('status'), max_length=12, choices=NotificationStatus, default=NotificationStatus.WAITING
    )
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(_('sent'), null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _('notification')
        verbose_name_plural = _('notifications')
        constraints = [
            models.UniqueConstraint(
                fields=['key', 'recipient', 'address', 'channel', 'way'], nulls_distinct=False, name='notification_once'
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, address='') | Q(recipient__isnull=True) & ~Q(address=''),
                name='notification_to_a_person_or_a_number',
            ),
        ]
        indexes = [
            models.Index(fields=['rank', 'next_try_at'], condition=Q(status='waiting'), name='notification_waiting'),
            models.Index(fields=['created_at'], condition=Q(status='failed'), name='notification_failed'),
        ]

    def __str__(self) -> str:
        return f'{self.get_channel_display()} {self.recipient or self.address}'
