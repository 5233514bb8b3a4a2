"""Who works at a clinic, as what."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Membership, User


class LastAdmin(ValueError):
    """A clinic without an admin could not be looked after any more."""


def tell_django_admin(user: User) -> None:
    """Django's admin asks `is_staff`: it follows from the memberships, never by hand."""
    serves = user.memberships.filter(active=True, is_admin=True).exists()
    User.objects.filter(pk=user.pk, is_superuser=False).update(is_staff=serves)


def set_roles(
    *,
    membership: Membership,
    is_nurse: bool,
    is_admin: bool,
    on_call: bool,
    active: bool,
    is_lead: bool | None = None,
) -> None:
    """Change what a member does; `is_lead` stays unless told. Raises LastAdmin when the clinic would have no admin left."""
    with transaction.atomic():
        # The clinic's row is the lock: two admins who leave at once may not leave it empty.
        Clinic.objects.select_for_update().get(pk=membership.clinic_id)
        stays = active and is_admin
        if not stays and _is_last_admin(membership):
            raise LastAdmin(_('This is the only admin of the clinic. Make somebody else an admin first.'))
        Membership.objects.filter(pk=membership.pk).update(
            is_nurse=is_nurse,
            is_admin=is_admin,
            on_call=on_call,
            active=active,
            is_lead=F('is_lead') if is_lead is None else is_lead,
        )
        tell_django_admin(membership.user)


def _is_last_admin(membership: Membership) -> bool:
    admins = Membership.objects.filter(clinic=membership.clinic_id, is_admin=True, active=True)
    return set(admins.values_list('pk', flat=True)) == {membership.pk}
