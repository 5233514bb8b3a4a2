"""Named questions about people."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import (
    Caregiver,
    CareTeam,
    Clinic,
    HelpAct,
    HelpEvent,
    Invitation,
    InvitationKind,
    Membership,
    Patient,
)
from clinic.queries_consent import said_of_anyone


def nurses_of(clinic: Clinic) -> QuerySet[Membership]:
    """The nurses who work in a clinic now, by name."""
    return clinic.memberships.filter(active=True, is_nurse=True).select_related('user').order_by('user__name')


def teams_of(clinic: Clinic) -> QuerySet[CareTeam]:
    return clinic.care_teams.order_by('name')


def members_of(clinic: Clinic) -> QuerySet[Membership]:
    """Everybody who ever worked in a clinic, those who do first."""
    return clinic.memberships.select_related('user').order_by('-active', 'user__name')


def patient_list(
    patients: QuerySet[Patient], *, mine: Membership | None, words: str, now: datetime
) -> QuerySet[Patient]:
    """`patients` by name, with `is_invited` (an invitation of hers can still be used) and what each `said` to the words.

    `mine` keeps those of one nurse (hers, or her care team's); each of `words` must be in the name or the record number.
    """
    if mine is not None:
        patients = patients.filter(Q(primary_nurse=mine) | Q(care_team__members=mine)).distinct()
    for word in words.split():
        patients = patients.filter(Q(name__icontains=word) | Q(record_number__icontains=word))
    usable = usable_invitations(now=now).filter(patient=OuterRef('pk'), kind=InvitationKind.PATIENT)
    found = patients.annotate(is_invited=Exists(usable), said=said_of_anyone())
    return found.select_related('clinic', 'user', 'primary_nurse__user', 'care_team').order_by('name', 'pk')


def usable_invitations(*, now: datetime) -> QuerySet[Invitation]:
    """Invitations whose link still opens."""
    return Invitation.objects.filter(used_at=None, withdrawn_at=None, expires_at__gt=now)


def open_invitations_of(patient: Patient, *, now: datetime) -> QuerySet[Invitation]:
    return usable_invitations(now=now).filter(patient=patient).order_by('pk')


def staff_invitations_of(clinic: Clinic, *, now: datetime) -> QuerySet[Invitation]:
    return usable_invitations(now=now).filter(clinic=clinic, kind=InvitationKind.STAFF).order_by('pk')


def caregivers_of(patient: Patient, *, now: datetime) -> QuerySet[Caregiver]:
    """Those who can see a patient's diary now."""
    running = Q(ends_at=None) | Q(ends_at__gt=now)
    return patient.caregivers.filter(running, starts_at__lte=now).select_related('user').order_by('user__name')


def helpers_of(patient: Patient, *, now: datetime) -> QuerySet[Caregiver]:
    """Those who can see a patient's diary now or from a day to come."""
    running = Q(ends_at=None) | Q(ends_at__gt=now)
    return patient.caregivers.filter(running).select_related('user', 'patient').order_by('user__name')


def help_news(patient: Patient) -> list[HelpEvent]:
    """What others changed about her helpers since she last said that she has seen it, the newest first."""
    events = patient.help_events.all()
    seen = events.filter(act=HelpAct.SEEN).values_list('at', flat=True).first()
    news = events.exclude(by=patient.user_id).exclude(act=HelpAct.SEEN).select_related('by', 'helper')
    return list(news.filter(at__gt=seen) if seen else news)
