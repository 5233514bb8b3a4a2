"""The receipt says only what happened: saved, checked, seen, answered."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from alerts.models import Alert, AlertEvent, Evaluation, Notification
from alerts.pages.receipts import receipt_of
from alerts.services import working
from alerts.services.evaluation import evaluate_pending
from clinic.models import Membership, Patient
from diary.models import Entry
from tests.alerts.conftest import FEVER, SICK, TIRED, alert_of, told_us
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE = timedelta(minutes=1)


def steps(entry: Entry, now: datetime = NOW + MINUTE) -> list[tuple[str, str, str]]:
    return [(step.state, step.title, step.when) for step in receipt_of(entry, now=now).steps]


def test_first_it_is_saved_and_being_checked(ana: Patient) -> None:
    assert steps(told_us(ana, FEVER, check=False)) == [
        ('done', 'Saved', 'today at 9:00'),
        ('waiting', 'Being checked', ''),
    ]


def test_the_promise_stands_there_before_the_check_has_come(ana: Patient) -> None:
    receipt = receipt_of(told_us(ana, FEVER, check=False), now=NOW, promised=NOW + 60 * MINUTE)
    assert receipt.steps[-1].title == 'Your team aims to look by 10:00'


def test_a_check_that_does_not_come_says_phone_and_promises_nothing(ana: Patient) -> None:
    receipt = receipt_of(told_us(ana, FEVER, check=False), now=NOW + 3 * MINUTE, promised=NOW + 60 * MINUTE)
    assert [(step.state, step.title) for step in receipt.steps] == [('done', 'Saved'), ('late', 'Not checked yet')]
    assert '(212) 555-0100' in receipt.steps[1].when


def test_an_entry_without_a_ledger_row_is_not_called_checked(ana: Patient) -> None:
    entry = told_us(ana, FEVER, check=False)
    Evaluation.objects.all().delete()
    assert [title for _, title, _ in steps(entry)] == ['Saved', 'Being checked']


def test_what_asks_for_nobody_ends_with_checked(ana: Patient) -> None:
    receipt = receipt_of(told_us(ana, SICK), now=NOW + MINUTE)
    assert [step.title for step in receipt.steps] == ['Saved', 'Checked']
    assert receipt.settled


def test_an_alert_says_by_when_it_is_seen(ana: Patient) -> None:
    assert steps(told_us(ana, FEVER))[2:] == [
        ('waiting', 'Your team aims to look by 10:00', ''),
        ('waiting', 'Answer from your team', ''),
    ]


def test_a_broken_promise_is_told_with_the_number_to_phone(ana: Patient) -> None:
    state, title, when = steps(told_us(ana, FEVER), NOW + 61 * MINUTE)[2]
    assert (state, title) == ('late', 'Not seen yet')
    assert when == 'Your team wanted to look by 10:00. Phone (212) 555-0100.'


def test_seen_spoken_and_answered_each_with_its_time(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    alert = alert_of(entry)
    working.acknowledge(alert=alert, by=rosa.user, now=NOW + 5 * MINUTE)
    assert steps(entry)[2] == ('done', 'Seen by your team', 'today at 9:05')
    working.note_contact(alert=alert, by=rosa.user, now=NOW + 6 * MINUTE, reached=False)
    assert steps(entry)[3] == ('waiting', 'Answer from your team', 'They tried to reach you today at 9:06.')
    working.note_contact(alert=alert, by=rosa.user, now=NOW + 9 * MINUTE, reached=True)
    assert steps(entry)[3] == ('done', 'Your team spoke with you', 'today at 9:09')
    working.resolve(alert=alert, by=rosa.user, now=NOW + 20 * MINUTE, outcome='appointment')
    assert steps(entry)[3] == ('done', 'Answered: an appointment', 'today at 9:20')
    assert receipt_of(entry, now=NOW).settled


def test_who_could_not_be_reached_is_asked_to_phone(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    working.resolve(alert=alert_of(entry), by=rosa.user, now=NOW + MINUTE, outcome='not_reached')
    assert steps(entry)[3][1] == 'Your team could not reach you. Please phone them'


def test_what_joins_a_case_that_somebody_works_is_not_called_seen(ana: Patient, rosa: Membership) -> None:
    first = told_us(ana, TIRED, at=NOW - timedelta(days=1))
    working.acknowledge(alert=alert_of(first, 'same_day'), by=rosa.user, now=NOW - timedelta(hours=20))
    second = told_us(ana, TIRED)
    assert Alert.objects.get(tier='same_day').state == 'acknowledged'
    assert [title for _, title, _ in steps(second)][2] == 'With your team'
    assert [title for _, title, _ in steps(first)][2] == 'Seen by your team'


def test_an_answer_to_an_earlier_entry_is_no_answer_to_this_one(ana: Patient, rosa: Membership) -> None:
    first = told_us(ana, FEVER, at=NOW - timedelta(days=2))
    working.resolve(alert=alert_of(first), by=rosa.user, now=NOW - timedelta(days=1), outcome='self_care')
    second = told_us(ana, FEVER)
    assert [state for state, *_ in steps(second)][2:] == ['waiting', 'waiting']


def test_the_page_asks_until_all_is_said(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER, check=False)
    path = f'/entry/{entry.public_id}/advice/receipt/'
    assert 'hx-trigger="every 2s"' in client_of(ana).get(path).content.decode()
    evaluate_pending(now=NOW)
    assert 'hx-trigger="every 10s"' in client_of(ana).get(path).content.decode()
    working.resolve(alert=alert_of(entry), by=rosa.user, now=NOW, outcome='self_care')
    assert 'hx-get' not in client_of(ana).get(path).content.decode()


def rendered(source: str, **context: object) -> str:
    request = RequestFactory().get('/')
    request.now, request.htmx = NOW, HtmxDetails(request)  # type: ignore[attr-defined]
    return Template('{% load alerts_receipts %}' + source).render(Context({'request': request, **context}))


def test_the_diary_shows_receipts_and_tiers_by_tags(ana: Patient, django_assert_num_queries: object) -> None:
    entries = [told_us(ana, FEVER), told_us(ana, SICK, at=NOW - timedelta(days=6))]
    entries.append(told_us(ana, FEVER, at=NOW + MINUTE, check=False))
    source = '{% tiers_of entries as tiers %}{% for e in entries %}{% tier_name tiers e %} {% endfor %}'
    with django_assert_num_queries(1):  # type: ignore[operator]
        text = rendered(source + '{% worst_of tiers entries as worst %}{{ worst }}', entries=entries)
    assert text.split() == ['urgent', 'monitor', 'unchecked', 'urgent']
    assert 'Checked' in rendered('{% receipt entry %}', entry=entries[0])
    assert 'data-tier="urgent"' in rendered(
        '{% tiers_of entries as tiers %}{% entry_tier tiers entry %}', entry=entries[0], entries=entries
    )


def test_unchecked_never_looks_calm(ana: Patient) -> None:
    calm, unchecked = told_us(ana, SICK), told_us(ana, SICK, at=NOW + MINUTE, check=False)
    source = '{% tiers_of entries as tiers %}{% worst_of tiers entries as worst %}{{ worst }}'
    assert rendered(source, entries=[calm, unchecked]) == 'unchecked'


# -- what comes back, climbs, is opened again -----------------------------------------------------------------------------
def titles(entry: Entry, now: datetime) -> list[tuple[str, str]]:
    return [(state, title) for state, title, _ in steps(entry, now)][2:]


def climbed(entry: Entry, at: datetime, *, status: str, by: Membership, again: int = 0) -> None:
    """The ladder told somebody, and `status` is what came of the message, a minute later."""
    alert, detail = alert_of(entry), {'reached': 1, 'round': again}
    event = AlertEvent.objects.create(alert=alert, kind='escalated', state='open', tier='urgent', at=at, detail=detail)
    sent = at + MINUTE if status == 'sent' else None
    message = {'key': f'event:{event.pk}', 'event': event, 'recipient': by.user, 'channel': 'email', 'path': '/'}
    Notification.objects.create(**message, status=status, created_at=at, next_try_at=at, sent_at=sent)


@pytest.mark.parametrize('status', ['waiting', 'failed', 'not_needed'])
def test_a_message_that_did_not_go_out_is_not_told(ana: Patient, rosa: Membership, status: str) -> None:
    entry = told_us(ana, FEVER)
    climbed(entry, NOW + 40 * MINUTE, status=status, by=rosa)
    climbed(entry, NOW + 45 * MINUTE, status=status, by=rosa, again=1)
    assert [title for _, title in titles(entry, NOW + 46 * MINUTE)] == [
        'Your team aims to look by 10:00',
        'Answer from your team',
    ]


def test_when_nobody_takes_it_she_reads_that_more_people_were_told(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    later = NOW + 40 * MINUTE
    climbed(entry, later, status='sent', by=rosa)
    assert steps(entry, later + 2 * MINUTE)[2:4] == [
        ('done', 'We have told more people', 'today at 9:41'),
        ('waiting', 'Your team aims to look by 10:00', ''),
    ]
    climbed(entry, later + 30 * MINUTE, status='sent', by=rosa, again=1)
    assert titles(entry, later + 31 * MINUTE)[:2] == [('done', 'We told your team again'), ('late', 'Not seen yet')]
    working.acknowledge(alert=alert_of(entry), by=rosa.user, now=later + 32 * MINUTE)
    assert titles(entry, later + 33 * MINUTE)[0] == ('done', 'Seen by your team')


def came_back(entry: Entry, kind: str, at: datetime, by: datetime) -> None:
    alert = alert_of(entry)
    Alert.objects.filter(pk=alert.pk).update(state='reopened', waiting_since=at, acknowledge_by=by)
    AlertEvent.objects.create(alert=alert, kind=kind, at=at, state='reopened', tier='urgent', detail={'after': 60})


def test_seen_and_then_forgotten_she_reads_that_it_is_back_on_the_list(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    working.acknowledge(alert=alert_of(entry), by=rosa.user, now=NOW + 5 * MINUTE)
    came_back(entry, 'returned', NOW + 65 * MINUTE, NOW + 125 * MINUTE)
    now = NOW + 70 * MINUTE
    assert steps(entry, now)[2:] == [
        ('done', 'Seen by your team', 'today at 9:05'),
        (
            'waiting',
            'Your team aims to look again by 11:05',
            'Nobody has answered yet, so it is back on their list.',
        ),
        ('waiting', 'Answer from your team', ''),
    ]
    late = steps(entry, NOW + 126 * MINUTE)[3]
    assert late == ('late', 'Not seen again yet', 'Your team wanted to look again by 11:05. Phone (212) 555-0100.')


def test_what_came_back_after_a_talk_keeps_the_talk(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    working.note_contact(alert=alert_of(entry), by=rosa.user, now=NOW + 5 * MINUTE, reached=True)
    came_back(entry, 'returned', NOW + 300 * MINUTE, NOW + 360 * MINUTE)
    assert titles(entry, NOW + 301 * MINUTE) == [
        ('done', 'Seen by your team'),
        ('done', 'Your team spoke with you'),
        ('waiting', 'Your team aims to look again by 15:00'),
    ]


def test_what_was_closed_too_soon_is_no_answer_any_more(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    alert = alert_of(entry)
    working.resolve(alert=alert, by=rosa.user, now=NOW + 5 * MINUTE, outcome='self_care')
    working.undo(alert=alert, by=rosa.user, now=NOW + 10 * MINUTE)
    found = steps(entry, NOW + 11 * MINUTE)[2:]
    assert found[0] == ('done', 'Seen by your team', 'today at 9:05')
    assert found[1][2] == 'They opened it again today at 9:10.'
    assert found[2] == ('waiting', 'Answer from your team', '')
    assert not receipt_of(entry, now=NOW + 11 * MINUTE).settled


def test_news_of_hers_brings_the_earlier_entry_back_to_the_list_too(ana: Patient, rosa: Membership) -> None:
    first = told_us(ana, FEVER)
    working.acknowledge(alert=alert_of(first), by=rosa.user, now=NOW + 5 * MINUTE)
    second = told_us(ana, FEVER, at=NOW + 20 * MINUTE)
    now = NOW + 21 * MINUTE
    assert steps(first, now)[3] == (
        'waiting',
        'Your team aims to look again by 10:20',
        'Something new came since then.',
    )
    assert titles(second, now) == [('waiting', 'Your team aims to look by 10:20'), ('waiting', 'Answer from your team')]


def test_a_later_entry_that_joins_an_older_case_has_its_own_promise(ana: Patient) -> None:
    """The older one is past its time, the later one came a minute ago: it is promised an hour, like any other."""
    first = told_us(ana, FEVER)
    second = told_us(ana, FEVER, at=NOW + 70 * MINUTE)
    assert alert_of(first).acknowledge_by == NOW + 60 * MINUTE
    now = NOW + 71 * MINUTE
    assert titles(second, now)[0] == ('waiting', 'Your team aims to look by 11:10')
    assert titles(first, now)[0] == ('late', 'Not seen yet')


def test_a_planned_call_is_told_until_its_time(ana: Patient, rosa: Membership) -> None:
    entry = told_us(ana, FEVER)
    working.acknowledge(alert=alert_of(entry), by=rosa.user, now=NOW + MINUTE)
    Alert.objects.update(call_back_at=NOW + 180 * MINUTE)
    assert titles(entry, NOW + 2 * MINUTE)[-1] == ('waiting', 'They plan to speak with you again today at 12:00')
    assert titles(entry, NOW + 181 * MINUTE)[-1] == ('waiting', 'Answer from your team')


def test_read_again_a_day_later_nobody_looks_at_it_yesterday(ana: Patient) -> None:
    entry = told_us(ana, TIRED)
    client, path = client_of(ana), f'/entry/{entry.public_id}/advice/'
    assert 'Your team looks at this today' in client.get(path).content.decode()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        text = client.get(path).content.decode()
    assert 'yesterday' not in text.split('id="next"')[0].split('advice-title')[1].split('</h1>')[0]
    assert 'This was for your team to look at' in text
