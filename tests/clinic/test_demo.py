"""The demo: anybody may become somebody made up, nobody may become somebody real."""

from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinic.demo import who_can_sign_in
from clinic.models import Caregiver, CareTeam, Clinic, Membership, Patient, User
from clinic.services.demo import PASSWORD, make_demo_people
from tests.cast import NOW, client_of, user_of

pytestmark = pytest.mark.django_db
DEMO, BECOME = reverse('clinic:demo'), reverse('clinic:demo_become')


@pytest.fixture
def people(db):
    return make_demo_people(NOW)


@pytest.fixture
def demo(settings):
    settings.DEMO_MODE = True


def test_outside_the_demo_there_is_no_such_page(visitor, people):
    assert visitor.get(DEMO).status_code == 404
    assert visitor.post(BECOME, {'person': 'ana@vigil.example'}).status_code == 404
    assert '_auth_user_id' not in visitor.session


def test_a_visitor_chooses_who_to_be(visitor, demo, people):
    page = visitor.get(DEMO).content.decode()
    for name in (
        'Ana Morales',
        'Ben Katz',
        'Luis Morales',
        'Rosa Diaz',
        'Tom Weber',
        'Grace Kim',
        'Sam Patel',
        'Olga Novak',
    ):
        assert name in page
    assert visitor.post(BECOME, {'person': 'rosa@vigil.example'}).url == '/'
    assert visitor.session['_auth_user_id'] == str(people.rosa.user_id)


@pytest.mark.parametrize('who', ['ana', 'rosa', 'superuser'])
def test_nobody_becomes_somebody_real(request, visitor, demo, who):
    real = user_of(request.getfixturevalue(who))
    assert visitor.post(BECOME, {'person': real.email}).status_code == 404
    assert '_auth_user_id' not in visitor.session


@pytest.mark.parametrize('person', ['', 'nobody@vigil.example', 'é', 'a' * 5000])
def test_nobody_becomes_somebody_who_is_not_there(visitor, demo, people, person):
    assert visitor.post(BECOME, {'person': person}).status_code == 404


def test_opening_the_address_is_not_enough_to_become_somebody(visitor, demo, people):
    assert visitor.get(BECOME, {'person': 'ana@vigil.example'}).status_code == 405


def test_another_site_cannot_make_a_visitor_become_somebody(demo, people):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(BECOME, {'person': 'ana@vigil.example'}).status_code == 403


def test_changing_the_person_leaves_nothing_of_the_one_before(demo, people):
    client = client_of(people.luis)
    session = client.session
    session['diary_of'] = str(people.ana.public_id)
    session.save()
    client.post(BECOME, {'person': 'olga@vigil.example'})
    assert 'diary_of' not in client.session
    assert client.get('/').url == reverse('diary:today')


def test_the_people_are_made_once(people):
    def census():
        return [model.objects.count() for model in (Clinic, User, Membership, Patient, Caregiver, CareTeam)]

    before = census()
    assert make_demo_people(NOW) == people
    assert census() == before


def test_what_was_changed_in_the_demo_stays_changed(people):
    Membership.objects.filter(pk=people.tom.pk).update(on_call=True)
    assert make_demo_people(NOW).tom.on_call


def test_the_demo_never_takes_over_a_real_person(db):
    User.objects.create_user('ana@vigil.example', 'a-real-persons-password', name='Ana, a real person')
    with pytest.raises(Exception, match='user_email_unique'):
        make_demo_people(NOW)
    assert User.objects.get().check_password('a-real-persons-password')


def test_the_made_up_people_sign_in_by_the_ordinary_door_too(visitor, people):
    form = {'login': 'grace@vigil.example', 'password': PASSWORD}
    assert visitor.post(reverse('account_login'), form).status_code == 302
    assert visitor.get('/').url == reverse('clinic:overview')


def test_the_command_tells_who_can_sign_in(people):
    printed = StringIO()
    call_command('demo_people', stdout=printed)
    assert printed.getvalue().splitlines() == who_can_sign_in()
    assert len(who_can_sign_in()) == 10
    assert PASSWORD in printed.getvalue()
    assert 'rosa@vigil.example' in printed.getvalue()


def test_the_command_says_when_there_is_nobody(db):
    printed = StringIO()
    call_command('demo_people', stdout=printed)
    assert 'no made-up people' in printed.getvalue()


@pytest.mark.parametrize(
    ('debug', 'demo_mode', 'asked', 'refused'),
    [
        (True, True, False, False),
        (False, False, False, False),
        (False, True, False, True),
        (False, True, True, False),
    ],
)
def test_a_demo_outside_debug_is_refused_unless_asked_for_twice(settings, debug, demo_mode, asked, refused):
    settings.DEBUG, settings.DEMO_MODE, settings.DEMO_MODE_ASKED = debug, demo_mode, asked
    assert ('vigil.E001' in {message.id for message in run_checks()}) is refused
