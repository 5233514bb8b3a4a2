"""The pages of a silent run: counts beside the real ones, entries that can be opened, begin and end."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from alerts.models import RuleSet, RuleSetEvent, SilentFlag
from alerts.pages.rules.trial import report_of
from alerts.queries.rules import trial_report
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules.trying import look
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import FEVER, SICK, TIRED, told_us
from tests.alerts.rules.silent_stage import (
    BEFORE,
    any_tiredness_is_an_emergency,
    breath_only_when_very_severe,
    in_force,
    make_set,
    on_trial,
)
from tests.cast import NOW, client_of
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content', 'grace', 'rosa', 'now'), pytest.mark.django_db]
LATER = NOW + timedelta(minutes=1)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r'\s+', ' ', unescape(re.sub('<[^>]*>', ' ', answer.content.decode())))


def without_fever_and_tiredness_first(rules: dict[str, Any]) -> None:
    """An own rule more, the default's fever rule gone, and its rule for tiredness in another tier: C05 counts the same-day ones."""
    any_tiredness_is_an_emergency(rules)
    del rules['R02']
    rules['S02'] = rules['S02'] | {'tier': 'urgent'}


@pytest.fixture
def draft(riverside: Clinic, ana: Patient, ben: Patient) -> RuleSet:
    """Two days of entries, looked at: three of Ana's, one of Ben's."""
    found = on_trial(riverside, without_fever_and_tiredness_first)
    for patient, answers, days in ((ana, TIRED, 0), (ana, FEVER, 1), (ana, SICK, 2), (ben, TIRED, 1)):
        told_us(patient, answers, at=NOW - timedelta(hours=20) + timedelta(hours=8 * days))
    look(now=NOW)
    return found


def counts(draft: RuleSet) -> dict[str, trial_report.RuleCount]:
    return {each.rule: each for each in trial_report.by_rule(draft)}


def test_each_rule_is_counted_beside_the_real_flags_of_the_same_rule_and_entry(draft: RuleSet) -> None:
    found = counts(draft)
    added, lost, moved = found['Z01'], found['R02'], found['S02']
    assert (added.draft, added.real, added.added, added.same) == (2, 0, 2, 0)
    assert (lost.draft, lost.real, lost.lost) == (0, 1, 1)
    assert (moved.draft, moved.real, moved.moved, moved.draft_tier, moved.real_tier) == (2, 2, 2, 'urgent', 'same_day')
    assert found['M01'].same == found['M01'].draft == found['M01'].real > 0


def test_flags_that_make_an_alert_are_told_by_day_per_day_and_per_100_entries(draft: RuleSet) -> None:
    report = report_of(draft, now=NOW + timedelta(days=1))
    alerting = {'emergency', 'urgent', 'same_day'}
    stored = SilentFlag.objects.filter(tier__in=alerting).count()
    assert report.looked.entries == 4
    assert sum(each.draft for each in report.latest) == report.draft.alerting == stored
    assert report.draft.per_100 == 100 * stored / 4
    assert report.draft.per_day == stored / 2  # it runs since two days
    assert [each.entries for each in report.latest] == [1, 3]  # the newest first
    assert len(report.picture.dots) == 4


def test_before_a_day_is_over_nothing_is_told_per_day(riverside: Clinic, ana: Patient) -> None:
    draft = on_trial(riverside, any_tiredness_is_an_emergency, since=NOW)
    told_us(ana, TIRED)
    look(now=LATER)
    assert report_of(draft, now=NOW + timedelta(hours=23)).draft.per_day is None


def test_days_are_the_clinics_own(riverside: Clinic, ana: Patient) -> None:
    """At 3:30 in UTC it is still the evening before in New York."""
    draft = on_trial(riverside, any_tiredness_is_an_emergency, since=NOW - timedelta(days=2))
    told_us(ana, TIRED, at=NOW.replace(hour=3, minute=30))
    look(now=NOW)
    (day,) = trial_report.by_day(draft)
    assert day.day == (NOW - timedelta(days=1)).date()


def test_an_entry_of_before_the_run_that_was_evaluated_again_counts_for_its_first_day(
    riverside: Clinic, ana: Patient
) -> None:
    entry = told_us(ana, TIRED, at=NOW - timedelta(days=9))
    draft = on_trial(riverside, any_tiredness_is_an_emergency, since=BEFORE)
    entry_evaluated = entry.revisions.get().evaluations
    entry_evaluated.update(pending_since=NOW)
    evaluate_pending(now=NOW)
    look(now=LATER)
    (day,) = trial_report.by_day(draft)
    assert day.day == BEFORE.date()


def test_the_page_says_since_when_how_much_and_which_entries_differ(draft: RuleSet, grace: Membership) -> None:
    said = text(client_of(grace), f'/clinic/rules/{draft.pk}/trial/')
    assert 'Runs silently since Sunday 15 November 2026, 9:00.' in said.replace('09:00', '9:00')
    assert 'Nobody is told of what stands here.' in said
    assert 'Entries looked at 4' in said
    assert 'only the draft Z01' in said
    assert 'only in force C05, R02' in said
    assert 'R-1001' in said
    assert 'Ana Morales' not in said


@pytest.mark.parametrize(
    ('query', 'entries'),
    [
        ('', 4),
        ('?show=added', 2),
        ('?show=lost', 2),
        ('?show=lost&rule=R02', 1),
        ('?rule=M01', 0),
        ('?show=all', 4),
        ('?show=added&rule=R02', 0),
        ('?show=all&rule=Z01', 2),
    ],
)
def test_the_list_shows_what_was_asked_for(draft: RuleSet, grace: Membership, query: str, entries: int) -> None:
    answer = client_of(grace).get(f'/clinic/rules/{draft.pk}/trial/{query}')
    assert len(answer.context['listed'].rows) == entries


