"""The page of the ladders: read as sentences, seen beforehand, changed without JavaScript, and never changed for what runs."""

from datetime import time
from typing import Any

import pytest
from django.http import HttpResponse

from alerts.engine.escalation import default_ladder
from alerts.engine.tiers import Tier
from alerts.forms.escalation import rearranged
from alerts.models import EscalationPolicy, OnCallShift
from alerts.pages.ladders import cards_of
from alerts.people.ladders import ladder_of
from alerts.services import escalating
from alerts.words.ladders import sentences
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import open_alert
from tests.cast import NOW, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('now')]
PAGE = '/clinic/escalation/'
ROW = {'wait': '0', 'who': 'on_call', 'when': 'always', 'phone': ''}


def text(response: HttpResponse) -> str:
    return ' '.join(response.content.decode().split())


def sent(*rows: dict[str, str], do: str = 'save', **limits: str) -> dict[str, str]:
    data = {'rounds': '2', 'forgotten_after': '45', 'unfinished_after': '300', 'do': do} | limits
    data |= {'rungs-TOTAL_FORMS': str(len(rows)), 'rungs-INITIAL_FORMS': '0'}
    data |= {f'rungs-{n}-{name}': value for n, row in enumerate(rows) for name, value in (ROW | row).items()}
    return data | limits


def post(who: Membership, tier: str, *rows: dict[str, str], **given: str) -> HttpResponse:
    return client_of(who).post(f'{PAGE}{tier}/', sent(*rows, **given))


def test_each_ladder_reads_as_sentences(grace: Membership) -> None:
    page = text(client_of(grace).get(PAGE))
    for sentence in (
        'At once: the primary nurse and who is on call.',
        '5 minutes later: the whole team.',
        'At once: the primary nurse (while the clinic is open) and who is on call.',
        'It is done 3 times, with 5 minutes in between.',
        'Then the last of them are told every hour, until somebody takes it.',
        'After 2 hours: the primary nurse.',
        '2 hours of clinic time later it moves to the review list, and nobody is told any more.',
        'Nobody has changed it.',
    ):
        assert sentence in page


def test_it_shows_with_names_what_would_happen_now_and_on_saturday_night(
    riverside: Clinic, rosa: Membership, tom: Membership, grace: Membership
) -> None:
    Membership.objects.filter(pk=rosa.pk).update(on_call=False)
    for day in range(7):
        by_day, by_night = (rosa, tom) if day < 5 else (tom, tom)
        for member, starts, ends, last in ((by_day, 8, 20, day), (by_night, 20, 8, (day + 1) % 7)):
            OnCallShift.objects.create(
                clinic=riverside,
                membership=member,
                starts_weekday=day,
                starts=time(starts),
                ends_weekday=last,
                ends=time(ends),
            )
    emergency, urgent, same_day = cards_of(riverside, now=NOW)
    now, saturday = ([(told.when, told.who) for told in preview.told] for preview in emergency.previews)
    assert now[:3] == [
        ('today at 9:00', 'the primary nurse and Rosa Diaz'),
        ('today at 9:05', 'Rosa Diaz and Tom Weber'),
        ('today at 9:10', 'Grace Kim'),
    ]
    assert saturday[0] == ('on Saturday at 3:00', 'the primary nurse and Tom Weber')
    assert [told.who for told in urgent.previews[1].told][:2] == ['Tom Weber', 'Tom Weber']
    assert same_day.previews[1].told[0].when == 'on 23 November at 10:00'
    assert same_day.previews[1].told[-1].who == 'the review list; nobody is told'


def test_a_ladder_on_which_nobody_stands_is_a_loud_warning(
    grace: Membership, rosa: Membership, riverside: Clinic
) -> None:
    Membership.objects.filter(pk=rosa.pk).update(on_call=False)
    assert post(grace, 'urgent', ROW).status_code == 302
    page = text(client_of(grace).get(PAGE))
    assert 'Nobody would be told now.' in page
    assert 'Nobody is on call now.' in page
    assert 'nobody could be told' in page


def test_a_change_is_stored_with_who_and_when_and_holds_for_the_next_alert(
    grace: Membership, riverside: Clinic
) -> None:
    phone = {'wait': '20', 'who': 'phone', 'when': 'closed', 'phone': '(212) 555-0177'}
    response = post(grace, 'urgent', {'who': 'team'}, phone)
    assert (response.status_code, response['Location']) == (302, PAGE)
    policy = EscalationPolicy.objects.get(clinic=riverside, tier='urgent')
    assert (policy.changed_by, policy.changed_at, policy.rounds) == (grace.user, NOW, 2)
    assert sentences(ladder_of(riverside, Tier.URGENT))[:2] == [
        'At once: the whole team.',
        '20 minutes later: +12125550177 (while the clinic is closed).',
    ]
    assert 'Changed by Grace Kim, 16 Nov 2026, 9:00.' in text(client_of(grace).get(PAGE))


def test_the_second_change_replaces_the_first_whole(grace: Membership, riverside: Clinic) -> None:
    post(grace, 'urgent', {'who': 'team'}, {'wait': '9', 'who': 'lead'})
    post(grace, 'urgent', {'who': 'lead'}, rounds='1')
    ladder = ladder_of(riverside, Tier.URGENT)
    assert ([rung.who.value for rung in ladder.rungs], ladder.rounds) == (['lead'], 1)


