"""Joining by an e-mailed link: once, in time, by the person it was sent to."""

import hashlib
import re
import threading
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from clinic.models import Caregiver, Invitation, Membership, Patient, User
from clinic.services import invitations
from clinic.services.invitations import accept_invitation, invite_caregiver, invite_member, invite_patient
from clinic.services.joining import InvitationRefused
from tests.cast import LONG_AGO, NOW, PASSWORD, client_of, make_caregiver, make_patient

pytestmark = pytest.mark.django_db
JOIN = {'name': 'Eva Lind', 'password': PASSWORD, 'again': PASSWORD}


@pytest.fixture
def eva(riverside):
    """A patient who has not signed in yet."""
    return make_patient(riverside, 'Eva Lind', user=False, email='eva@example.com', language='es')


@pytest.fixture
def invited(eva, rosa, now):
    return invite_patient(patient=eva, by=rosa.user, now=now)


def caregiver_invitation(ana, rosa, **more):
    asked = {'name': 'Luis Morales', 'email': 'luis@example.com', 'relationship': 'husband', 'can_write': True}
    return invite_caregiver(patient=ana, by=rosa.user, now=NOW, **(asked | more))


def page_of(invited):
    return reverse('clinic:invitation', args=[invited.token])


def test_an_invited_patient_chooses_a_password_and_is_signed_in_to_her_own_diary(visitor, invited, eva):
    response = visitor.post(page_of(invited), JOIN)
    eva.refresh_from_db()
    assert response.url == '/'
    assert eva.user.email == 'eva@example.com'
    assert eva.user.language == 'es'
    assert eva.user.check_password(PASSWORD)
    assert visitor.get('/').url == '/today/'


def test_only_the_fingerprint_of_the_token_is_stored(invited):
    stored = Invitation.objects.get()
    assert stored.token_hash == hashlib.sha256(invited.token.encode()).hexdigest()
    assert invited.token not in str(Invitation.objects.values())


def test_the_e_mail_goes_out_after_the_commit_and_tells_nothing_of_health(
    eva, rosa, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invited = invite_patient(patient=eva, by=rosa.user, now=now)
        assert mail.outbox == []
    message = mail.outbox[0]
    assert message.to == ['eva@example.com']
    assert page_of(invited) in message.body
    assert invited.delivered is True
    told = f'{message.subject} {message.body}'.lower()
    for word in ('riverside', 'cancer', 'symptom', 'diary', 'patient', 'therapy', 'r-0'):
        assert word not in told


def test_a_mail_server_that_is_down_loses_no_invitation_and_is_told(
    eva, rosa, now, monkeypatch, django_capture_on_commit_callbacks
):
    def gone(*args, **kwargs):
        raise SMTPServerDisconnected('gone')

    monkeypatch.setattr(invitations.mail, 'send_invitation', gone)
    with django_capture_on_commit_callbacks(execute=True):
        invited = invite_patient(patient=eva, by=rosa.user, now=now)
    assert invited.delivered is False
    assert Invitation.objects.filter(patient=eva).exists()


def test_opening_the_link_does_not_use_it_up(visitor, invited):
    visitor.head(page_of(invited))
    assert visitor.get(page_of(invited)).status_code == 200
    assert Invitation.objects.get().used_at is None


def test_a_link_works_once(visitor, invited):
    visitor.post(page_of(invited), JOIN)
    again = Client().post(page_of(invited), JOIN | {'name': 'Mallory'})
    assert again.status_code == 410
    assert 'has been used' in again.content.decode()
    assert not User.objects.filter(name='Mallory').exists()


def test_a_link_ends_with_its_days_to_the_second(visitor, invited, settings):
    ends = NOW + timedelta(days=settings.INVITATION_DAYS)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert visitor.get(page_of(invited)).status_code == 200
    with time_machine.travel(ends, tick=False):
        page = visitor.get(page_of(invited))
    assert page.status_code == 410
    assert 'Ask the person who invited you' in page.content.decode()


def test_inviting_again_ends_the_earlier_link(visitor, invited, eva, rosa):
    newer = invite_patient(patient=eva, by=rosa.user, now=NOW)
    assert 'Look for a newer e-mail' in visitor.get(page_of(invited)).content.decode()
    assert visitor.get(page_of(newer)).status_code == 200


@pytest.mark.parametrize('token', ['x', 'é', 'a' * 300, "' OR 1=1 --"])
def test_a_link_that_nobody_made_opens_nothing(visitor, db, token):
    page = visitor.get(reverse('clinic:invitation', args=[token]))
    assert page.status_code == 410
    assert 'We do not know this link' in page.content.decode()


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'password': 'short', 'again': 'short'}, 'too short'),
        ({'again': 'something else'}, 'The two passwords differ'),
        ({'name': ''}, 'required'),
        ({'password': 'eva@example.com', 'again': 'eva@example.com'}, 'too similar'),
    ],
)
def test_a_form_that_is_not_right_says_why_and_keeps_the_link_open(visitor, invited, wrong, words):
    page = visitor.post(page_of(invited), JOIN | wrong)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert Invitation.objects.get().used_at is None