@pytest.mark.parametrize(
    'query', ['?show=nothing', '?page=0', '?page=x', '?page=²', '?page=99999999999', f'?page={"9" * 5000}']
)
def test_what_is_no_list_is_no_page(draft: RuleSet, grace: Membership, query: str) -> None:
    assert client_of(grace).get(f'/clinic/rules/{draft.pk}/trial/{query}').status_code == 404


def test_a_long_list_goes_on_from_page_to_page(
    draft: RuleSet, grace: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('alerts.pages.rules.trial.PAGE', 2)
    admin, seen = client_of(grace), []
    for number in (1, 2):
        listed = admin.get(f'/clinic/rules/{draft.pk}/trial/?show=all&page={number}').context['listed']
        seen += [row.entry.pk for row in listed.rows]
        assert listed.has_more == (number == 1)
    assert len(set(seen)) == 4


def test_an_entry_opens_with_the_evidence_of_both_sides_and_a_name_for_nurses_alone(
    draft: RuleSet, grace: Membership, rosa: Membership, ana: Patient
) -> None:
    entry = SilentFlag.objects.filter(rule='Z01', patient=ana).get().revision.entry
    path = f'/clinic/rules/{draft.pk}/trial/{entry.public_id}/'
    said = text(client_of(grace), path)
    assert 'The draft would flag' in said
    assert 'only here' in said
    assert 'Any tiredness' in said
    assert '/content/Z01/' not in client_of(grace).get(path).content.decode()  # it is in no rules in force
    assert 'moderate (the rule asks for mild or worse)' in said
    assert 'Ana Morales' not in said
    assert 'Ana Morales' in text(client_of(rosa), path)


def test_an_entry_that_was_not_looked_at_says_so(draft: RuleSet, grace: Membership, ana: Patient) -> None:
    entry = told_us(ana, TIRED, check=False)
    said = text(client_of(grace), f'/clinic/rules/{draft.pk}/trial/{entry.public_id}/')
    assert 'This run has not looked at what counts of this entry now.' in said


def test_strangers_find_neither_the_run_nor_its_entries(
    draft: RuleSet, sam: Membership, olga: Patient, grace: Membership
) -> None:
    entry = SilentFlag.objects.filter(rule='Z01').first()
    assert entry is not None
    of_ours, of_theirs = entry.revision.entry, told_us(olga, TIRED)
    for path in ('', f'{of_ours.public_id}/'):
        assert client_of(sam).get(f'/clinic/rules/{draft.pk}/trial/{path}').status_code == 404
    assert client_of(grace).get(f'/clinic/rules/{draft.pk}/trial/{of_theirs.public_id}/').status_code == 404


def test_entries_that_could_not_be_looked_at_are_told(draft: RuleSet, ana: Patient, grace: Membership) -> None:
    poison(told_us(ana, TIRED, at=LATER))
    for n in range(4):
        look(now=LATER + n * timedelta(minutes=11))
    said = text(client_of(grace), f'/clinic/rules/{draft.pk}/trial/')
    assert '1 entry could not be looked at' in said


def test_an_admin_begins_and_ends_a_run_and_both_stay_on_record(riverside: Clinic, grace: Membership) -> None:
    draft = make_set(riverside, any_tiredness_is_an_emergency, status='in_review')  # type: ignore[arg-type]
    admin, path = client_of(grace), f'/clinic/rules/{draft.pk}/trial/'
    assert 'Nobody is told of it' in text(admin, path)
    admin.post(path + 'begin/')
    assert RuleSet.objects.get(pk=draft.pk).on_trial
    assert 'No entry was looked at yet' in text(admin, path)
    admin.post(path + 'end/')
    assert not RuleSet.objects.get(pk=draft.pk).on_trial
    assert 'Ran silently from' in text(admin, path)
    kinds = RuleSetEvent.objects.filter(rule_set=draft).order_by('pk').values_list('kind', flat=True)
    assert list(kinds) == ['trial_begun', 'trial_ended']


def test_a_draft_that_nobody_approved_does_not_begin(riverside: Clinic, grace: Membership) -> None:
    draft = make_set(
        riverside,
        any_tiredness_is_an_emergency,
        status='draft',
        reviewed_at=None,
        reviewed_by=None,
        submitted_at=None,  # type: ignore[arg-type]
    )
    admin, path = client_of(grace), f'/clinic/rules/{draft.pk}/trial/'
    assert 'once a second person has approved it' in text(admin, path)
    answer = admin.post(path + 'begin/', follow=True)
    assert 'Only a draft that a second person has approved' in answer.content.decode()
    assert not RuleSet.objects.get(pk=draft.pk).on_trial


def test_the_shared_rules_have_a_page_and_cannot_be_tried(grace: Membership) -> None:
    shared = RuleSet.objects.get(clinic=None, status='published')
    admin, path = client_of(grace), f'/clinic/rules/{shared.pk}/trial/'
    assert 'It did not run silently' in text(admin, path)
    assert admin.post(path + 'begin/').status_code == 404


def test_a_set_that_sets_a_rule_aside_counts_where_it_would_have_fired(
    riverside: Clinic, ana: Patient, grace: Membership
) -> None:
    found = in_force(riverside, breath_only_when_very_severe, set_aside={'E01': 'Judged at home.'})
    told_us(ana, {'DYSPNEA': {'severity': 3}})
    look(now=LATER)
    assert 'E01 Judged at home. 1' in text(client_of(grace), f'/clinic/rules/{found.pk}/trial/')
