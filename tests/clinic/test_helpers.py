"""“People who help me”: the patient invites, gives, changes and ends; it holds in the helper's next request and is on record."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clinic.models import Caregiver, HelpEvent, Invitation
from clinic.services.caregiving import AlreadyEnded, Given, change_caregiver, end_caregiver
from clinic.services.invitations import accept_invitation
from tests.cast import NOW, PASSWORD, client_of, make_caregiver, make_patient

pytestmark = pytest.mark.django_db
HELPERS, INVITE = reverse('clinic:helpers'), reverse('clinic:helper_invite')
EVA = {'name': 'Eva Lind', 'email': 'eva@example.com', 'relationship': 'friend'}
ALL = Given(can_write=True, can_see_advice=True, can_see_photos=True, ends_at=None)


def token_in(letter) -> str:
    return next(line for line in letter.body.splitlines() if '/invitation/' in line).rstrip('/').rsplit('/', 1)[1]


def invited(ana, sent, **more) -> Caregiver:
    """Ana invites Eva from the page, and Eva says yes."""
    with sent(execute=True):
        assert client_of(ana).post(INVITE, EVA | more).status_code == 302
    user = accept_invitation(token=token_in(mail.outbox[-1]), now=NOW, name='Eva Lind', password=PASSWORD)
    return Caregiver.objects.get(user=user)


def acts(patient) -> list[tuple[str, str]]:
    return [(event.act, event.by.name.split()[0]) for event in patient.help_events.order_by('pk')]


def test_whoever_is_invited_gets_the_least_until_a_box_is_ticked(ana, now, django_capture_on_commit_callbacks):
    eva = invited(ana, django_capture_on_commit_callbacks)
    assert (eva.can_write, eva.can_see_advice, eva.can_see_photos, eva.ends_at) == (False, False, False, None)


def test_she_gives_rights_and_days_and_the_last_day_counts_whole(ana, now, django_capture_on_commit_callbacks):
    days = {'starts_on': '2026-11-18', 'ends_on': '2026-11-20'}
    eva = invited(ana, django_capture_on_commit_callbacks, can_write='on', can_see_photos='on', **days)
    assert (eva.can_write, eva.can_see_advice, eva.can_see_photos) == (True, False, True)
    assert eva.starts_at.astimezone(ana.zone).isoformat() == '2026-11-18T00:00:00-05:00'
    assert eva.ends_at.astimezone(ana.zone).isoformat() == '2026-11-21T00:00:00-05:00'


def test_the_invitation_says_nothing_of_health_and_nothing_of_the_clinic(ana, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(ana).post(INVITE, EVA | {'can_write': 'on'})
    [letter] = mail.outbox
    words = (letter.subject + letter.body).lower()
    assert letter.to == ['eva@example.com']
    for word in ('diary', 'patient', 'health', 'cancer', 'riverside', 'symptom', 'treatment'):
        assert word not in words


@pytest.mark.parametrize(
    'wrong',
    [
        {'email': 'ana@example.com'},
        {'email': 'no address'},
        {'name': ''},
        {'ends_on': '2026-11-15'},
        {'starts_on': '2026-11-20', 'ends_on': '2026-11-18'},
    ],
)
def test_what_cannot_be_is_asked_again_and_invites_nobody(ana, now, wrong):
    assert client_of(ana).post(INVITE, EVA | wrong).status_code == 422
    assert not Invitation.objects.exists()


def test_an_invitation_after_its_last_day_opens_nothing(ana, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(ana).post(INVITE, EVA | {'ends_on': '2026-11-16'})
    page = client_of(make_patient(ana.clinic, 'Eva Lind', user=True, email='eva@example.com'))
    token = token_in(mail.outbox[-1])
    with pytest.raises(Exception, match='is over'):
        accept_invitation(token=token, now=NOW + timedelta(days=1), user=page.get('/').wsgi_request.user)
    assert not Caregiver.objects.exists()


def test_nobody_sends_invitations_to_a_whole_list_of_addresses(ana, now):
    answers = [client_of(ana).post(INVITE, EVA | {'email': f'p{n}@example.com'}).status_code for n in range(11)]
    assert answers == [302] * 10 + [422]


def test_her_page_says_who_may_do_what_until_when_and_when_they_last_wrote(ana, luis, carmen, content, now):
    client_of(luis).post(
        reverse('diary:nothing_new'),
        {'diary_of': ana.public_id, 'client_uuid': '11111111-1111-4111-8111-111111111111', 'say': 'nothing'},
    )
    page = client_of(ana).get(HELPERS).content.decode()
    assert 'writes in the diary' in page
    assert 'Last wrote on 16 November, 9:00' in page
    assert 'Carmen Vega' in page


def test_a_change_holds_in_the_helpers_next_request(ana, luis, now):
    client, form = client_of(luis), reverse('diary:entry_new')
    assert client.get(form).status_code == 200
    client_of(ana).post(reverse('clinic:helper_change', args=[luis.pk]), {'can_see_photos': 'on'})
    assert client.get(form).status_code == 404
    assert client.get(reverse('diary:today')).status_code == 200


def test_an_end_holds_in_the_helpers_next_request_in_every_open_session(ana, luis, now):
    phone, desk = client_of(luis), client_of(luis)
    assert {each.get(reverse('diary:charts')).status_code for each in (phone, desk)} == {200}
    client_of(ana).post(reverse('clinic:helper_end', args=[luis.pk]))
    assert {each.get(reverse('diary:charts')).status_code for each in (phone, desk)} == {404}
    assert 'Nothing is open to you here' in phone.get('/').content.decode()


def test_a_place_that_is_over_is_not_opened_again_by_a_change(ana, luis, now):
    end_caregiver(caregiver=luis, by=ana.user, now=NOW)
    with pytest.raises(AlreadyEnded):
        change_caregiver(caregiver=luis, by=ana.user, now=NOW, given=ALL)
    assert client_of(ana).post(reverse('clinic:helper_change', args=[luis.pk]), {}).status_code == 404


def test_another_patients_helper_cannot_be_touched(ana, ben, luis):
    for name in ('helper_change', 'helper_end'):
        assert client_of(ben).post(reverse(f'clinic:{name}', args=[luis.pk])).status_code == 404
    luis.refresh_from_db()
    assert luis.ends_at is None


def test_every_change_is_written_down_with_who_made_it(ana, rosa, now, django_capture_on_commit_callbacks):
    eva = invited(ana, django_capture_on_commit_callbacks)
    change_caregiver(caregiver=eva, by=ana.user, now=NOW, given=ALL)
    change_caregiver(caregiver=eva, by=ana.user, now=NOW, given=ALL)  # nothing new
    end_caregiver(caregiver=eva, by=eva.user, now=NOW)
    end_caregiver(caregiver=eva, by=ana.user, now=NOW)  # over already
    assert acts(ana) == [('invited', 'Ana'), ('joined', 'Eva'), ('changed', 'Ana'), ('ended', 'Eva')]
    page = client_of(ana).get(HELPERS).content.decode()
    assert 'What Eva Lind may do was changed' in page


@pytest.mark.parametrize(
    'sql', ['UPDATE clinic_helpevent SET act = %s', 'DELETE FROM clinic_helpevent WHERE act <> %s']
)
def test_the_database_lets_nobody_change_the_history(ana, luis, sql):
    end_caregiver(caregiver=luis, by=ana.user, now=NOW)
    with pytest.raises(IntegrityError, match='append-only'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, ['seen'])
    assert HelpEvent.objects.count() == 1


def test_she_is_told_when_a_nurse_invites_and_can_end_it(ana, rosa, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(rosa).post(reverse('clinic:invite', args=[ana.public_id]), EVA | {'can_write': 'on'})
    told = {letter.to[0]: letter for letter in mail.outbox}
    assert 'diary' not in told['ana@example.com'].body.lower()
    client = client_of(ana)
    assert 'Something changed about who may see' in client.get('/today/').content.decode()
    page = client.get(HELPERS).content.decode()
    assert 'Eva Lind was invited' in page
    assert 'by Rosa Diaz' in page
    client.post(reverse('clinic:helpers_seen'))
    assert 'Something changed' not in client.get('/today/').content.decode()
    client.post(reverse('clinic:helper_withdraw', args=[Invitation.objects.get().pk]))
    with pytest.raises(Exception, match='withdrawn'):
        accept_invitation(token=token_in(told['eva@example.com']), now=NOW, name='Eva', password=PASSWORD)


def test_what_she_does_herself_is_no_news_to_her(ana, luis, now):
    client = client_of(ana)
    client.post(reverse('clinic:helper_end', args=[luis.pk]))
    assert 'Something changed' not in client.get('/today/').content.decode()


def test_who_helps_two_people_says_whose_diary_first_and_reads_the_name_on_each_page(ana, ben, luis):
    make_caregiver(ben, 'Luis', user=luis.user)
    client = client_of(luis)
    for page in ('diary:today', 'diary:entry_new', 'diary:charts'):
        assert client.get(reverse(page)).url == reverse('clinic:whose')
    assert client.get('/').url == reverse('clinic:whose')
    client.post(reverse('clinic:choose_diary'), {'diary': ben.public_id})
    for page in ('diary:today', 'diary:entry_new', 'diary:charts', 'clinic:me'):
        told = client.get(reverse(page)).content.decode()
        assert 'You are writing for <strong>Ben Katz</strong>' in told
        assert 'Ana' not in told or page == 'clinic:me'


def test_a_helper_stops_by_himself_and_the_patient_is_told(ana, luis, now):
    client = client_of(luis)
    client.post(reverse('clinic:stop'))
    assert client.get('/today/').status_code == 404
    assert 'Luis Morales cannot see the diary any more' in client_of(ana).get(HELPERS).content.decode()


def test_a_helper_from_a_day_to_come_sees_nothing_yet_and_stands_on_her_page(ana, now):
    eva = make_caregiver(ana, 'Eva Lind', starts_at=NOW + timedelta(days=2))
    assert client_of(eva).get('/today/').status_code == 404
    assert 'From 18 November 2026' in client_of(ana).get(HELPERS).content.decode()
