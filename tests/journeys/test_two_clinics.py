"""Rosa works in two clinics: what presses in the other reaches her, and no window mixes the two."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic.models import Membership
from tests import cast
from tests.alerts.conftest import open_alert
from tests.axe import violations
from tests.journeys.conftest import Stage

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize('size', ['phone', 'desk'])
def test_rosa_goes_over_to_the_clinic_where_something_waits(stage: Stage, size: str) -> None:
    lakeside = cast.make_clinic('Lakeside Clinic')
    Membership.objects.create(user=stage.rosa.user, clinic=lakeside, is_nurse=True)
    olga = cast.make_patient(lakeside, 'Olga Novak', record_number='L-2001', email='olga@example.com')
    hers = stage.window(stage.rosa, size)
    stage.go(hers, '/worklist/')
    other = hers.context.new_page()
    stage.go(other, '/worklist/')
    open_alert(olga, at=timezone.now() - timedelta(minutes=1))

    expect(hers.get_by_text('1 emergency or urgent alert waits at Lakeside Clinic.')).to_be_visible()
    assert violations(hers) == []
    hers.locator('main').get_by_role('button', name='Work at Lakeside Clinic').click()
    expect(hers.locator('main')).to_contain_text('You work at Lakeside Clinic now.')
    expect(hers.locator('main')).to_contain_text('Olga Novak')

    # The window that she left open is of the same clinic as soon as it asks for anything.
    expect(other.locator('.s-brand')).to_have_text('Lakeside Clinic')
    expect(other.locator('#worklist')).to_contain_text('Olga Novak')
    hers.locator('.menu summary').click()
    assert violations(hers) == []
    hers.get_by_role('button', name='Work at Riverside Cancer Center').click()
    expect(hers.locator('.s-brand')).to_have_text('Riverside Cancer Center')
