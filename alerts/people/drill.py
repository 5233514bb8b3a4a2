"""The people of the fire drill. None of them is real, and none can sign in."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.hashers import make_password

from clinic.models import Clinic, Patient, User

RECORD_NUMBER = 'FIRE-DRILL'
NAME = 'Fire drill'


def drill_patient(clinic: Clinic) -> Patient:
    """The clinic's made-up patient, made once. Nobody's list shows her."""
    fields = {
        'name': NAME,
        'time_zone': clinic.time_zone,
        'language': clinic.language,
        'temperature_unit': clinic.temperature_unit,
        'is_synthetic': True,
        'is_drill': True,
    }
    return Patient.objects.get_or_create(clinic=clinic, record_number=RECORD_NUMBER, defaults=fields)[0]


def drill_actor() -> User:
    """Who writes the drill's entries and closes its alerts: no address and no password, so there is no way to sign in."""
    user, created = User.objects.get_or_create(email='', defaults={'name': NAME, 'is_active': False})
    if created:
        user.set_unusable_password()
        user.save(update_fields=['password'])
    return user


def drill_mailbox() -> User:
    """Who is told of a drill in everybody's place: DRILL_ADDRESS, else Vigil's own sender address.

    Where that is somebody's own address it is she; otherwise a person without a password or a place, who can open nothing.
    """
    address = (settings.DRILL_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]).lower()
    found = User.objects.filter(email__iexact=address).first()
    if found:
        return found
    fields = {'name': NAME, 'password': make_password(None)}
    return User.objects.get_or_create(email=address, defaults=fields)[0]
