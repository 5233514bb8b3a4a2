"""An e-mailed, expiring, single-use link by which a person joins."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Clinic
from clinic.models.patient import Patient


class InvitationKind(models.TextChoices):
    PATIENT = 'patient', _('patient')
    CAREGIVER = 'caregiver', _('caregiver')
    STAFF = 'staff', _('member of the clinic')


class Invitation(models.Model):
    """Only the SHA-256 of the link's token is stored, so that a copy of the table opens no door.

    It names what a caregiver may do, from when, until when: `starts_at` empty is "at once", `ends_at` empty "until it is ended".
    """

    kind = models.CharField(_('kind'), max_length=10, choices=InvitationKind)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='invitations')
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name='invitations')
    email = models.EmailField(_('e-mail address'))
    name = models.CharField(_('name'), max_length=120, blank=True)
    relationship = models.CharField(_('relationship'), max_length=60, blank=True)
    can_write = models.BooleanField(_('may write'), default=True)
    can_see_advice = models.BooleanField(_('sees advice and answers'), default=False)
    can_see_photos = models.BooleanField(_('sees photos'), default=False)
    starts_at = models.DateTimeField(_('from'), null=True, blank=True)
    ends_at = models.DateTimeField(_('until'), null=True, blank=True)
    is_nurse = models.BooleanField(_('nurse'), default=False)
    is_admin = models.BooleanField(_('admin'), default=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='+')
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_('expires'))
    used_at = models.DateTimeField(_('used'), null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+', editable=False
    )
    withdrawn_at = models.DateTimeField(_('withdrawn'), null=True, blank=True)

    class Meta:
        verbose_name = _('invitation')
        verbose_name_plural = _('invitations')
        ordering = ['-created_at']
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=InvitationKind.STAFF) | models.Q(patient__isnull=False),
                name='invitation_names_its_patient',
            )
        ]

    def __str__(self) -> str:
        return f'{self.get_kind_display()} {self.email}'
