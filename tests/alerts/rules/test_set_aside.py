"""Emergency rules that a clinic has set aside: the reason, who decided it and when, wherever one would have fired."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from alerts.models import Alert, Evaluation, RuleSet, RuleSetStatus, SilentFlag
from alerts.services import advice as advising
from alerts.services.advice import advise
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules import aside
from alerts.services.rules.trying import look
from clinic.models import Clinic, Membership, Patient
from tests.alerts.conftest import FEVER, TIRED, told_us
from tests.alerts.rules.silent_stage import (
    BEFORE,
    admins,
    breath_only_when_very_severe,
    corrected,
    in_force,
    nothing_changed,
    without_breath,
)
from tests.cast import NOW, client_of
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content', 'grace', 'rosa', 'now'), pytest.mark.django_db]
LATER = NOW + timedelta(minutes=1)
REASON = 'Our patients have a nurse at home who judges their breath.'
DECIDED = 'Decided on 15 November 2026 by Grace Kim, reviewed by Hana Lee'
SEVERE: dict[str, dict[str, Any]] = {'DYSPNEA': {'severity': 3}}
VERY_SEVERE: dict[str, dict[str, Any]] = {'DYSPNEA': {'severity': 4}}


@pytest.fixture
def loosened(riverside: Clinic, grace: Membership) -> RuleSet:
    """At Riverside only the worst trouble breathing is an emergency; severe stays urgent, by another rule."""
    return in_force(riverside, breath_only_when_very_severe, set_aside={'E01': REASON})


def text(client: Client, path: str) -> str:
    """What a person reads on a page."""
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r'\s+', ' ', unescape(re.sub('<[^>]*>', ' ', answer.content.decode())))


def silently() -> list[str]:
    look(now=LATER)
    return list(SilentFlag.objects.filter(kind='set_aside').values_list('rule', flat=True))


# -- the patient ---------------------------------------------------------------------------------------------------------------


def test_the_patient_reads_at_once_what_the_sign_usually_means_and_who_decided_otherwise(
    loosened: RuleSet, ana: Patient
) -> None:
    entry = told_us(ana, SEVERE, check=False)
    said = text(client_of(ana), f'/entry/{entry.public_id}/advice/')
    assert 'Phone your team now' in said
    assert 'Severe or sudden trouble breathing' in said
    assert 'Usually this sign means: call 911 . Your clinic has chosen otherwise:' in said
    assert REASON in said
    assert DECIDED in said
    assert 'If in doubt, call 911' in said


def test_who_only_pressed_publish_is_not_said_to_have_decided_it(riverside: Clinic, ana: Patient) -> None:
    _grace, hana = admins(riverside)
    in_force(riverside, breath_only_when_very_severe, set_aside={'E01': REASON}, published_by=hana.user)
    (told,) = advise(entry=told_us(ana, SEVERE), now=LATER).set_aside
    assert told.decided == DECIDED


def test_a_sign_that_the_clinics_own_rule_still_calls_an_emergency_gets_no_such_word(
    loosened: RuleSet, ana: Patient
) -> None:
    entry = told_us(ana, VERY_SEVERE)
    said = text(client_of(ana), f'/entry/{entry.public_id}/advice/')
    assert 'Call 911 now' in said
    assert REASON not in said
    assert silently() == []


def test_who_is_sent_to_911_for_something_else_is_not_held_back_by_it(loosened: RuleSet, ana: Patient) -> None:
    entry = told_us(ana, SEVERE | {'SEIZURE': {'present': True}}, check=False)
    said = text(client_of(ana), f'/entry/{entry.public_id}/advice/')
    assert 'For this sign alone your clinic has chosen otherwise' in said
    assert 'You told us more than this sign: call 911 now.' in said
    assert 'If in doubt' not in said


def test_the_other_clinic_is_not_touched(loosened: RuleSet, olga: Patient) -> None:
    entry = told_us(olga, SEVERE)
    said = text(client_of(olga), f'/entry/{entry.public_id}/advice/')
    assert 'Call 999 now' in said
    assert 'has chosen otherwise' not in said
    assert silently() == []


def test_signs_that_the_shared_rules_do_not_call_an_emergency_either_get_no_word(
    loosened: RuleSet, ana: Patient
) -> None:
    entry = told_us(ana, {'DYSPNEA': {'severity': 2}})
    assert 'chosen otherwise' not in text(client_of(ana), f'/entry/{entry.public_id}/advice/')
    assert silently() == []


def test_a_rule_that_was_taken_out_is_told_as_the_shared_rules_have_it(riverside: Clinic, ana: Patient) -> None:
    in_force(riverside, without_breath, set_aside={'E01': REASON})
    (told,) = advise(entry=told_us(ana, SEVERE), now=LATER).set_aside
    assert (told.rule, told.title, told.reason) == ('E01', 'Severe or sudden trouble breathing', REASON)
    assert silently() == ['E01']


def test_a_rule_that_was_moved_to_a_calmer_tier_is_told(riverside: Clinic, ana: Patient) -> None:
    def only_urgent(rules: dict[str, Any]) -> None:
        rules['E01'] = rules['E01'] | {'tier': 'urgent'}

    in_force(riverside, only_urgent, set_aside={'E01': REASON})
    assert [told.rule for told in advise(entry=told_us(ana, SEVERE), now=LATER).set_aside] == ['E01']
    assert silently() == ['E01']


def test_a_rule_that_is_only_answered_later_is_told_to_the_staff_alone(riverside: Clinic, ana: Patient) -> None:
    """For the patient nothing is different: she is sent to 911."""

    def answered_later(rules: dict[str, Any]) -> None:
        rules['E01'] = rules['E01'] | {'acknowledge_within_minutes': 30}

    in_force(riverside, answered_later, set_aside={'E01': REASON})
    assert advise(entry=told_us(ana, SEVERE), now=LATER).set_aside == ()
    assert silently() == ['E01']


def test_the_entrys_own_page_tells_it_too(loosened: RuleSet, ana: Patient) -> None:
    entry = told_us(ana, SEVERE)
    assert REASON in text(client_of(ana), f'/entry/{entry.public_id}/')


def test_an_entry_that_was_judged_before_the_rule_was_set_aside_tells_nothing_on_its_page(
    riverside: Clinic, ana: Patient
) -> None:
    entry = told_us(ana, SEVERE)
    in_force(riverside, without_breath, set_aside={'E01': REASON}, at=LATER)
    assert REASON not in text(client_of(ana), f'/entry/{entry.public_id}/')


def test_a_failure_here_never_breaks_her_advice(
    loosened: RuleSet, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advising, 'set_aside_for', lambda **given: 1 / 0)
    entry = told_us(ana, SEVERE)
    for page in ('advice/', ''):
        said = text(client_of(ana), f'/entry/{entry.public_id}/{page}')
        assert REASON not in said
    assert 'Phone your team now' in text(client_of(ana), f'/entry/{entry.public_id}/advice/')


def test_where_her_clinics_rules_cannot_be_asked_the_shared_ones_are_all_the_same(
    loosened: RuleSet, ana: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advising, 'compute', lambda **given: 1 / 0)
    found = advise(entry=told_us(ana, SEVERE), now=LATER)
    assert found.tier == 'unchecked'
    assert [told.reason for told in found.set_aside] == [REASON]


def test_an_entry_that_nothing_can_read_has_its_page(loosened: RuleSet, ana: Patient) -> None:
    entry = told_us(ana, SEVERE)
    poison(entry)
    assert 'Not checked' in text(client_of(ana), f'/entry/{entry.public_id}/advice/')
    assert client_of(ana).get(f'/entry/{entry.public_id}/').status_code == 200


# -- the staff -----------------------------------------------------------------------------------------------------------------


def test_the_nurse_reads_it_on_every_screen_where_the_rule_would_have_fired(
    loosened: RuleSet, ana: Patient, rosa: Membership
) -> None:
    entry = told_us(ana, SEVERE)
    assert silently() == ['E01']
    alert, nurse = Alert.objects.get(), client_of(rosa)
    whole = (
        f'/alerts/{alert.public_id}/',
        '/hand-over/',
        f'/patients/{ana.public_id}/entries/{entry.public_id}/',
    )
    for path in whole:
        said = text(nurse, path)
        assert REASON in said, path
        assert DECIDED in said, path
    for path in ('/worklist/', f'/patients/{ana.public_id}/'):
        said = text(nurse, path)
        assert 'Set aside by the clinic: Severe or sudden trouble breathing' in said, path
        assert REASON in said, path
    assert 'to be answered within 5 minutes' in text(nurse, whole[0])


def test_an_open_worklist_hears_of_it_when_it_is_found_and_when_it_goes(
    loosened: RuleSet, ana: Patient, rosa: Membership
) -> None:
    entry = told_us(ana, SEVERE)
    keys = [key_at(rosa)]
    assert silently() == ['E01']
    keys.append(key_at(rosa))
    SilentFlag.objects.filter(revision__entry=entry).delete()
    keys.append(key_at(rosa))
    assert keys[0] != keys[1] != keys[2]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'alerts_silentflag'::regclass AND NOT tgisinternal"
        )
        assert {name for (name,) in cursor.fetchall()} == {'set_aside_found', 'set_aside_gone'}


def key_at(nurse: Membership) -> str:
    found = re.search(r'name="key" value="([^"]+)', client_of(nurse).get('/worklist/').content.decode())
    assert found
    return found[1]


def test_what_no_other_rule_flags_stands_in_the_hand_over_all_the_same(
    riverside: Clinic, ana: Patient, rosa: Membership
) -> None:
    def no_word_of_breath(rules: dict[str, Any]) -> None:
        for name in [name for name, rule in rules.items() if 'DYSPNEA' in str(rule) or 'any_severity' in str(rule)]:
            del rules[name]

    aside = dict.fromkeys(('E01',), REASON)
    in_force(riverside, no_word_of_breath, set_aside=aside)
    told_us(ana, SEVERE)
    assert silently() == ['E01']
    assert not Alert.objects.exists()
    assert REASON in text(client_of(rosa), '/hand-over/')


def test_another_patients_alert_and_a_later_one_do_not_show_it(
    loosened: RuleSet, ana: Patient, ben: Patient, rosa: Membership
) -> None:
    told_us(ana, SEVERE)
    told_us(ben, FEVER)
    silently()
    of_ben = Alert.objects.get(patient=ben, line='red')
    assert REASON not in text(client_of(rosa), f'/alerts/{of_ben.public_id}/')


def test_it_goes_when_the_entry_is_corrected(loosened: RuleSet, ana: Patient) -> None:
    entry = told_us(ana, SEVERE)
    assert silently() == ['E01']
    corrected(entry, ana, at=NOW + timedelta(hours=1))
    look(now=NOW + timedelta(hours=2))
    assert not SilentFlag.objects.exists()


def test_an_entry_under_a_retired_set_is_looked_at_again_when_it_is_evaluated_again(
    riverside: Clinic, loosened: RuleSet, ana: Patient
) -> None:
    entry = told_us(ana, SEVERE)
    silently()
    RuleSet.objects.filter(pk=loosened.pk).update(status=RuleSetStatus.RETIRED, retired_at=LATER)
    in_force(riverside, nothing_changed, at=LATER)
    SilentFlag.objects.all().delete()
    Evaluation.objects.filter(revision__entry=entry).update(pending_since=NOW + timedelta(hours=1))
    evaluate_pending(now=NOW + timedelta(hours=1))
    look(now=NOW + timedelta(hours=2))
    assert SilentFlag.objects.get().rule_set == loosened


def test_a_reason_that_a_later_version_took_over_was_decided_when_it_was_first_given(
    riverside: Clinic, ana: Patient
) -> None:
    first = in_force(riverside, without_breath, set_aside={'E01': REASON}, at=BEFORE - timedelta(days=30))
    RuleSet.objects.filter(pk=first.pk).update(status=RuleSetStatus.RETIRED, retired_at=BEFORE)
    in_force(riverside, without_breath, set_aside={'E01': REASON})
    (told,) = advise(entry=told_us(ana, SEVERE), now=LATER).set_aside
    assert told.decided.startswith('Decided on 16 October 2026 by Grace Kim')


def test_a_new_reason_is_a_new_decision(riverside: Clinic, ana: Patient) -> None:
    first = in_force(riverside, without_breath, set_aside={'E01': 'Another.'}, at=BEFORE - timedelta(days=30))
    RuleSet.objects.filter(pk=first.pk).update(status=RuleSetStatus.RETIRED, retired_at=BEFORE)
    in_force(riverside, without_breath, set_aside={'E01': REASON})
    (told,) = advise(entry=told_us(ana, SEVERE), now=LATER).set_aside
    assert told.decided == DECIDED


def test_a_clinic_that_set_nothing_aside_pays_nothing(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the patient's history is read a second time."""
    read: list[Any] = []
    monkeypatch.setattr(aside, 'history_of', lambda *args, **given: read.append(args))
    assert advise(entry=told_us(ana, TIRED), now=LATER).set_aside == ()
    assert silently() == []
    assert read == []


def test_the_fire_drill_leaves_no_word(loosened: RuleSet, ana: Patient) -> None:
    Patient.objects.filter(pk=ana.pk).update(is_drill=True)
    told_us(ana, SEVERE)
    assert silently() == []