def test_a_change_rewrites_no_running_alert(ana: Patient, grace: Membership) -> None:
    alert = open_alert(ana)
    escalating.arm(alert=alert, event=alert.events.get(), now=NOW)
    alert.save()
    before = (alert.policy, alert.due_at)
    post(grace, 'urgent', {'who': 'lead'})
    alert.refresh_from_db()
    assert (alert.policy, alert.due_at) == before


@pytest.mark.parametrize(
    ('row', 'said'),
    [
        ({'wait': '-1'}, 'Write a whole number of minutes from 0 to 10080.'),
        ({'wait': ''}, 'Write a whole number of minutes from 0 to 10080.'),
        ({'who': 'phone'}, 'Write the number that gets the text message.'),
        ({'who': 'phone', 'phone': '12'}, 'Write a phone number as people of your country do'),
        ({'who': 'team', 'phone': '212 555 0177'}, 'A number goes with “a phone number” only.'),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    grace: Membership, row: dict[str, str], said: str
) -> None:
    response = post(grace, 'urgent', {'wait': '17'}, row)
    assert response.status_code == 422
    assert said in text(response)
    assert 'value="17"' in response.content.decode()
    assert not EscalationPolicy.objects.exists()


@pytest.mark.parametrize('limit', ['rounds', 'forgotten_after', 'unfinished_after'])
def test_limits_are_whole_numbers_above_nought(grace: Membership, limit: str) -> None:
    response = post(grace, 'urgent', ROW, **{limit: '0'})
    assert (response.status_code, 'Write a whole number' in text(response)) == (422, True)


def test_a_ladder_without_a_step_is_refused(grace: Membership) -> None:
    assert post(grace, 'urgent').status_code == 422
    assert not EscalationPolicy.objects.exists()


@pytest.mark.parametrize(
    ('do', 'waits'),
    [
        ('add', ['1', '2', '3', '30']),
        ('up-2', ['1', '3', '2']),
        ('down-0', ['2', '1', '3']),
        ('remove-1', ['1', '3']),
        ('up-0', ['1', '2', '3']),
        ('down-2', ['1', '2', '3']),
        ('remove-9', ['1', '2', '3']),
        ('up--1', ['1', '2', '3']),
        ('dance', ['1', '2', '3']),
        ('down-' + '9' * 5_000, ['1', '2', '3']),  # Python refuses to read so many digits, with an error
    ],
)
def test_steps_are_moved_by_plain_buttons_and_nothing_is_saved(grace: Membership, do: str, waits: list[str]) -> None:
    response = post(grace, 'urgent', {'wait': '1'}, {'wait': '2'}, {'wait': '3'}, do=do)
    assert response.status_code == 200
    page = response.content.decode()
    for n, wait in enumerate(waits):
        assert f'name="rungs-{n}-wait" value="{wait}"' in page
    assert f'name="rungs-TOTAL_FORMS" value="{len(waits)}"' in page
    assert not EscalationPolicy.objects.exists()


def test_thousands_of_digits_for_a_number_of_steps_are_no_error_of_ours(grace: Membership) -> None:
    answer = post(grace, 'urgent', {'wait': '1'}, do='add', **{'rungs-TOTAL_FORMS': '9' * 5_000})
    assert answer.status_code == 200


def test_wrong_words_survive_a_move(grace: Membership) -> None:
    page = text(post(grace, 'urgent', {'wait': 'soon'}, {'wait': '2'}, do='down-0', rounds='many'))
    assert 'value="soon"' in page
    assert 'value="many"' in page


def test_no_more_than_twelve_steps(grace: Membership) -> None:
    rows: list[dict[str, Any]] = [dict(ROW) for _ in range(12)]
    assert len(rearranged(rows, 'add')) == 12
    assert 'Add a step' not in text(post(grace, 'urgent', *rows, do='up-1'))


def test_what_vigil_comes_with_is_filled_in_but_not_saved(grace: Membership, riverside: Clinic) -> None:
    post(grace, 'emergency', {'who': 'lead'})
    page = text(post(grace, 'emergency', {'who': 'lead'}, do='defaults'))
    assert page.count('<legend class="rung-title"') == len(default_ladder(Tier.EMERGENCY).rungs)
    assert [rung.who.value for rung in ladder_of(riverside, Tier.EMERGENCY).rungs] == ['lead']


def test_a_tier_that_makes_no_alerts_has_no_page(grace: Membership) -> None:
    assert client_of(grace).get(f'{PAGE}monitor/').status_code == 404


def test_another_clinic_is_left_alone(grace: Membership, lakeside: Clinic) -> None:
    post(grace, 'urgent', {'who': 'lead'})
    assert ladder_of(lakeside, Tier.URGENT) == default_ladder(Tier.URGENT)


def test_the_page_asks_the_same_however_many_people_there_are(
    riverside: Clinic, grace: Membership, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        cast.make_member(riverside, f'Nurse{number} Lind', on_call=True)
    with django_assert_max_num_queries(8):
        cards_of(riverside, now=NOW)


@pytest.mark.parametrize('tier', ['emergency', 'urgent'])
def test_a_red_ladder_needs_a_step_that_holds_at_any_hour(grace: Membership, tier: str) -> None:
    answer = post(grace, tier, {'when': 'open'}, {'when': 'closed', 'wait': '5'})
    assert answer.status_code == 422
    assert 'At least one step has to hold at any hour.' in text(answer)
    assert not EscalationPolicy.objects.exists()
    assert post(grace, tier, {'when': 'open'}, {'wait': '5'}).status_code == 302


def test_a_same_day_ladder_climbs_by_day_alone_and_needs_none(grace: Membership) -> None:
    assert post(grace, 'same_day', {'when': 'open'}).status_code == 302
