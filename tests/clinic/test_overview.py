"""The admin's start page: members, numbers, rules, invitations."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.urls import reverse

from alerts.models import RuleSet
from alerts.services.rules.default import publish_default
from clinic.models import Invitation
from tests.cast import client_of, make_patient

pytestmark = pytest.mark.django_db
OVERVIEW, INVITE = reverse('clinic:overview'), reverse('clinic:invite_member')


def test_an_admin_sees_members_patients_and_the_rules_in_use(grace, rosa, ana, content, riverside):
    make_patient(riverside, 'Eva Lind', user=False)
    page = client_of(grace).get(OVERVIEW)
    assert (page.context['patient_count'], page.context['waiting_count']) == (2, 1)
    text = page.content.decode()
    assert 'Rosa Diaz' in text
    assert content.title in text
    assert 'Monday 08:00' in text


def test_days_and_times_are_those_of_the_clinic(grace, content):
    content.content['rules']['R01']['title'] = 'Heart palpitations'
    publish_default(content=content.content, now=datetime(2026, 11, 22, 1, 14, tzinfo=UTC))
    client = client_of(grace)
    assert 'published 21 November 2026' in client.get(OVERVIEW).content.decode()
    table = client.get(reverse('admin:alerts_ruleset_changelist')).content.decode()
    assert 'Nov. 21, 2026, 8:14 p.m.' in table


def test_without_published_rules_the_page_says_so(grace, content):
    RuleSet.objects.all().update(status='retired')
    assert 'no entry can be checked' in client_of(grace).get(OVERVIEW).content.decode()


def test_an_admin_sees_nothing_of_another_clinic(grace, sam, olga):
    page = client_of(grace).get(OVERVIEW)
    assert 'Sam Patel' not in page.content.decode()
    assert page.context['patient_count'] == 0


def test_an_admin_invites_a_member_and_takes_it_back(grace, now, django_capture_on_commit_callbacks):
    client = client_of(grace)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(INVITE, {'name': 'Eva Lind', 'email': 'eva@example.com', 'is_nurse': 'on'})
    invitation = Invitation.objects.get()
    assert (invitation.is_nurse, invitation.is_admin, mail.outbox[0].to) == (True, False, ['eva@example.com'])
    assert 'eva@example.com' in client.get(OVERVIEW).content.decode()
    client.post(reverse('clinic:withdraw_member', args=[invitation.pk]))
    invitation.refresh_from_db()
    assert invitation.withdrawn_at == now


def test_a_member_without_a_role_is_asked_again(grace):
    page = client_of(grace).post(INVITE, {'name': 'Eva Lind', 'email': 'eva@example.com'})
    assert page.status_code == 422
    assert 'nurse, admin or both' in page.content.decode()
    assert not Invitation.objects.exists()


def test_the_page_asks_as_often_for_many_members_as_for_few(grace, rosa, tom, ana, django_assert_max_num_queries):
    client = client_of(grace)
    with django_assert_max_num_queries(18):
        client.get(OVERVIEW)
