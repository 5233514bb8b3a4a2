"""What accepting an invitation changes: the person gets her place."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Caregiver, HelpAct, Invitation, InvitationKind, Membership, Patient, User
from clinic.services.help_record import note_place
from clinic.services.members import tell_django_admin

Words = str | Promise


class InvitationRefused(Exception):
    """The invitation cannot be made or used. `str()` says why, `advice` what to do instead."""

    def __init__(self, why: Words, advice: Words = '') -> None:
        super().__init__(why)
        self.why = why
        self.advice = advice

    def __str__(self) -> str:
        return str(self.why)


def join(*, invitation: Invitation, person: User, now: datetime) -> None:
    """Give `person` the place that the invitation names. Runs in the caller's transaction; raises InvitationRefused."""
    match invitation.kind:
        case InvitationKind.PATIENT:
            _own_diary(invitation, person)
        case InvitationKind.CAREGIVER:
            _care_for(invitation, person, now)
        case InvitationKind.STAFF:
            _work_for(invitation, person)
        case unknown:
            raise ValueError(f'Nobody can join as {unknown}.')


def _patient(invitation: Invitation) -> Patient:
    return Patient.objects.select_for_update().get(invitations=invitation)


def _own_diary(invitation: Invitation, person: User) -> None:
    patient = _patient(invitation)
    if patient.user_id is not None:
        raise InvitationRefused(_('This diary already has a sign-in. Sign in with it, or ask your care team.'))
    if Patient.objects.filter(user=person).exists():
        raise InvitationRefused(
            _('You already keep a diary with this address. Ask your care team to write down another one.')
        )
    patient.user = person
    patient.save(update_fields=['user'])


def _care_for(invitation: Invitation, person: User, now: datetime) -> None:
    patient = _patient(invitation)
    if patient.user_id == person.pk:
        raise InvitationRefused(_('This is your own diary. You do not need an invitation to it.'))
    if invitation.ends_at is not None and invitation.ends_at <= now:
        raise InvitationRefused(_('The time for which you were asked to help is over.'))
    place: dict[str, Any] = {
        'relationship': invitation.relationship,
        'can_write': invitation.can_write,
        'can_see_advice': invitation.can_see_advice,
        'can_see_photos': invitation.can_see_photos,
        'starts_at': max(now, invitation.starts_at or now),
        'ends_at': invitation.ends_at,
    }
    caregiver, _made = Caregiver.objects.update_or_create(user=person, patient=patient, defaults=place)
    note_place(caregiver, HelpAct.JOINED, by=person, now=now)


def _work_for(invitation: Invitation, person: User) -> None:
    """Somebody who works here keeps what she does: an invitation adds, or the only admin could lose the clinic by it."""
    roles = {'is_nurse': invitation.is_nurse, 'is_admin': invitation.is_admin}
    held = Membership.objects.select_for_update().filter(user=person, clinic=invitation.clinic, active=True).first()
    if held is not None:
        roles = {role: given or getattr(held, role) for role, given in roles.items()}
    Membership.objects.update_or_create(user=person, clinic=invitation.clinic, defaults={**roles, 'active': True})
    tell_django_admin(person)
