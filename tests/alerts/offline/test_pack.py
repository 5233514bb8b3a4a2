"""The pack that the phone keeps: who gets it, what is in it and what is not, and that its advice is the server's."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page

from alerts.engine.portable import micros
from alerts.models import RuleSet, RuleSetStatus
from alerts.pages import offline
from alerts.pages.offline import pack_of
from alerts.services.advice import UNCHECKED
from alerts.services.advice import advise as server_advice
from clinic.models import Caregiver, Clinic, Membership, Patient
from diary.models import Baseline, Context, Entry
from tests.alerts.rules.silent_stage import breath_only_when_very_severe, in_force
from tests.cast import NOW, client_of
from tests.diary.conftest import give_dose, write
from tests.poisoned import poison

pytestmark = [pytest.mark.usefixtures('content', 'now'), pytest.mark.timeout(600)]
URL = '/offline/pack/'
SECRET = 'my daughter said I look grey'
ADVISE = """async ({ pack, asked, now }) => {
    const { advise } = await import('/js/offline/advice.js');
    return asked.map(({ entry, unsent }) => {
        const { tier, node } = advise({ pack, entry, unsent }, now);
        const links = [...node.querySelectorAll('a')].map((link) => link.getAttribute('href'));
        return { tier, words: node.textContent.replace(/\\s+/g, ' '), links, mark: node.querySelector('use').getAttribute('href') };
    });
}"""
Form = dict[str, str]


def packed(patient: Patient) -> dict[str, Any]:
    assert patient.user is not None
    return json.loads(json.dumps(pack_of(patient=patient, user=patient.user, now=NOW)))


def kept(form: Form, *, kind: str = 'entry', id: str = '', hours_ago: float = 0) -> dict[str, Any]:
    """A form as the phone keeps it."""
    at = NOW - timedelta(hours=hours_ago)
    return {'id': id or str(uuid4()), 'kind': kind, 'written': micros(at) // 1000, 'fields': form}


def phone_says(
    page: Page, pack: dict[str, Any], *entries: dict[str, Any], unsent: Any = (), days_on: float = 0
) -> list[Any]:
    now = micros(NOW + timedelta(days=days_on)) // 1000
    asked = [{'entry': entry, 'unsent': list(unsent)} for entry in entries]
    found: list[Any] = page.evaluate(ADVISE, {'pack': pack, 'asked': asked, 'now': now})
    return found


# -- who gets it, and what is in it -----------------------------------------------------------------------------------------


def test_it_is_for_the_reader_alone_and_for_no_cache(ana: Patient, luis: Caregiver) -> None:
    for person in (ana, luis):
        response = client_of(person).get(URL)
        assert response['Cache-Control'] == 'private, no-store'
        assert (response.json()['user'], response.json()['patient']) == (str(person.user.pk), str(ana.public_id))


def test_it_has_the_pressing_rules_and_what_they_count_and_no_other(ana: Patient) -> None:
    tiers = {rule['id']: rule['tier'] for rule in packed(ana)['rules']}
    assert {tiers['E01'], tiers['R02'], tiers['C05'], tiers['R04S']} == {'emergency', 'urgent', 'same_day'}
    assert 'M01' not in tiers


def test_it_has_her_facts_and_not_her_words(ana: Patient, rosa: Membership) -> None:
    dose = give_dose(ana, 'checkpoint_inhibitor', days_ago=3, by=rosa.user)
    write(ana, {'OTHER': {'text': SECRET}, 'COUGH': {'severity': 1}})
    old = write(ana, {'COUGH': {'severity': 2}}, hours_ago=24 * 40)
    pack = packed(ana)
    assert pack['facts']['doses'] == [['checkpoint_inhibitor', micros(dose.given_at)]]
    (entry,) = pack['facts']['entries']
    assert entry['answers']['COUGH'] == {'severity': 1}
    assert SECRET not in json.dumps(pack)
    assert str(old.public_id) not in json.dumps(pack)


def test_an_entry_that_cannot_be_read_is_left_out_and_the_others_stay(ana: Patient) -> None:
    good, bad = write(ana, {'COUGH': {'severity': 1}}), write(ana, {'COUGH': {'severity': 2}}, hours_ago=30)
    poison(bad, {'answers': {'COUGH': {'version': 1, 'values': {'severity': 'a lot'}}}, 'measurements': {}})
    assert [entry['public'] for entry in packed(ana)['facts']['entries']] == [str(good.public_id)]


def test_it_speaks_the_language_of_the_page(ana: Patient) -> None:
    with translation.override('es'):
        pack = packed(ana)
    assert pack['lang'] == 'es'
    assert '911' in pack['words']['emergency']
    assert pack['words']['emergency'] != packed(ana)['words']['emergency']


# -- the same advice --------------------------------------------------------------------------------------------------------

YESTERDAY = str(date(2026, 11, 15))
FORMS: dict[str, Form] = {
    'breath': {'DYSPNEA.on': '1', 'DYSPNEA.severity': '3'},
    'fever in F': {'FEVER.on': '1', 'FEVER.severity': '1', 'FEVER.celsius': '100.4', 'FEVER.celsius.unit': 'F'},
    'just no fever': {'FEVER.on': '1', 'FEVER.severity': '1', 'FEVER.celsius': '100.3', 'FEVER.celsius.unit': 'F'},
    'mild cough': {'COUGH.on': '1', 'COUGH.severity': '1'},
    'pressure far below her own': {'m.systolic_bp': '104'},
    'pressure just in reach': {'m.systolic_bp': '105'},
    'a tenth lighter': {'m.weight': '72', 'm.weight.unit': 'kg'},
    'a weight to ask about': {'m.weight': '180', 'm.weight.unit': 'kg'},
    'writing check': {'WRITING.on': 'ask', 'WRITING.date_wrong': 'yes'},
    'writing check left open': {'WRITING.on': 'ask', 'COUGH.on': '1', 'COUGH.severity': '1'},
    'yesterday evening': {'day': YESTERDAY, 'part': 'evening', 'HEADACHE.on': '1', 'HEADACHE.severity': '3'},
    'yesterday some time': {'day': YESTERDAY, 'HEADACHE.on': '1', 'HEADACHE.severity': '1'},
    'two findings in a day': {'ITCH.on': '1', 'ITCH.severity': '2', 'MYALGIA.on': '1', 'MYALGIA.severity': '2'},
    'dizzy after the dose': {'DIZZY.on': '1', 'DIZZY.severity': '2'},
    'nothing said': {},
    'nothing, and meant': {'nothing': '1'},
    'fever, no number': {'FEVER.on': '1', 'FEVER.severity': '1', 'FEVER.celsius': 'hot'},
    'breath, and no number': {'DYSPNEA.on': '1', 'DYSPNEA.severity': '4', 'm.pulse': 'fast'},
    'a question of nobody': {'NOBODY.on': '1', 'NOBODY.severity': '1'},
}
HEARD = {'emergency': 'emergency', 'urgent': 'urgent', UNCHECKED: UNCHECKED}


def server_says(patient: Patient, form: Form) -> str:
    """The tier of the advice after sending the form for good; `refused` where the page comes back. Leaves nothing behind."""
    found = 'refused'
    with transaction.atomic():
        posted = {'diary_of': str(patient.public_id), 'client_uuid': str(uuid4()), **form}
        if client_of(patient).post(reverse('diary:entry_new'), posted).status_code == 303:
            tier = server_advice(entry=Entry.objects.get(client_uuid=posted['client_uuid']), now=NOW).tier
            found = HEARD.get(tier, 'none')
        transaction.set_rollback(True)
    return found


@pytest.fixture
def lived(ana: Patient, rosa: Membership) -> Patient:
    """A CAR T dose 20 hours ago, a usual pressure and weight, a cough for days."""
    give_dose(ana, 'car_t', days_ago=20, by=rosa.user)
    give_dose(ana, 'cytokine', days_ago=1, by=rosa.user)
    told = {'patient': ana, 'recorded_by': rosa.user, 'recorded_at': NOW, 'measured_at': NOW - timedelta(days=50)}
    Baseline.objects.create(kind='systolic_bp', value=150, **told)
    Baseline.objects.create(kind='weight', value=80, **told)
    Context.objects.create(
        patient=ana, code='on_steroids', from_at=NOW - timedelta(days=3), recorded_by=rosa.user, recorded_at=NOW
    )
    write(ana, {'COUGH': {'severity': 1}, 'NAUSEA': {'severity': 1}}, hours_ago=26)
    write(ana, {'COUGH': {'severity': 2}}, hours_ago=50, weight=79.5)
    return ana


def test_a_form_leads_to_the_same_advice_on_the_phone(page: Page, lived: Patient) -> None:
    expected = {name: server_says(lived, form) for name, form in FORMS.items()}
    said = phone_says(page, packed(lived), *(kept(form) for form in FORMS.values()))
    found = {name: one['tier'] for name, one in zip(FORMS, said, strict=True)}
    refused = {name: UNCHECKED for name, tier in expected.items() if tier == 'refused'}
    # The server asks again; the phone cannot, and an emergency in the rest of the answers stays one.
    assert found == expected | refused | {'breath, and no number': 'emergency'}
    assert {'emergency', 'urgent', 'none', 'refused'} == set(expected.values())


def test_what_is_not_sent_yet_counts_with_it(page: Page, ana: Patient) -> None:
    itch = kept({'ITCH.on': '1', 'ITCH.severity': '2'}, hours_ago=5)
    ache = kept({'MYALGIA.on': '1', 'MYALGIA.severity': '2'})
    pack = packed(ana)
    assert [one['tier'] for one in phone_says(page, pack, itch, ache)] == ['none', 'none']
    assert [one['tier'] for one in phone_says(page, pack, ache, unsent=[itch])] == ['urgent']
    # Told late, it makes the later entry an urgent one.
    assert [one['tier'] for one in phone_says(page, pack, itch, unsent=[ache])] == ['urgent']


def test_an_entry_whose_answer_was_lost_counts_once(page: Page, ana: Patient) -> None:
    """It had arrived; the phone does not know, and it was changed since."""
    stored = write(ana, {'DYSPNEA': {'severity': 4}}, hours_ago=1)
    again = kept({'COUGH.on': '1', 'COUGH.severity': '1'}, id=str(stored.client_uuid), hours_ago=1)
    assert phone_says(page, packed(ana), again)[0]['tier'] == 'none'


def test_a_correction_takes_the_place_of_its_entry(page: Page, ana: Patient) -> None:
    stored = write(ana, {'COUGH': {'severity': 1}}, hours_ago=3)
    there = f'/entry/{stored.public_id}/correct/'
    worse = kept({'COUGH.on': '1', 'COUGH.severity': '3'}, kind='correct', id=there)
    unknown = kept({'COUGH.on': '1', 'COUGH.severity': '1'}, kind='correct', id=f'/entry/{uuid4()}/correct/')
    assert [one['tier'] for one in phone_says(page, packed(ana), worse, unknown)] == ['urgent', UNCHECKED]


def test_a_tap_says_what_its_button_said(page: Page, ana: Patient) -> None:
    stored = write(ana, {'ITCH': {'severity': 2}, 'MYALGIA': {'severity': 2}}, hours_ago=30)
    same = kept({'say': 'same', 'seen': f'{stored.public_id}:1'}, kind='tap')
    gone, lost = kept({'say': 'gone'}, kind='tap'), kept({'say': 'same', 'seen': f'{uuid4()}:1'}, kind='tap')
    assert [one['tier'] for one in phone_says(page, packed(ana), same, gone, lost)] == ['urgent', 'none', UNCHECKED]


# -- it fails closed --------------------------------------------------------------------------------------------------------


def test_without_rules_it_says_not_checked_with_the_numbers(page: Page, ana: Patient) -> None:
    RuleSet.objects.filter(status=RuleSetStatus.PUBLISHED).update(status=RuleSetStatus.RETIRED)
    pack = packed(ana)
    assert pack['rules'] is None
    (said,) = phone_says(page, pack, kept(FORMS['breath']))
    assert said['tier'] == UNCHECKED
    assert 'tel:911' in said['links']
    assert 'tel:+12125550100' in said['links']


@pytest.mark.parametrize('spoilt', ['word', 'field', 'tier', 'macro', 'zone', 'version', 'entry'])
def test_what_it_does_not_understand_makes_it_unchecked(page: Page, ana: Patient, spoilt: str) -> None:
    write(ana, {'COUGH': {'severity': 1}})
    pack = packed(ana)
    rule = pack['rules'][-1]
    match spoilt:
        case 'word':
            rule['when'] = {'any': [rule['when'], {'moon_phase_gte': 1}]}
        case 'field':
            rule['when'] = {'symptom': 'COUGH', 'gte': 1, 'unless': 'ITCH'}
        case 'tier':
            rule['tier'] = 'dreadful'
        case 'macro':
            rule['when'] = 'nobody_knows'
        case 'zone':
            pack['zone'] = 'Moon/Tranquility'
        case 'version':
            pack['version'] = 2
        case 'entry':
            pack['facts']['entries'][0]['answers']['COUGH'] = {'severity': 7}
    (said,) = phone_says(page, pack, kept(FORMS['mild cough']))
    assert said['tier'] == UNCHECKED


def test_a_pack_that_is_too_old_gives_no_all_clear(page: Page, ana: Patient) -> None:
    pack = packed(ana)
    calm, bad = FORMS['mild cough'], FORMS['breath']
    tiers = {
        days: [one['tier'] for one in phone_says(page, pack, kept(calm), kept(bad), days_on=days)]
        for days in (2, 13, 15)
    }
    assert tiers == {2: ['none', 'emergency'], 13: ['none', 'emergency'], 15: [UNCHECKED, 'emergency']}
    assert 'last heard from Vigil on Monday, November 16' in phone_says(page, pack, kept(bad), days_on=4)[0]['words']


# -- what it says -----------------------------------------------------------------------------------------------------------


def test_it_says_what_to_do_whom_to_call_and_which_answers_led_to_it(page: Page, ana: Patient) -> None:
    mild = {'COUGH.on': '1', 'COUGH.severity': '1'}
    red, calm = phone_says(page, packed(ana), kept(mild | FORMS['breath']), kept(mild))
    assert red['words'].startswith('Call 911 now')
    assert red['mark'].endswith('#octagon')
    assert red['links'][0] == 'tel:911'
    assert red['words'].index('Trouble breathing: severe') < red['words'].index('Cough: mild')
    assert 'Nobody at your clinic has this yet' in red['words']
    assert 'Severe or sudden trouble breathing' in red['words']
    assert 'Your team has not seen this' in calm['words']
    assert 'get a message' not in red['words'] + calm['words']


def test_the_clinics_own_rules_count_and_what_it_set_aside_is_told(
    page: Page, ana: Patient, riverside: Clinic, grace: Membership
) -> None:
    reason = 'Our patients have a nurse at home who judges their breath.'
    in_force(riverside, breath_only_when_very_severe, set_aside={'E01': reason})
    worst = {'DYSPNEA.on': '1', 'DYSPNEA.severity': '4'}
    severe, very = phone_says(page, packed(ana), kept(FORMS['breath']), kept(worst))
    assert (severe['tier'], very['tier']) == ('urgent', 'emergency')
    assert reason in severe['words']
    assert 'tel:911' in severe['links']
    assert reason not in very['words']


def test_it_logs_no_word_of_hers_when_it_fails(ana: Patient, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(offline, 'history_of', broken)
    assert packed(ana)['rules'] is None
    assert 'ValueError' in caplog.text
    assert SECRET not in caplog.text


def test_the_numbers_of_the_hour_are_shown(page: Page, ana: Patient) -> None:
    pack = packed(ana)
    day, night = (phone_says(page, pack, kept(FORMS['fever in F']), days_on=days)[0]['links'][0] for days in (0, 0.5))
    assert (day, night) == ('tel:+12125550100', 'tel:+12125550199')
