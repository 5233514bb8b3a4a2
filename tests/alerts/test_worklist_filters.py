"""What stands in which list of the worklist, what stands behind another row, and what is told of what came back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert, AlertEvent, AlertEventKind, Silence
from alerts.queries import worklist as queries_worklist
from alerts.queries.worklist import Choice, desk_of
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import open_alert
from tests.alerts.test_worklist import counted, key_in, listed, order
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def taken(alert: Alert, nurse: Membership, **fields: object) -> Alert:
    given = {'state': 'acknowledged', 'owner': nurse.user, 'acknowledged_at': NOW, 'due_at': NOW + HOUR} | fields
    Alert.objects.filter(pk=alert.pk).update(**given)
    alert.refresh_from_db()
    return alert


def came_back(alert: Alert, kind: AlertEventKind, **detail: object) -> None:
    Alert.objects.filter(pk=alert.pk).update(state='reopened')
    AlertEvent.objects.create(alert=alert, kind=kind, at=NOW, state='reopened', tier=alert.tier, detail=detail)


def test_a_tier_alone(ana: Patient, ben: Patient, rosa: Membership) -> None:
    open_alert(ana, tier='emergency')
    open_alert(ana, tier='same_day')
    open_alert(ben, tier='urgent')
    assert order(rosa, tier='urgent') == ['Ben urgent']
    assert order(rosa, 'unowned', 'emergency') == ['Ana emergency']
    # Her red row is not in this list, so it hides nothing.
    assert order(rosa, tier='same_day') == ['Ana same_day']
    assert counted(rosa).tiers == {'emergency': 1, 'urgent': 1, 'same_day': 1}


@pytest.mark.parametrize('given', [{'tier': 'monitor'}, {'tier': 'Urgent'}, {'whose': 'hidden'}])
def test_a_filter_that_means_nothing_is_no_page(rosa: Membership, given: dict[str, str]) -> None:
    assert client_of(rosa).get('/worklist/', given).status_code == 404


def test_my_team_is_my_care_teams_and_my_own_patients(
    riverside: Clinic, ana: Patient, ben: Patient, rosa: Membership, tom: Membership
) -> None:
    ben.care_team = cast.make_team(riverside, 'Lung', tom)
    ben.save()
    open_alert(ana)
    open_alert(ben)
    assert order(rosa, 'team') == ['Ana urgent']  # she is Ana's nurse
    assert order(tom, 'team') == ['Ben urgent']
    assert (counted(rosa).team, counted(tom).team, counted(tom).all) == (1, 1, 2)
    assert 'id="tab-team"' in listed(tom)


def test_who_is_in_no_team_has_no_tab_for_one(riverside: Clinic, ben: Patient) -> None:
    open_alert(ben)
    assert 'id="tab-team"' not in listed(cast.make_member(riverside, 'New Nurse'))


def test_red_hides_amber_of_the_same_patient_but_counts_it(ana: Patient, ben: Patient, rosa: Membership) -> None:
    open_alert(ana, tier='urgent')
    behind = open_alert(ana, tier='same_day')
    open_alert(ben, tier='same_day')
    assert order(rosa) == ['Ana urgent', 'Ben same_day']
    assert counted(rosa).all == 3
    text = listed(rosa)
    assert text.count('+ 1 same day') == 1
    assert f'href="/alerts/{behind.public_id}/"' in text
    assert f'id="row-{behind.public_id}"' not in text


def test_a_red_row_that_the_list_leaves_out_hides_nothing(ana: Patient, rosa: Membership, tom: Membership) -> None:
    taken(open_alert(ana, tier='urgent'), tom)
    taken(open_alert(ana, tier='same_day'), rosa)
    assert order(rosa, 'mine') == ['Ana same_day']
    assert order(rosa) == ['Ana urgent']


def test_what_is_snoozed_is_hidden_and_counted_as_that(ana: Patient, ben: Patient, rosa: Membership) -> None:
    open_alert(ana, tier='urgent')
    taken(open_alert(ana, tier='same_day'), rosa, state='snoozed', snoozed_until=NOW + timedelta(days=2))
    taken(open_alert(ben, tier='same_day'), rosa, state='snoozed', snoozed_until=NOW + timedelta(days=2))
    assert order(rosa) == ['Ana urgent']
    assert order(rosa, 'mine') == order(rosa, tier='same_day') == []
    assert (counted(rosa).all, counted(rosa).mine, counted(rosa).hidden) == (1, 0, 2)
    assert '+ 1 same day' not in listed(rosa)


def test_what_everybody_was_told_of_waits_in_the_review_list(ana: Patient, ben: Patient, rosa: Membership) -> None:
    alert = open_alert(ana, tier='same_day', review_since=NOW, due_at=None)
    open_alert(ben, tier='same_day')
    assert (order(rosa), order(rosa, 'review')) == (['Ben same_day'], ['Ana same_day'])
    assert (counted(rosa).all, counted(rosa).review, counted(rosa, 'review').tiers['same_day']) == (1, 1, 1)
    taken(alert, rosa, review_since=None)
    assert (order(rosa, 'review'), order(rosa, 'mine')) == ([], ['Ana same_day'])


def test_red_next_to_a_review_says_so(ana: Patient, rosa: Membership) -> None:
    open_alert(ana, tier='same_day', review_since=NOW, due_at=None)
    open_alert(ana, tier='urgent')
    assert '+ 1 same day' in listed(rosa)
    assert order(rosa, 'review') == ['Ana same_day']


def test_a_drill_is_in_no_list_and_no_count(ana: Patient, rosa: Membership) -> None:
    open_alert(ana, tier='urgent', is_drill=True)
    found = counted(rosa)
    assert [order(rosa, whose) for whose in queries_worklist.WHOSE] == [[]] * 5
    assert (found.all, found.red, found.late, found.version) == (0, 0, 0, '0.0.0.0.0')
    assert 'Ana Morales' not in listed(rosa)


@pytest.mark.parametrize(
    ('kind', 'detail', 'words'),
    [
        (AlertEventKind.REOPENED, {}, 'back: something new'),
        (AlertEventKind.RAISED, {}, 'back: something new'),
        (AlertEventKind.RETURNED, {'after': 60, 'from': 'acknowledged'}, 'back: nothing happened for 60 min'),
        (AlertEventKind.RETURNED, {'after': 240, 'from': 'contacted'}, 'back: nothing happened for 4 hours'),
        (AlertEventKind.WOKEN, {}, 'back: no longer hidden'),
        (AlertEventKind.UNDONE, {}, 'back: opened again'),
    ],
)
def test_what_came_back_says_why(
    ana: Patient, rosa: Membership, kind: AlertEventKind, detail: dict[str, object], words: str
) -> None:
    alert = taken(open_alert(ana), rosa)
    AlertEvent.objects.create(
        alert=alert, kind=AlertEventKind.UNDONE, at=NOW, state='open', tier='urgent', actor=rosa.user
    )
    if kind == AlertEventKind.UNDONE:
        Alert.objects.filter(pk=alert.pk).update(state='reopened')
    else:
        came_back(alert, kind, **detail)
    text = listed(rosa)
    assert words in text
    assert 'was with Rosa Diaz' in text


def test_the_head_counts_what_is_elsewhere(ana: Patient, ben: Patient, rosa: Membership) -> None:
    taken(open_alert(ana, tier='same_day'), rosa, state='snoozed', snoozed_until=NOW + timedelta(days=2))
    open_alert(ben, tier='same_day', review_since=NOW, due_at=None)
    text = listed(rosa)
    assert '>Review <span class="count">1</span>' in text
    assert 'Hidden <span class="count">1</span>' in text


def test_a_patient_who_falls_silent_is_news(ana: Patient, rosa: Membership) -> None:
    key = key_in(listed(rosa))
    Silence.objects.create(
        patient=ana, clinic=ana.clinic, rule='C06', limit_hours=48, why='usual', since=NOW, due_by=NOW, found_at=NOW
    )
    response = client_of(rosa).get('/worklist/rows/', {'key': key})
    assert response.status_code == 200
    assert 'Silent <span class="count">1</span>' in response.content.decode()


def test_the_title_counts_red_that_nobody_has(ana: Patient, ben: Patient, rosa: Membership) -> None:
    taken(open_alert(ana), rosa)
    assert '<title>Worklist' in listed(rosa)
    open_alert(ben, tier='emergency')
    assert '<title>(1) Worklist' in listed(rosa, whose='mine')
    assert [call.split('@')[1] for call in counted(rosa, 'mine').calls] == [str(NOW.timestamp())]


def test_a_row_knows_how_many_seconds_are_left(ana: Patient, rosa: Membership) -> None:
    open_alert(ana, minutes=5)
    assert 'data-late-in="300"' in listed(rosa)


def test_links_keep_the_other_filter(ana: Patient, rosa: Membership) -> None:
    open_alert(ana)
    text = listed(rosa, whose='unowned', tier='urgent')
    assert 'href="?whose=mine&amp;tier=urgent"' in text
    assert 'href="?whose=unowned&amp;tier=emergency"' in text
    assert 'href="?whose=unowned"' in text  # the chosen tier once more lets it go


def test_pages_follow_what_is_shown(riverside: Clinic, rosa: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ('alerts.queries.worklist.PAGE', 'alerts.views.worklist.PAGE'):
        monkeypatch.setattr(place, 2)
    for number in range(3):
        patient = cast.make_patient(riverside, f'P{number} Lind', user=False)
        open_alert(patient, tier='same_day', at=NOW - number * MINUTE)
    assert 'page=2' not in listed(rosa, tier='urgent')
    assert '?whose=all&amp;tier=same_day&amp;page=2' in listed(rosa, tier='same_day')


def cost(nurse: Membership) -> int:
    with CaptureQueriesContext(connection) as seen:
        queries_worklist.worklist(desk_of(nurse), Choice(), now=NOW)
    return len(seen)


def test_the_cost_is_the_same_however_much_stands_in_the_list(
    riverside: Clinic, ana: Patient, rosa: Membership
) -> None:
    came_back(taken(open_alert(ana), rosa), AlertEventKind.RETURNED, after=60)
    open_alert(ana, tier='same_day')
    few = cost(rosa)
    for number in range(5):
        patient = cast.make_patient(riverside, f'P{number} Lind', user=False)
        came_back(taken(open_alert(patient), rosa), AlertEventKind.RETURNED, after=60)
        open_alert(patient, tier='same_day')
    assert cost(rosa) == few
