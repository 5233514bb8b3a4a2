"""The pages of rule sets: the hub, one set, and who finds them."""

import pytest
from django.urls import reverse

from alerts.services.rules.drafting import begin
from tests.cast import NOW, client_of, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(riverside, grace, content, now):
    return begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)


def page(person, name, *args):
    return client_of(person).get(reverse(f'alerts:{name}', args=args))


def test_another_clinics_admin_finds_no_set_of_ours(draft, lakeside):
    stranger = make_member(lakeside, 'Hugo Lang', is_admin=True)
    assert page(stranger, 'rule_set', draft.pk).status_code == 404
    assert 'Sooner' not in page(stranger, 'rules').content.decode()


def test_every_page_of_a_set_has_its_name_and_state_on_top(draft, grace):
    text = page(grace, 'rule_set', draft.pk).content.decode()
    assert '<h1>Sooner</h1>' in text
    assert 'version 1' in text
    assert '>draft<' in text
