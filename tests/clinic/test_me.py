"""Me: my own name and language, who sees my diary, and which diary is open."""

import pytest
from django.urls import reverse

from clinic.models import Caregiver, Membership
from tests.cast import LONG_AGO, client_of, make_caregiver, make_member, make_patient

pytestmark = pytest.mark.django_db
ME, CHOOSE = reverse('clinic:me'), reverse('clinic:choose_diary')
MINE = {'name': 'Ana M.', 'language': 'en', 'temperature_unit': 'C', 'weight_unit': 'lb'}


def test_a_patient_changes_her_name_and_units_but_not_the_name_on_the_record(ana):
    assert client_of(ana).post(ME, MINE).url == ME
    ana.refresh_from_db()
    assert (ana.user.name, ana.name) == ('Ana M.', 'Ana Morales')
    assert (ana.temperature_unit, ana.weight_unit) == ('C', 'lb')


def test_a_chosen_language_holds_at_once_and_on_every_device(ana):
    here, elsewhere = client_of(ana), client_of(ana)
    here.post(ME, MINE | {'language': 'es'})
    assert '<html lang="es"' in here.get(ME).content.decode()
    assert '<html lang="es"' in elsewhere.get(ME, headers={'accept-language': 'en'}).content.decode()


def test_the_sign_in_page_of_this_device_keeps_the_language(ana):
    client = client_of(ana)
    client.post(ME, MINE | {'language': 'es'})
    client.post(reverse('account_logout'))
    assert '<html lang="es"' in client.get(reverse('account_login')).content.decode()


def test_one_persons_language_does_not_reach_the_next_visitor(ana, visitor):
    client_of(ana).post(ME, MINE | {'language': 'es'})
    client_of(ana).get(ME)
    assert '<html lang="en"' in visitor.get('/').content.decode()


@pytest.mark.parametrize('wrong', [{'language': 'xx'}, {'name': ''}, {'temperature_unit': 'K'}])
def test_what_cannot_be_is_not_stored(ana, wrong):
    assert client_of(ana).post(ME, MINE | wrong).status_code == 422
    ana.refresh_from_db()
    assert (ana.user.name, ana.user.language, ana.temperature_unit) == ('Ana Morales', 'en', 'F')


def test_a_patient_reads_who_else_sees_her_diary(ana, luis, carmen):
    Caregiver.objects.filter(pk=carmen.pk).update(ends_at=LONG_AGO)
    page = client_of(ana).get(ME).content.decode()
    assert 'Luis Morales' in page
    assert 'Carmen Vega' not in page


def test_a_nurse_has_no_units_to_choose(rosa):
    form = client_of(rosa).get(ME).context['form']
    assert list(form.fields) == ['name', 'language']


def test_a_caregiver_changes_nothing_of_the_patients(luis, ana):
    client_of(luis).post(ME, {**MINE, 'name': 'Luis M.'})
    ana.refresh_from_db()
    assert (ana.temperature_unit, ana.user.name) == ('F', 'Ana Morales')


def opened(client):
    return client.get(ME).context['actor'].patient


def test_a_caregiver_of_two_chooses_whose_diary_is_open(ana, ben, luis):
    make_caregiver(ben, 'Luis', user=luis.user)
    client = client_of(luis)
    assert opened(client) is None
    for patient in (ben, ana):
        client.post(CHOOSE, {'diary': patient.public_id})
        assert opened(client) == patient


@pytest.mark.parametrize('wrong', ['11111111-1111-4111-8111-111111111111', 'nonsense', '<script>'])
def test_a_diary_that_is_not_open_to_me_cannot_be_chosen(luis, ana, wrong):
    client = client_of(luis)
    assert client.post(CHOOSE, {'diary': wrong}).status_code == 404
    assert opened(client) == ana


def test_a_strangers_diary_cannot_be_chosen(luis, ana, olga):
    client = client_of(luis)
    assert client.post(CHOOSE, {'diary': olga.public_id}).status_code == 404
    assert opened(client) == ana


def test_a_choice_that_was_ended_falls_back_to_what_is_left(ana, ben, luis):
    second = make_caregiver(ben, 'Luis', user=luis.user)
    client = client_of(luis)
    client.post(CHOOSE, {'diary': ben.public_id})
    Caregiver.objects.filter(pk=second.pk).update(ends_at=LONG_AGO)
    assert opened(client) == ana


def test_a_nurse_who_is_somebodys_caregiver_works_until_she_opens_the_diary(rosa, ana, olga):
    make_caregiver(olga, 'Rosa', user=rosa.user)
    client = client_of(rosa)
    assert client.get('/').url == reverse('alerts:worklist')
    client.post(CHOOSE, {'diary': olga.public_id})
    assert opened(client) == olga
    assert client.get(reverse('clinic:patients')).status_code == 404
    client.post(CHOOSE, {'diary': ''})
    assert client.get('/').url == reverse('alerts:worklist')


def test_a_nurse_who_is_a_patient_too_can_open_her_own_diary(lakeside, riverside):
    nurse = make_member(riverside, 'Nina Roth')
    own = make_patient(lakeside, 'Nina Roth', user=False)
    own.user = nurse.user
    own.save()
    client = client_of(nurse)
    assert client.get('/').url == reverse('alerts:worklist')
    client.post(CHOOSE, {'diary': own.public_id})
    assert client.get('/').url == reverse('diary:today')


def test_a_member_who_has_left_sees_nothing(rosa):
    Membership.objects.filter(pk=rosa.pk).update(active=False)
    assert client_of(rosa).get(reverse('clinic:patients')).status_code == 404


def test_reading_who_somebody_is_takes_at_most_three_queries(ana, luis, rosa, django_assert_max_num_queries):
    for person in (ana, luis, rosa):
        client = client_of(person)
        with django_assert_max_num_queries(2 + 3):  # the session and the user come first
            client.get('/')
