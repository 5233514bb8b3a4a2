"""Inviting people by an e-mailed link, and letting them in by it, once.

The token leaves the house in the e-mail only; the table keeps its SHA-256. Whoever opens the link proves to read the mail of
that address, so an invitation is accepted only by the sign-in of the same address.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic import mail
from clinic.models import Clinic, HelpAct, Invitation, InvitationKind, Patient, User
from clinic.queries import open_invitations_of
from clinic.services.help_record import note_invitation
from clinic.services.joining import InvitationRefused, join

log = logging.getLogger(__name__)
MOST_OPEN = 10  # invitations of one patient at a time: enough for a family, too few for a list of addresses


@dataclass
class Invited:
    """A new invitation. `delivered` is None until the transaction ends, then whether the mail server took the e-mail."""

    invitation: Invitation
    token: str
    delivered: bool | None = None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite_patient(*, patient: Patient, by: User, now: datetime) -> Invited:
    """Invite a patient to her own diary, at the address on her record. Earlier invitations to it stop working.

    Raises InvitationRefused when she already signs in, or has no address.
    """
    if patient.user_id is not None:
        raise InvitationRefused(_('This patient already has a sign-in.'))
    if not patient.email:
        raise InvitationRefused(_('Write down an e-mail address first. The invitation is sent there.'))
    with transaction.atomic():
        withdraw_patients_own(patient=patient, now=now)
        return _invite(
            kind=InvitationKind.PATIENT,
            clinic=patient.clinic,
            patient=patient,
            email=patient.email,
            name=patient.name,
            by=by,
            now=now,
            language=patient.language,
        )


def invite_caregiver(
    *,
    patient: Patient,
    name: str,
    email: str,
    relationship: str,
    can_write: bool,
    by: User,
    now: datetime,
    can_see_advice: bool = False,
    can_see_photos: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Invited:
    """Invite somebody to read, or keep, a patient's diary; by somebody else, she is told.

    Raises InvitationRefused for the patient's own address, and where many invitations of hers are open already.
    """
    own = {patient.email.lower(), patient.user.email.lower() if patient.user else ''}
    if email.lower() in own:
        raise InvitationRefused(_('This is the address of the patient. A caregiver needs an address of their own.'))
    with transaction.atomic():
        _withdraw(patient=patient, kind=InvitationKind.CAREGIVER, email__iexact=email, now=now)
        if open_invitations_of(patient, now=now).count() >= MOST_OPEN:
            raise InvitationRefused(_('Many invitations are on their way already. Take one back first.'))
        invited = _invite(
            kind=InvitationKind.CAREGIVER,
            clinic=patient.clinic,
            patient=patient,
            email=email,
            name=name,
            relationship=relationship,
            can_write=can_write,
            can_see_advice=can_see_advice,
            can_see_photos=can_see_photos,
            starts_at=starts_at,
            ends_at=ends_at,
            by=by,
            now=now,
            language=patient.language,
        )
        note_invitation(invited.invitation, HelpAct.INVITED, by=by, now=now)
        if patient.user is not None and patient.user != by:
            transaction.on_commit(partial(_tell_patient, patient.user))
    return invited


def invite_member(
    *, clinic: Clinic, name: str, email: str, is_nurse: bool, is_admin: bool, by: User, now: datetime
) -> Invited:
    """Invite somebody to work in a clinic. Raises InvitationRefused without a role."""
    if not (is_nurse or is_admin):
        raise InvitationRefused(_('Choose what this person will do: nurse, admin or both.'))
    with transaction.atomic():
        _withdraw(clinic=clinic, kind=InvitationKind.STAFF, email__iexact=email, now=now)
        return _invite(
            kind=InvitationKind.STAFF,
            clinic=clinic,
            email=email,
            name=name,
            is_nurse=is_nurse,
            is_admin=is_admin,
            by=by,
            now=now,
            language=clinic.language,
        )


def withdraw_invitation(*, invitation: Invitation, by: User, now: datetime) -> None:
    """Make a link stop working. One that was used stays used."""
    with transaction.atomic():
        if Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None).update(withdrawn_at=now):
            note_invitation(invitation, HelpAct.WITHDRAWN, by=by, now=now)


def withdraw_patients_own(*, patient: Patient, now: datetime) -> None:
    """Make every link to the patient's own diary stop working; those of her caregivers stay."""
    _withdraw(patient=patient, kind=InvitationKind.PATIENT, now=now)


