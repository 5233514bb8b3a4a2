"""Who works at a clinic, as what, and in which care team."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Clinic


class Membership(models.Model):
    """One person's place in one clinic: nurse, admin or both.

    `on_call` members are on call day and night in a clinic that has no plan of weekly shifts. The lead is told when
    nobody answers, and of gaps in the plan.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name='memberships')
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='memberships')
    is_nurse = models.BooleanField(_('nurse'), default=False)
    is_admin = models.BooleanField(_('admin'), default=False)
    on_call = models.BooleanField(_('on call'), default=False)
    is_lead = models.BooleanField(_('lead'), default=False)
    active = models.BooleanField(_('active'), default=True)

    class Meta:
        verbose_name = _('member')
        verbose_name_plural = _('members')
        constraints = [
            models.UniqueConstraint(fields=['user', 'clinic'], name='membership_once_per_clinic'),
            models.CheckConstraint(
                condition=models.Q(is_nurse=True) | models.Q(is_admin=True), name='membership_has_a_role'
            ),
        ]

    def __str__(self) -> str:
        return self.user.name


class CareTeam(models.Model):
    """The people of a clinic who look after the same patients."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='care_teams')
    name = models.CharField(_('name'), max_length=80)
    members = models.ManyToManyField(Membership, related_name='care_teams', blank=True)

    class Meta:
        verbose_name = _('care team')
        verbose_name_plural = _('care teams')
        ordering = ['name']
        constraints = [models.UniqueConstraint(fields=['clinic', 'name'], name='care_team_name_once_per_clinic')]

    def __str__(self) -> str:
        return self.name
