"""The replay's pages: asked for, watched without JavaScript, read, opened entry by entry, by admins of the clinic alone."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from alerts.models import Replay, ReplayCase, ReplayFlag, ReplayState, RuleSet
from alerts.services.rules import drafting, replay_run, replaying
from alerts.services.rules.replaying import NoSuchDays
from clinic.models import Clinic, Membership, Patient
from tests import cast
from tests.alerts.conftest import BREATHLESS, FEVER, SICK, TIRED, told_us
from tests.alerts.rules.replay_stage import asked, draft_of, run, told_by
from tests.cast import NOW, client_of, make_member
from tests.poisoned import poison

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content', 'now')]
HOUR = timedelta(hours=1)


@pytest.fixture
def draft(riverside: Clinic, grace: Membership, ana: Patient, ben: Patient) -> RuleSet:
    """Ana had a fever and was tired, Ben was sick; the draft drops the fever and looks at sickness the same day."""
    told_us(ana, FEVER, at=NOW - 48 * HOUR)
    told_us(ana, TIRED, at=NOW - 20 * HOUR)
    told_us(ben, SICK, at=NOW - 3 * HOUR)
    return draft_of(riverside, grace.user, {'R02': None, 'R02S': None, 'M01': {'tier': 'same_day'}})


@pytest.fixture
def done(draft: RuleSet, grace: Membership) -> Replay:
    return run(asked(draft, grace.user))


def words(response) -> str:
    text = re.sub(r'<[^>]+>', ' ', response.content.decode())
    return re.sub(r'\s+', ' ', text)


def test_an_admin_asks_for_the_last_90_days_and_is_shown_how_far_it_is(draft, grace):
    client = client_of(grace)
    page = client.get(reverse('alerts:replays', args=[draft.pk]))
    assert 'value="2026-08-19"' in page.content.decode()
    answer = client.post(page.wsgi_request.path, {'since': '2026-08-19', 'until': '2026-11-16'}, follow=True)
    replay = Replay.objects.get()
    assert answer.redirect_chain == [(reverse('alerts:replay', args=[replay.pk]), 302)]
    assert 'It waits for its turn' in words(answer)
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    run(replay)
    assert 'In short' in words(client.get(reverse('alerts:replay', args=[replay.pk])))


def test_the_draft_says_whether_what_it_says_now_was_replayed(draft, grace):
    client, page = client_of(grace), reverse('alerts:rule_set', args=[draft.pk])
    assert 'Nobody has replayed it yet as it reads now.' in words(client.get(page))
    replay = run(asked(draft, grace.user))
    said = client.get(page).content.decode()
    assert f'href="{reverse("alerts:replay", args=[replay.pk])}"' in said
    assert 'Nobody has replayed it yet' not in said
    draft.refresh_from_db()
    after = draft.content['rules']['R04'] | {'tier': 'emergency'}
    drafting.change_rule(draft=draft, rule='R04', after=after, by=grace.user, seen=draft.edits, now=NOW)
    assert 'Nobody has replayed it yet as it reads now.' in words(client.get(page))


def test_asking_twice_is_one_replay(draft, grace):
    client, path = client_of(grace), reverse('alerts:replays', args=[draft.pk])
    days = {'since': '2026-11-01', 'until': '2026-11-16'}
    assert client.post(path, days).url == client.post(path, days).url
    assert Replay.objects.count() == 1


@pytest.mark.parametrize(
    ('since', 'until', 'said'),
    [
        ('2026-11-10', '2026-11-01', 'comes after the last one'),
        ('2026-11-10', '2026-11-17', 'still to come'),
        ('2020-01-01', '2026-11-16', 'two years or less'),
        ('', '2026-11-16', 'Choose a day'),
    ],
)
def test_days_that_cannot_be_are_told_at_their_field(draft, grace, since, until, said):
    answer = client_of(grace).post(reverse('alerts:replays', args=[draft.pk]), {'since': since, 'until': until})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not Replay.objects.exists()


def test_the_service_refuses_such_days_too(draft, grace):
    for since, until in ((NOW.date(), NOW.date() + timedelta(days=1)), (NOW.date(), NOW.date() - timedelta(days=1))):
        with pytest.raises(NoSuchDays):
            asked(draft, grace.user, since=since, until=until)


def test_the_result_says_the_few_figures_that_matter_first(done, grace):
    said = words(client_of(grace).get(reverse('alerts:replay', args=[done.pk])))
    assert 'Would have flagged 1 entry more and 1 fewer.' in said
    assert 'Patients flagged at least once: 1 more, 0 fewer.' in said
    assert 'From 3 entries; 2 patients have a flag' in said
    assert 'What is simulated, and how' in said


def test_cases_gained_and_lost_can_be_opened_with_the_evidence(done, grace, ana, ben):
    page = client_of(grace).get(reverse('alerts:replay', args=[done.pk]))
    gained = ReplayCase.objects.get(drafted=True, in_force=False)
    lost = ReplayCase.objects.get(drafted=False, in_force=True)
    assert (gained.patient, gained.tier, gained.rules) == (ben, 'same_day', ['M01'])
    assert (lost.patient, lost.tier) == (ana, 'urgent')
    for case, side in ((gained, 'In force: Look after yourself'), (lost, 'only in force')):
        path = reverse('alerts:replay_entry', args=[done.pk, case.revision_id])
        assert path in page.content.decode()
        opened = words(client_of(grace).get(path))
        assert case.patient.record_number in opened
        assert case.patient.name not in opened
        assert side in opened
    assert 'Feeling sick' in words(
        client_of(grace).get(reverse('alerts:replay_entry', args=[done.pk, gained.revision_id]))
    )


def test_only_who_is_a_nurse_as_well_reads_the_names(done, grace, riverside, ana):
    both = make_member(riverside, 'Nora Lind', is_admin=True, is_nurse=True)
    lost = ReplayCase.objects.get(drafted=False, in_force=True)
    for path in (
        reverse('alerts:replay', args=[done.pk]),
        reverse('alerts:replay_rule', args=[done.pk, 'R02']),
        reverse('alerts:replay_entry', args=[done.pk, lost.revision_id]),
    ):
        assert ana.name in words(client_of(both).get(path))
        said = words(client_of(grace).get(path))
        assert ana.name not in said
        assert ana.record_number in said


def test_the_flags_of_a_rule_are_listed(done, grace):
    said = words(client_of(grace).get(reverse('alerts:replay_rule', args=[done.pk, 'R02'])))
    assert '0 flags gained, 1 lost' in said
    assert client_of(grace).get(reverse('alerts:replay_rule', args=[done.pk, 'X99'])).status_code == 404


def test_the_single_flags_of_an_older_replay_go_and_its_figures_and_cases_stay(done, draft, grace):
    newer = run(asked(draft, grace.user))
    replaying.sweep(now=NOW)
    assert not ReplayFlag.objects.filter(replay=done).exists()
    assert ReplayFlag.objects.filter(replay=newer).exists()
    assert done.cases.exists()
    said = words(client_of(grace).get(reverse('alerts:replay_rule', args=[done.pk, 'R02'])))
    assert 'kept of the newest replay' in said


def test_an_edited_draft_and_other_rules_in_force_make_it_out_of_date(done, draft, grace, riverside):
    client, path = client_of(grace), reverse('alerts:replay', args=[done.pk])
    assert 'earlier wording' not in words(client.get(path))
    draft.refresh_from_db()
    drafting.change_rule(draft=draft, rule='C02', after=None, by=grace.user, seen=draft.edits, now=NOW)
    assert 'earlier wording' in words(client.get(path))


def test_a_cancelled_replay_says_so_and_leaves_nothing(draft, grace):
    client, replay = client_of(grace), asked(draft, grace.user)
    answer = client.post(reverse('alerts:replay_cancel', args=[replay.pk]), follow=True)
    assert 'Cancelled' in words(answer)
    assert not replay_run.work(replay_id=replay.pk, for_seconds=9, clock=timezone.now)
    replaying.sweep(now=NOW)
    assert not ReplayFlag.objects.exists()
    assert not replay.batches.exists()


def test_a_replay_of_what_is_in_force_says_that_nothing_differs(riverside, grace, ana):
    told_us(ana, FEVER, at=NOW - 48 * HOUR)
    replay = run(asked(draft_of(riverside, grace.user), grace.user))
    said = words(client_of(grace).get(reverse('alerts:replay', args=[replay.pk])))
    assert 'Not one flag would have been another.' in said


def test_csv_has_the_figures_and_no_patient(done, grace):
    text = client_of(grace).get(reverse('alerts:replay_csv', args=[done.pk])).content.decode('utf-8-sig')
    assert 'M01,' in text
    assert '2026-11-16,0,1' in text
    assert 'Ana' not in text


def test_another_clinic_finds_none_of_it(done, draft, lakeside):
    stranger = client_of(cast.make_member(lakeside, 'Maya Brook', is_admin=True))
    case = ReplayCase.objects.first()
    assert case is not None
    for name, args in (
        ('replays', [draft.pk]),
        ('replay', [done.pk]),
        ('replay_csv', [done.pk]),
        ('replay_rule', [done.pk, 'R02']),
        ('replay_entry', [done.pk, case.revision_id]),
    ):
        assert stranger.get(reverse(f'alerts:{name}', args=args)).status_code == 404
    assert stranger.post(reverse('alerts:replay_cancel', args=[done.pk])).status_code == 404


def test_an_entry_of_another_clinic_is_not_opened_through_a_replay(done, grace, olga):
    hers = told_us(olga, BREATHLESS, at=NOW - HOUR).revisions.get()
    assert client_of(grace).get(reverse('alerts:replay_entry', args=[done.pk, hers.pk])).status_code == 404


def test_the_fire_drills_patient_is_left_out(riverside, grace, ana):
    drill = cast.make_patient(riverside, 'Drill Patient', is_drill=True)
    told_us(drill, FEVER, at=NOW - 2 * HOUR)
    told_us(ana, FEVER, at=NOW - 3 * HOUR)
    replay = run(asked(draft_of(riverside, grace.user), grace.user))
    assert replay.figures['entries'] == 1
    assert set(ReplayFlag.objects.values_list('patient', flat=True)) == {ana.pk}


def test_an_entry_that_cannot_be_read_is_counted_and_holds_back_no_other(riverside, grace, ana):
    rubbish, misfit = (told_us(ana, FEVER, at=NOW - hours * HOUR) for hours in (40, 30))
    told_us(ana, FEVER, at=NOW - 3 * HOUR)
    poison(rubbish)
    poison(misfit, {'answers': {'FEVER': {'version': 1, 'values': {'celsius': 'hot'}}}})
    replay = run(asked(draft_of(riverside, grace.user), grace.user))
    assert (replay.figures['entries'], replay.figures['unreadable']) == (3, 2)
    assert told_by(replay, 'drafted')


def test_a_replay_that_fails_at_the_same_place_again_and_again_ends(draft, grace, monkeypatch):
    replay = asked(draft, grace.user)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError('with what a patient wrote')

    monkeypatch.setattr(replay_run, 'write', broken)
    for _ in range(replay_run.MOST_STARTS):
        with pytest.raises(ZeroDivisionError):
            replay_run.work(replay_id=replay.pk, for_seconds=9, clock=timezone.now)
    assert not replay_run.work(replay_id=replay.pk, for_seconds=9, clock=timezone.now)
    replay.refresh_from_db()
    assert (replay.state, replay.error) == (ReplayState.FAILED, 'ZeroDivisionError')
    assert 'It could not be done' in words(client_of(grace).get(reverse('alerts:replay', args=[replay.pk])))


@pytest.mark.django_db(transaction=True)
def test_starts_that_find_every_batch_in_other_hands_do_not_fail_a_slow_replay(ana, grace, riverside, monkeypatch):
    told_us(ana, FEVER, at=NOW - 3 * HOUR)
    replay = asked(draft_of(riverside, grace.user), grace.user)
    with monkeypatch.context() as patch:
        patch.setattr(replay_run, 'write', lambda outcome: 1 / 0)
        with pytest.raises(ZeroDivisionError):  # it is planned, and one start has failed
            replay_run.work(replay_id=replay.pk, for_seconds=9, clock=timezone.now)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute('BEGIN')
        cursor.execute('SELECT 1 FROM alerts_replaybatch FOR UPDATE')
        for _ in range(replay_run.MOST_STARTS + 1):
            assert not replay_run.work(replay_id=replay.pk, for_seconds=9, clock=timezone.now)
        cursor.execute('ROLLBACK')
    other.close()
    assert run(replay).figures['entries'] == 1
