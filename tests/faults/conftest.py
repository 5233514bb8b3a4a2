import pytest

from alerts.models import RuleSet
from clinic.models import Clinic, Membership, Patient
from tests import cast


@pytest.fixture
def ward(transactional_db: None, content: RuleSet) -> list[Patient]:
    """Twenty patients of one clinic with a nurse on call, committed, so that other processes see them."""
    clinic = cast.make_clinic('Riverside Cancer Center')
    _nurse_on_call(clinic)
    return [
        cast.make_patient(clinic, f'Patient{number} Miller', record_number=f'W-{number}', temperature_unit='C')
        for number in range(20)
    ]


def _nurse_on_call(clinic: Clinic) -> Membership:
    return cast.make_member(clinic, 'Rosa Diaz', on_call=True)
