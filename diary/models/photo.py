"""A photo of the skin, of one entry: drawn anew by us, kept in the database, shown through the gate alone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from diary.models.entry import Entry

MOST_PHOTOS = 4  # of one entry
MOST_STORED = 3_000_000  # bytes; what `diary.pictures` makes is far below
PHOTO_SYMPTOMS = frozenset({'RASH', 'BLISTER', 'HIVES'})  # what one can see, and a nurse wants to see


class _WithoutBytes(models.Manager['EntryPhoto']):
    """Lists of photos never carry the pictures; `diary.queries_photos.bytes_of` reads one."""

    def get_queryset(self) -> QuerySet['EntryPhoto']:
        return super().get_queryset().defer('image', 'thumb')


class _Standing(_WithoutBytes):
    def get_queryset(self) -> QuerySet['EntryPhoto']:
        return super().get_queryset().filter(withdrawn_at__isnull=True)


class EntryPhoto(models.Model):
    """One photo. `image` (longest side 1600 px) and `thumb` (480 px) are JPEG in sRGB without any metadata.

    `sent_digest` is the SHA-256 of what was sent, so that a photo sent twice is one. A row is only ever added, and taken back
    once: the database refuses any other change. `objects` sees what stands, `on_record` everything.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name='photos')
    symptom = models.CharField(_('symptom'), max_length=16)
    position = models.PositiveSmallIntegerField(_('number'))
    sent_digest = models.BinaryField(max_length=32)
    image = models.BinaryField()
    thumb = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    added_at = models.DateTimeField(_('added'))
    withdrawn_at = models.DateTimeField(_('taken back'), null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')

    # The first one is the default: a photo that was taken back must not be shown by a page that forgot about it.
    objects = _Standing()
    on_record = _WithoutBytes()

    class Meta:
        verbose_name = _('photo')
        verbose_name_plural = _('photos')
        ordering = ['entry', 'position']
        constraints = [
            models.UniqueConstraint(fields=['entry', 'sent_digest'], name='photo_sent_twice_is_one'),
            models.UniqueConstraint(
                fields=['entry', 'position'], condition=Q(withdrawn_at__isnull=True), name='photo_has_its_place'
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_PHOTOS), name='photos_of_an_entry_are_few'
            ),
            models.CheckConstraint(condition=LessThanOrEqual(Length('image'), MOST_STORED), name='photo_is_small'),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name='photo_wholly_withdrawn',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.entry} · {self.position}'