def find_invitation(*, token: str, now: datetime) -> Invitation:
    """The usable invitation of a link. Raises InvitationRefused, in words for the person who opened it."""
    invitation = Invitation.objects.select_related('clinic', 'patient', 'invited_by').filter(token_hash=hash_of(token))
    return _usable(invitation.first(), now=now)


def account_for(invitation: Invitation) -> User | None:
    """Whoever already signs in with the address that was invited."""
    return User.objects.filter(email__iexact=invitation.email).first()


def accept_invitation(
    *, token: str, now: datetime, user: User | None = None, name: str = '', password: str | None = None
) -> User:
    """Let a person in by her link: as `user`, who is signed in, or as a new person with `name` and `password`.

    Two at once: the row is locked, so one wins. Raises InvitationRefused.
    """
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(of=('self',)).filter(token_hash=hash_of(token))
        invitation = _usable(locked.select_related('clinic', 'patient').first(), now=now)
        person = user or _new_person(invitation, name=name, password=password)
        if person.email.lower() != invitation.email.lower():
            raise InvitationRefused(_('This invitation is for another e-mail address. Sign out, then open it again.'))
        join(invitation=invitation, person=person, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(used_at=now, used_by=person)
    return person


def _usable(invitation: Invitation | None, *, now: datetime) -> Invitation:
    ask = _('Ask the person who invited you to send a new one.')
    if invitation is None:
        raise InvitationRefused(_('We do not know this link. Open it straight from the e-mail, whole.'))
    if invitation.used_at is not None:
        raise InvitationRefused(_('This invitation has been used. If it was you, sign in with your password.'))
    if invitation.withdrawn_at is not None:
        raise InvitationRefused(_('This invitation was withdrawn or replaced. Look for a newer e-mail.'), ask)
    if invitation.expires_at <= now:
        raise InvitationRefused(_('This invitation is too old.'), ask)
    return invitation


def _new_person(invitation: Invitation, *, name: str, password: str | None) -> User:
    language = invitation.patient.language if invitation.patient else invitation.clinic.language
    try:
        with transaction.atomic():
            return User.objects.create_user(invitation.email, password, name=name, language=language)
    except IntegrityError as taken:
        raise InvitationRefused(_('You already have a sign-in. Sign in, then open this link again.')) from taken


def _invite(*, by: User, now: datetime, language: str, **fields: Any) -> Invited:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=hash_of(token),
        invited_by=by,
        created_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        **fields,
    )
    invited = Invited(invitation, token)
    transaction.on_commit(partial(_deliver, invited, language=language))
    return invited


def _deliver(invited: Invited, *, language: str) -> None:
    # The row is committed by now: a mail server that is down must not look as if nothing had happened.
    try:
        mail.send_invitation(invited.invitation, token=invited.token, language=language)
        invited.delivered = True
    except (OSError, SMTPException) as trouble:
        invited.delivered = False
        log.error('An invitation could not be sent: %s', type(trouble).__name__)


def _tell_patient(user: User) -> None:
    """Somebody else invited a helper for her: she is told by mail too, and on her page in any case."""
    try:
        mail.send_helper_news(user)
    except (OSError, SMTPException) as trouble:
        log.error('A patient could not be told of a helper: %s', type(trouble).__name__)


def _withdraw(*, now: datetime, **which: Any) -> None:
    Invitation.objects.filter(used_at=None, withdrawn_at=None, **which).update(withdrawn_at=now)
