"""Writes the history of who may help, in the transaction of what it tells of."""

from datetime import datetime

from clinic.models import Caregiver, HelpAct, HelpEvent, Invitation, Patient, User

GIVEN = ('can_write', 'can_see_advice', 'can_see_photos')


def note_invitation(invitation: Invitation, act: HelpAct, *, by: User, now: datetime) -> None:
    """Of a caregiver's invitation; any other changes nobody's diary and is not in this history."""
    if invitation.patient is not None and invitation.kind == 'caregiver':
        email, name = invitation.email, invitation.name
        _note(invitation.patient, act, by=by, now=now, place=invitation, email=email, name=name)


def note_place(caregiver: Caregiver, act: HelpAct, *, by: User, now: datetime) -> None:
    user = caregiver.user
    _note(caregiver.patient, act, by=by, now=now, place=caregiver, helper=user, email=user.email, name=user.name)


def note_seen(patient: Patient, *, by: User, now: datetime) -> None:
    """The patient has read what others changed."""
    HelpEvent.objects.create(patient=patient, act=HelpAct.SEEN, by=by, at=now)


def _note(
    patient: Patient,
    act: HelpAct,
    *,
    by: User,
    now: datetime,
    place: Caregiver | Invitation,
    email: str,
    name: str,
    helper: User | None = None,
) -> None:
    begins, ends = (at.isoformat() if at else None for at in (place.starts_at, place.ends_at))
    detail = {'rights': [right for right in GIVEN if getattr(place, right)], 'from': begins, 'until': ends}
    HelpEvent.objects.create(
        patient=patient, act=act, by=by, at=now, helper=helper, email=email, name=name, detail=detail
    )
