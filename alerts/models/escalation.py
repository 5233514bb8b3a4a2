"""Whom a clinic tells when an alert waits, and after how long: one ladder a tier. An alert keeps the ladder that it opened with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from alerts.models.evaluation import TierChoice
from clinic.models import Clinic


class Told(models.TextChoices):
    """Who is told at a step."""

    PRIMARY_NURSE = 'primary_nurse', _('the primary nurse')
    ON_CALL = 'on_call', _('who is on call')
    TEAM = 'team', _('everybody on the team')
    LEAD = 'lead', _('the lead')
    PHONE = 'phone', _('a phone number')


class When(models.TextChoices):
    """When a step is taken; otherwise the next one is taken in its place, at once."""

    ALWAYS = 'always', _('at any time')
    OPEN = 'open', _('while the clinic is open')
    CLOSED = 'closed', _('while the clinic is closed')


class EscalationPolicy(models.Model):
    """A clinic's ladder for one tier; without a row the defaults of alerts/engine/escalation.py hold. All minutes of same-day
    ladders are minutes in which the clinic is open.

    `rounds` is how often the steps are taken in all. `forgotten_after` brings an alert back that was acknowledged and then neither
    answered nor resolved; `unfinished_after` one that was contacted and then not resolved.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name='escalation_policies')
    tier = models.CharField(_('tier'), max_length=12, choices=TierChoice)
    rounds = models.PositiveSmallIntegerField(_('times in all'), default=3)
    forgotten_after = models.PositiveIntegerField(_('minutes until an acknowledged alert comes back'))
    unfinished_after = models.PositiveIntegerField(_('minutes until a contacted alert comes back'))
    changed_at = models.DateTimeField(_('changed'))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name='+')

    class Meta:
        verbose_name = _('escalation ladder')
        verbose_name_plural = _('escalation ladders')
        constraints = [
            models.UniqueConstraint(fields=['clinic', 'tier'], name='escalation_policy_once_per_tier'),
            models.CheckConstraint(
                condition=Q(tier__in=['emergency', 'urgent', 'same_day']), name='escalation_policy_of_an_alerting_tier'
            ),
            models.CheckConstraint(
                condition=Q(rounds__gte=1, rounds__lte=10, forgotten_after__gte=1, unfinished_after__gte=1),
                name='escalation_policy_has_limits',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.clinic} · {self.get_tier_display()}'


class EscalationStep(models.Model):
    """One rung: `wait` minutes after the rung before it (the first: after the alert opened) these people are told."""

    policy = models.ForeignKey(EscalationPolicy, models.CASCADE, related_name='steps')
    position = models.PositiveSmallIntegerField()
    wait = models.PositiveSmallIntegerField(_('minutes after the step before'))
    who = models.CharField(_('who is told'), max_length=16, choices=Told)
    when = models.CharField(_('when'), max_length=8, choices=When, default=When.ALWAYS)
    phone = PhoneNumberField(_('phone number'), blank=True)

    class Meta:
        verbose_name = _('step')
        verbose_name_plural = _('steps')
        ordering = ['policy', 'position']
        constraints = [
            models.UniqueConstraint(fields=['policy', 'position'], name='escalation_step_position_once'),
            models.CheckConstraint(
                condition=Q(who='phone') & ~Q(phone='') | ~Q(who='phone') & Q(phone=''),
                name='escalation_step_phone_has_a_number',
            ),
        ]

    def __str__(self) -> str:
        return f'{self.position}: {self.get_who_display()}'