def test_somebody_who_already_signs_in_is_asked_to_sign_in_first(visitor, ana, rosa, ben):
    invited = caregiver_invitation(ana, rosa, email='BEN@example.com')
    page = visitor.get(page_of(invited)).content.decode()
    assert 'Please sign in first' in page
    assert f'{reverse("account_login")}?next={page_of(invited)}' in page
    visitor.post(page_of(invited), JOIN)
    assert ben.user.check_password(PASSWORD)
    assert not Caregiver.objects.exists()


def test_somebody_who_already_signs_in_accepts_with_one_press_and_reads_the_diary(ana, rosa, sam, ben, now):
    invited = caregiver_invitation(ana, rosa, email='ben@example.com', can_write=False)
    client = client_of(ben)
    assert 'Yes, I join' in client.get(page_of(invited)).content.decode()
    client.post(page_of(invited))
    place = Caregiver.objects.get(user=ben.user)
    assert (place.patient, place.can_write, place.relationship) == (ana, False, 'husband')


def test_an_invitation_for_another_address_is_not_accepted_by_whoever_is_signed_in(ana, rosa, tom, now):
    invited = caregiver_invitation(ana, rosa)
    client = client_of(tom)
    assert 'for somebody else' in client.get(page_of(invited)).content.decode()
    assert 'for somebody else' in client.post(page_of(invited)).content.decode()
    with pytest.raises(InvitationRefused, match='another e-mail address'):
        accept_invitation(token=invited.token, now=NOW, user=tom.user)
    assert not Caregiver.objects.exists()


def test_a_caregiver_whose_time_ended_can_be_invited_back(ana, luis, rosa, now):
    Caregiver.objects.filter(pk=luis.pk).update(ends_at=LONG_AGO + timedelta(days=1))
    accept_invitation(token=caregiver_invitation(ana, rosa, can_write=False).token, now=NOW, user=luis.user)
    luis.refresh_from_db()
    assert (luis.starts_at, luis.ends_at, luis.can_write) == (NOW, None, False)


def test_a_patient_is_not_her_own_caregiver(ana, rosa):
    with pytest.raises(InvitationRefused, match='address of the patient'):
        caregiver_invitation(ana, rosa, email='Ana@Example.com')


def test_a_patient_who_signs_in_already_is_not_invited_again(ana, rosa):
    with pytest.raises(InvitationRefused, match='already has a sign-in'):
        invite_patient(patient=ana, by=rosa.user, now=NOW)


def test_an_invited_member_works_for_the_clinic_in_the_role_that_was_given(visitor, riverside, grace, now):
    invited = invite_member(
        clinic=riverside,
        name='Eva Lind',
        email='eva@example.com',
        is_nurse=False,
        is_admin=True,
        by=grace.user,
        now=now,
    )
    visitor.post(page_of(invited), JOIN)
    place = Membership.objects.get(user__email='eva@example.com')
    assert (place.clinic, place.is_nurse, place.is_admin) == (riverside, False, True)
    assert place.user.is_staff
    assert not place.user.is_superuser
    assert visitor.get('/').url == '/clinic/'


def test_the_only_admin_stays_one_when_she_is_invited_as_a_nurse_too(riverside, grace, now):
    invited = invite_member(
        clinic=riverside, name='Grace', email=grace.user.email, is_nurse=True, is_admin=False, by=grace.user, now=now
    )
    accept_invitation(token=invited.token, now=now, user=grace.user)
    grace.refresh_from_db()
    assert (grace.is_nurse, grace.is_admin) == (True, True)


