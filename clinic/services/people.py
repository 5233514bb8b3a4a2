"""What a person changes about herself."""

from django.db import transaction

from clinic.models import Patient, User


def change_own_details(
    *, user: User, name: str, language: str, patient: Patient | None, temperature_unit: str = '', weight_unit: str = ''
) -> None:
    """Name and language of a person; for a patient also the units in which she reads and types.

    The name on the record stays what the clinic wrote down: it must fit the hospital's.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(name=name, language=language)
        if patient is not None:
            Patient.objects.filter(pk=patient.pk).update(
                language=language, temperature_unit=temperature_unit, weight_unit=weight_unit
            )
