"""Signing in and out, forgotten passwords: for everybody, by one door."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, PASSWORD, client_of, make_user

pytestmark = pytest.mark.django_db
LOGIN = reverse('account_login')
RESET = reverse('account_reset_password')


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {'login': email, 'password': password, **more})


def test_a_visitor_reads_what_vigil_is_and_that_it_is_no_emergency_service(visitor):
    page = visitor.get('/').content.decode()
    assert 'not an emergency service' in page
    assert LOGIN in page


def test_a_patient_signs_in_by_e_mail_whatever_its_case_and_comes_home(visitor, ana):
    response = sign_in(visitor, 'ANA@example.com')
    assert response.status_code == 302
    assert response.url == reverse('clinic:home')


@pytest.mark.parametrize(
    ('who', 'place'),
    [
        ('ana', '/today/'),
        ('luis', '/today/'),
        ('rosa', '/worklist/'),
        ('grace', '/clinic/'),
        ('superuser', '/admin/'),
    ],
)
def test_everybody_starts_where_their_work_is(request, who, place):
    response = client_of(request.getfixturevalue(who)).get('/')
    assert (response.status_code, response.url) == (302, place)


def test_somebody_without_a_place_is_told_so(db):
    page = client_of(make_user('Nora Nobody')).get('/').content.decode()
    assert 'Nothing is open to you here' in page


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(visitor, ana):
    wrong = sign_in(visitor, 'ana@example.com', 'wrong-password')
    unknown = sign_in(Client(), 'nobody@example.com', 'wrong-password')
    message = 'We cannot sign you in with this e-mail address and password'
    assert message in wrong.content.decode()
    assert message in unknown.content.decode()


def test_a_field_that_was_left_out_or_cut_short_says_what_to_type(visitor, db):
    assert 'Please fill this in.' in sign_in(visitor, '', '').content.decode()
    page = visitor.post(RESET, {'email': 'ana'}).content.decode()
    assert 'Please type the whole address, like ana@example.com.' in page
    assert 'valid email' not in page


def test_signing_in_changes_the_session_so_that_a_planted_one_is_worthless(visitor, ana):
    session = visitor.session
    session['planted'] = True
    session.save()
    planted = session.session_key
    sign_in(visitor, 'ana@example.com')
    assert visitor.session.session_key != planted


def test_signing_out_ends_the_session(ana):
    client = client_of(ana)
    old = client.session.session_key
    client.post(reverse('account_logout'))
    client.cookies['sessionid'] = old
    assert client.get(reverse('clinic:me')).url.startswith(LOGIN)


def test_opening_the_sign_out_page_does_not_sign_out(ana):
    client = client_of(ana)
    assert 'Sign out?' in client.get(reverse('account_logout')).content.decode()
    assert client.get(reverse('clinic:me')).status_code == 200


def test_after_signing_in_nobody_is_sent_to_another_site(visitor, ana):
    response = sign_in(visitor, 'ana@example.com', next='https://evil.example/')
    assert response.url == reverse('clinic:home')


def test_a_person_whose_sign_in_is_closed_does_not_get_in(visitor, ana):
    ana.user.is_active = False
    ana.user.save()
    sign_in(visitor, 'ana@example.com')
    assert visitor.get(reverse('clinic:me')).status_code == 302


def test_many_wrong_passwords_for_one_person_are_slowed_down(visitor, ana, now):
    pages = [sign_in(visitor, 'ana@example.com', f'wrong-password-{n}') for n in range(6)]
    assert 'too many tries' in pages[-1].content.decode()
    assert 'too many tries' in sign_in(visitor, 'ana@example.com').content.decode()


def test_nobody_signs_up_by_themselves(visitor, db):
    page = visitor.post(reverse('account_signup'), {'email': 'x@example.com', 'password1': 'p', 'password2': 'p'})
    assert 'How to join' in page.content.decode()


@pytest.mark.parametrize('path', ['/account/email/', '/account/confirm-email/', '/account/password/set/'])
def test_pages_of_the_library_that_nobody_needs_are_not_there(ana, path):
    assert client_of(ana).get(path).status_code == 404


def test_asking_for_a_new_password_answers_the_same_for_known_and_unknown_addresses(visitor, ana):
    known = visitor.post(RESET, {'email': 'ana@example.com'})
    unknown = Client().post(RESET, {'email': 'nobody@example.com'})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [['ana@example.com'], ['nobody@example.com']]
    assert 'nobody signs in with it' in mail.outbox[1].body


def test_the_reset_link_leads_to_our_own_address_whatever_host_was_asked(ana, settings):
    settings.ALLOWED_HOSTS = ['*']
    Client(headers={'host': 'evil.example'}).post(RESET, {'email': 'ana@example.com'})
    assert 'evil.example' not in mail.outbox[0].body
    assert f'{settings.BASE_URL}/account/password/reset/key/' in mail.outbox[0].body


def test_a_new_password_is_chosen_by_the_link_once(visitor, ana):
    visitor.post(RESET, {'email': 'ana@example.com'})
    link = re.search(r'/account/password/reset/key/\S+', mail.outbox[0].body).group()
    form = visitor.get(link).url
    assert 'Choose a new password' in visitor.get(form).content.decode()
    visitor.post(form, {'password1': 'another-long-phrase', 'password2': 'another-long-phrase'})
    assert sign_in(Client(), 'ana@example.com', 'another-long-phrase').status_code == 302
    assert 'does not work any more' in Client().get(link, follow=True).content.decode()


def test_a_weak_new_password_is_refused_with_the_reason(ana):
    client = client_of(ana)
    new = {'oldpassword': PASSWORD, 'password1': 'short', 'password2': 'short'}
    page = client.post(reverse('account_change_password'), new)
    assert 'too short' in page.content.decode()
    ana.user.refresh_from_db()
    assert ana.user.check_password(PASSWORD)


def test_changing_the_password_needs_the_old_one_and_keeps_this_session(ana):
    client = client_of(ana)
    new = {'oldpassword': 'guess', 'password1': 'another-long-phrase', 'password2': 'another-long-phrase'}
    assert 'not your password now' in client.post(reverse('account_change_password'), new).content.decode()
    response = client.post(reverse('account_change_password'), new | {'oldpassword': PASSWORD})
    assert response.url == reverse('clinic:me')
    assert client.get(reverse('clinic:me')).status_code == 200


def test_a_new_password_signs_out_the_other_devices(ana):
    here, elsewhere = client_of(ana), client_of(ana)
    new = {'oldpassword': PASSWORD, 'password1': 'another-long-phrase', 'password2': 'another-long-phrase'}
    here.post(reverse('account_change_password'), new)
    assert elsewhere.get(reverse('clinic:me')).status_code == 302


@pytest.mark.parametrize('path', [LOGIN, RESET, '/account/password/reset/done/', '/account/inactive/'])
def test_the_pages_around_signing_in_are_ours(visitor, db, path):
    page = visitor.get(path).content.decode()
    assert 'class="plain"' in page
    assert 'Vigil' in page


def test_who_comes_by_every_day_is_never_asked_to_sign_in_over_a_half_written_form(ana, content):
    """Two weeks are counted from the last visit, not from the sign-in; a page that refreshes itself is no visit."""
    client = client_of(ana)
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(4):
            clock.shift(timedelta(days=10))
            assert client.get('/entry/new/').status_code == 200
        clock.shift(timedelta(days=13))
        assert client.get('/today/', headers={'hx-request': 'true'}).status_code == 200
        clock.shift(timedelta(days=2))
        assert client.get('/today/').url.startswith(LOGIN)