def test_an_invitation_without_a_role_is_refused(riverside, grace):
    with pytest.raises(InvitationRefused, match='nurse, admin or both'):
        invite_member(
            clinic=riverside, name='E', email='e@example.com', is_nurse=False, is_admin=False, by=grace.user, now=NOW
        )


def test_nobody_keeps_two_diaries_of_their_own(invited, eva, ben):
    User.objects.filter(pk=ben.user.pk).update(email='eva@example.com')
    with pytest.raises(InvitationRefused, match='already keep a diary'):
        accept_invitation(token=invited.token, now=NOW, user=User.objects.get(pk=ben.user.pk))
    eva.refresh_from_db()
    assert eva.user is None


def test_the_database_keeps_an_invitation_of_a_patient_from_naming_none(riverside, rosa):
    with pytest.raises(IntegrityError, match='invitation_names_its_patient'), transaction.atomic():
        Invitation.objects.create(
            kind='caregiver',
            clinic=riverside,
            email='e@example.com',
            token_hash='h',
            invited_by=rosa.user,
            created_at=NOW,
            expires_at=NOW,
        )


def test_the_database_keeps_a_caregiver_from_being_entered_twice(luis, ana):
    with pytest.raises(IntegrityError, match='caregiver_once_per_patient'), transaction.atomic():
        make_caregiver(ana, 'Luis', user=luis.user)


def together(work, times=2):
    """Run `work` in several threads at once; what each returned or raised."""
    barrier, results = threading.Barrier(times), []

    def run():
        try:
            barrier.wait(timeout=30)
            results.append(work())
        except Exception as problem:  # noqa: BLE001  (the test looks at it)
            results.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_when_two_people_open_one_link_at_once_one_gets_in(eva, rosa):
    invited = invite_patient(patient=eva, by=rosa.user, now=NOW)
    results = together(lambda: accept_invitation(token=invited.token, now=NOW, name='Eva Lind', password=PASSWORD), 4)
    winners = [result for result in results if isinstance(result, User)]
    assert len(winners) == 1
    assert sum(isinstance(result, InvitationRefused) for result in results) == 3
    assert Patient.objects.get(pk=eva.pk).user == winners[0]
    assert User.objects.filter(email='eva@example.com').count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_new_person_at_once_make_one_sign_in(ana, ben, rosa):
    tokens = [caregiver_invitation(patient, rosa).token for patient in (ana, ben)]
    results = together(lambda: accept_invitation(token=tokens.pop(), now=NOW, name='Luis', password=PASSWORD))
    assert User.objects.filter(email='luis@example.com').count() == 1
    refused = [result for result in results if isinstance(result, InvitationRefused)]
    assert all('already have a sign-in' in str(result) for result in refused)
    assert len(refused) == 1


def test_a_nurse_invites_a_caregiver_from_the_page_and_can_take_it_back(
    ana, rosa, now, django_capture_on_commit_callbacks
):
    client, page = client_of(rosa), reverse('clinic:invite', args=[ana.public_id])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {'name': 'Luis', 'email': 'luis@example.com', 'relationship': 'husband', 'can_write': 'on'})
    assert 'luis@example.com' in client.get(page).content.decode()
    link = re.search(r'/invitation/\S+', mail.outbox[0].body).group()
    client.post(reverse('clinic:withdraw', args=[ana.public_id, Invitation.objects.get().pk]))
    assert Client().get(link).status_code == 410


def test_a_nurse_invites_a_patient_again_from_the_page(eva, rosa, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(rosa).post(reverse('clinic:invite_again', args=[eva.public_id]))
    assert mail.outbox[0].to == ['eva@example.com']


def test_a_nurse_ends_a_caregivers_place_and_the_caregiver_sees_nothing_more(ana, luis, rosa):
    caregiver = client_of(luis)
    assert caregiver.get('/').url == '/today/'
    client_of(rosa).post(reverse('clinic:end_caregiver', args=[ana.public_id, luis.pk]))
    assert 'Nothing is open to you here' in caregiver.get('/').content.decode()


def test_a_nurse_of_another_clinic_can_withdraw_nothing(ana, sam, rosa):
    invited = caregiver_invitation(ana, rosa)
    path = reverse('clinic:withdraw', args=[ana.public_id, invited.invitation.pk])
    assert client_of(sam).post(path).status_code == 404
    assert Invitation.objects.get().withdrawn_at is None
