"""Trying rules out: what an admin sees, what she may pick, and that nothing of it is kept."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from alerts.models import RuleSet
from alerts.programs import compiled
from alerts.services.rules.drafting import begin, change_rule
from clinic.models import AuditAct, AuditEvent
from tests.alerts.conftest import FEVER, TIRED
from tests.cast import NOW, client_of, make_member
from tests.diary.conftest import give_dose, write

pytestmark = pytest.mark.django_db

CASE = {
    'case': 'c1',
    'patient': {
        'time_zone': 'America/New_York',
        'doses': [{'therapy': 'checkpoint_inhibitor', 'given_at': '2026-11-15T10:00:00-05:00'}],
        'contexts': [{'context': 'on_steroids', 'from': '2026-11-01T00:00:00-05:00', 'until': None}],
        'baseline': {'stools_24h': 1},
    },
    'entries': [
        {'id': 'a', 'at': '2026-11-15T20:00:00-05:00', 'answers': {'DIARRHEA': {'severity': 1, 'stools_24h': 3}}},
        {'id': 'b', 'at': '2026-11-16T08:00:00-05:00', 'answers': {'FEVER': {'celsius': 38.6}}},
    ],
}


@pytest.fixture
def draft(riverside, grace, content, now):
    """Grace's draft, with which a fever counts from 39 °C only."""
    begun = begin(clinic=riverside, by=grace.user, title='Riverside', why='fewer calls', now=now)
    rule = begun.content['rules']['R02'] | {
        'when': {'any': [{'symptom': 'FEVER', 'field': 'celsius', 'gte': 39}, {'symptom': 'CHILLS', 'gte': 2}]}
    }
    return change_rule(draft=begun, rule='R02', after=rule, by=grace.user, seen=begun.edits, now=now)


@pytest.fixture
def grace_tries(grace, content, now):
    """Send something to the page as Grace; answers with the response."""
    client = client_of(grace)

    def send(rule_set, **posted):
        address = reverse('alerts:try_it', args=[rule_set.pk])
        return client.post(address, posted) if posted else client.get(address)

    return send


def page_of(response):
    return re.sub(r'\s+', ' ', unescape(response.content.decode()))


def text_of(response):
    """What a reader reads."""
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', ' ', page_of(response)))


def fields_of(response):
    """Every field of the made-up patient's form as a browser would send it back."""
    form = re.search(r'<form[^>]*id="made-up-form".*?</form>', response.content.decode(), re.S)
    found = {}
    for tag in re.findall(r'<select\b.*?</select>|<(?:input|textarea)\b[^>]*>', form[0], re.S):
        name = re.search(r'\bname="([^"]+)"', tag)
        kind = re.search(r'\btype="([^"]+)"', tag)
        if not name or (kind and kind[1] in ('radio', 'checkbox') and ' checked' not in tag):
            continue
        if tag.startswith('<select'):
            chosen = re.search(r'value="([^"]*)"\s+selected', tag)
            found[name[1]] = unescape(chosen[1]) if chosen else ''
        else:
            value = re.search(r'\bvalue="([^"]*)"', tag)
            found[name[1]] = unescape(value[1]) if value else ''
    return found


def line_of(response):
    """What “copy as a case” holds."""
    area = re.search(r'<textarea[^>]*id="case-line"[^>]*>(.*?)</textarea>', response.content.decode(), re.S)
    return json.loads(unescape(area[1]))


def rule_on(response, rule):
    """What the page says of one rule, as text."""
    text = page_of(response)
    start = text.index(f'id="rule-{rule}"')
    ends = [at for at in (text.find('<details class="try-ruling"', start), text.find('id="copy"')) if at > start]
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', ' ', text[start : min(ends)]))


def test_a_made_up_fever_shows_the_advice_the_rules_and_why(grace_tries, content):
    fields = fields_of(grace_tries(content))
    answer = grace_tries(content, **fields | {'FEVER.on': '1', 'FEVER.celsius': '101.5', 'do': 'run'})
    assert answer.status_code == 200
    assert 'Phone your team now' in text_of(answer)
    fired = rule_on(answer, 'R02')
    assert ' fires ' in fired
    assert 'true “fever38”: fever or feeling hot: 38 °C or more – 38.61' in fired
    assert 'false fever or feeling hot: moderate or worse – not answered' in fired


def test_a_rule_that_does_not_fire_shows_each_condition_with_what_it_saw(grace_tries, content):
    answer = grace_tries(content, do='paste', line=json.dumps(CASE))
    neutropenia = rule_on(answer, 'T05')
    assert '1 condition short' in neutropenia
    assert 'false a patient who may have few white blood cells – does not hold' in neutropenia
    assert 'true fever or feeling hot: 38.3 °C or more – 38.6' in neutropenia


def test_the_nearest_rules_come_first(grace_tries, content):
    answer = grace_tries(content, do='paste', line=json.dumps(CASE))
    short = [int(n) for n in re.findall(r'(\d+) conditions? short', text_of(answer))]
    assert len(short) > 30
    assert short == sorted(short)
    assert short[0] < short[-1]


def test_the_rules_in_force_stand_beside_a_draft_where_they_differ(grace_tries, draft):
    answer = grace_tries(draft, do='paste', line=json.dumps(CASE))
    assert 'In force: would fire' in rule_on(answer, 'R02')
    assert rule_on(answer, 'R04S').count('In force') == 0
    assert 'Beside the rules in force' in text_of(answer)


def test_the_rules_in_force_have_nothing_beside_them(grace_tries, content):
    assert 'In force' not in text_of(grace_tries(content, do='paste', line=json.dumps(CASE)))


def test_a_rule_that_the_draft_left_out_is_named_where_it_would_have_fired(grace_tries, draft, grace, now):
    without = change_rule(draft=draft, rule='C07', after=None, by=grace.user, seen=draft.edits, now=now)
    case = CASE | {'entries': [{'id': 'a', 'at': '2026-11-16T08:00:00-05:00', 'answers': {'OTHER': {'worried': True}}}]}
    text = text_of(grace_tries(without, do='paste', line=json.dumps(case)))
    assert 'The patient is worried or asks for a call In force: fires. This set does not have it' in text


def test_a_pasted_case_comes_back_as_the_same_case(grace_tries, content):
    answer = grace_tries(content, do='paste', line=json.dumps(CASE))
    back = line_of(answer)
    assert back['patient']['doses'] == CASE['patient']['doses']
    assert [each['answers'] for each in back['entries']] == [each['answers'] for each in CASE['entries']]
    again = grace_tries(content, **fields_of(answer) | {'do': 'run'})
    assert line_of(again) == back


def test_an_entry_can_be_opened_changed_shown_added_and_removed(grace_tries, content):
    pasted = grace_tries(content, do='paste', line=json.dumps(CASE))
    opened = grace_tries(content, **fields_of(pasted) | {'do': 'open:b'})
    fields = fields_of(opened)
    assert fields['FEVER.celsius'] == '38.6'
    assert fields['open'] == 'b'
    tried = grace_tries(content, **fields | {'FEVER.celsius': '37.2', 'FEVER.celsius.unit': 'C', 'do': 'run'})
    assert line_of(tried)['entries'][1]['answers'] == {'FEVER': {'celsius': 37.2}}
    shown = grace_tries(content, **fields_of(tried) | {'do': 'show:a'})
    assert ' fires ' in rule_on(shown, 'R04S')
    added = fields_of(grace_tries(content, **fields_of(shown) | {'do': 'add'}))
    assert len(json.loads(added['case'])['entries']) == 3
    removed = fields_of(grace_tries(content, **added | {'do': 'drop:a'}))
    assert [each['id'] for each in json.loads(removed['case'])['entries']] == ['b', 'e1']


def test_doses_contexts_and_usual_values_are_read_as_they_are_typed(grace_tries, content):
    typed = {
        'doses-0-therapy': 'car_t',
        'doses-0-days': '3',
        'contexts-0-context': 'neutropenia_risk',
        'contexts-0-start': '2026-11-10T08:00',
        'p-usual-stools_24h': '2',
        'DIARRHEA.on': '1',
        'DIARRHEA.stools_24h': '6',
        'do': 'run',
    }
    patient = line_of(grace_tries(content, **fields_of(grace_tries(content)) | typed))['patient']
    assert patient['doses'] == [{'therapy': 'car_t', 'given_at': (NOW - timedelta(days=3)).isoformat()}]
    assert patient['contexts'][0]['from'] == '2026-11-10T08:00:00-05:00'
    assert patient['baseline'] == {'stools_24h': 2}


def test_in_another_time_zone_everything_keeps_the_time_on_its_own_clock(grace_tries, content):
    fields = fields_of(grace_tries(content, do='paste', line=json.dumps(CASE)))
    moved = line_of(grace_tries(content, **fields | {'p-time_zone': 'Europe/Berlin', 'do': 'run'}))
    assert moved['patient']['doses'][0]['given_at'] == '2026-11-15T10:00:00+01:00'
    assert moved['entries'][1]['at'] == '2026-11-16T08:00:00+01:00'


@pytest.mark.parametrize(
    ('typed', 'said'),
    [
        ({'p-time_zone': 'Nowhere/Town'}, 'We do not know this time zone'),
        ({'doses-0-therapy': 'car_t'}, 'Say when this dose was given'),
        ({'doses-0-days': '3'}, 'Choose the therapy, or empty the time'),
        ({'doses-0-days': '-1', 'doses-0-therapy': 'car_t'}, 'Write a whole number of days'),
        ({'when-days': '2'}, 'not both'),
        ({'when-at': ''}, 'Say when this entry was written'),
        ({'when-at': '0001-01-01T00:00'}, 'Choose a date and a time'),
        ({'contexts-0-start': '2026-11-10T08:00'}, 'Choose what holds'),
        ({'FEVER.on': '1', 'FEVER.celsius': 'hot'}, 'Please type a number'),
        ({'FEVER.on': '1', 'FEVER.celsius': '386'}, 'cannot be right'),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_typed_is_lost(grace_tries, content, typed, said):
    answer = grace_tries(content, **fields_of(grace_tries(content)) | typed | {'do': 'run'})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert fields_of(answer) | typed == fields_of(answer)


def test_a_line_that_is_no_case_says_where(grace_tries, content):
    wrong = CASE | {'entries': [{'id': 'a', 'at': '2026-11-16', 'answers': {}}]}
    answer = grace_tries(content, do='paste', line=json.dumps(wrong))
    assert answer.status_code == 422
    assert 'This is no case: entries[0].at: "2026-11-16" needs an offset' in text_of(answer)


def test_a_page_that_somebody_changed_by_hand_starts_anew(grace_tries, content):
    answer = grace_tries(content, **fields_of(grace_tries(content)) | {'case': '{}', 'do': 'run'})
    assert answer.status_code == 422
    assert 'could not be read again' in text_of(answer)


def test_a_case_of_thousands_of_entries_is_not_judged_again_and_again(grace_tries, content):
    entry = {'at': '2026-11-15T20:00:00-05:00', 'answers': {'FATIGUE': {'severity': 2}}}
    long = CASE | {'entries': [entry | {'id': f'e{n}'} for n in range(2000)]}
    answer = grace_tries(content, **fields_of(grace_tries(content)) | {'case': json.dumps(long), 'do': 'run'})
    assert answer.status_code == 422
    assert '2,000 entries; at most 400 are read' in text_of(answer)


def test_rules_that_are_changed_while_they_are_read_are_not_kept_for_those_that_were(draft, grace, now):
    before = RuleSet.objects.get(pk=draft.pk)
    gone = change_rule(draft=draft, rule='R02', after=None, by=grace.user, seen=draft.edits, now=now)
    with pytest.raises(RuleSet.DoesNotExist):
        compiled(before)
    back = change_rule(
        draft=gone, rule='R02', after=before.content['rules']['R02'], by=grace.user, seen=gone.edits, now=now
    )
    assert back.digest == before.digest
    assert 'R02' in compiled(back).rules.rules


# -- real entries ----------------------------------------------------------------------------------------------------------


def test_a_real_entry_is_tried_as_the_worker_would(grace_tries, content, ana, rosa):
    give_dose(ana, 'checkpoint_inhibitor', days_ago=1, by=rosa.user)
    write(ana, TIRED, hours_ago=30)
    entry = write(ana, FEVER | {'OTHER': {'text': 'my secret words', 'worried': True}}, hours_ago=2)
    assert ana.record_number in text_of(grace_tries(content, do='find', words=ana.record_number))
    listed = grace_tries(content, do=f'patient:{ana.public_id}')
    assert 'fever' in text_of(listed)
    answer = grace_tries(content, do=f'entry:{entry.public_id}', patient=str(ana.public_id))
    assert ' fires ' in rule_on(answer, 'R02')
    assert ' fires ' in rule_on(answer, 'C07')
    assert ' fires ' in rule_on(answer, 'A01')
    for response in (listed, answer):
        assert 'my secret words' not in page_of(response)
    case = line_of(answer)
    assert [each['id'] for each in case['entries']] == ['e1', 'e2']
    assert 'Ana' not in json.dumps(case)
    changed = grace_tries(content, do='adopt', patient=str(ana.public_id), entry=str(entry.public_id))
    assert line_of(changed) == case


def test_who_is_no_nurse_reads_no_name_and_finds_nobody_by_one(content, riverside, grace, ana):
    address, find = reverse('alerts:try_it', args=[content.pk]), {'do': 'find', 'words': 'morales'}
    both = make_member(riverside, 'Nora Lind', is_admin=True, is_nurse=True)
    assert 'Ana Morales' in text_of(client_of(both).post(address, find))
    nobody = text_of(client_of(grace).post(address, find))
    assert 'Nobody found' in nobody
    assert ana.record_number not in nobody
    for asked in ({'do': 'find', 'words': ana.record_number}, {'do': f'patient:{ana.public_id}'}):
        said = text_of(client_of(grace).post(address, asked))
        assert ana.record_number in said
        assert 'Morales' not in said


def test_years_of_doses_are_no_burden_when_a_real_entry_is_taken_over(grace_tries, content, ana, rosa):
    first = give_dose(ana, 'checkpoint_inhibitor', days_ago=1, by=rosa.user)
    for weeks in range(1, 60):
        first.pk, first.given_at = None, NOW - timedelta(days=7 * weeks)
        first.save(force_insert=True)
    entry = write(ana, FEVER, hours_ago=2)
    taken = grace_tries(content, do='adopt', patient=str(ana.public_id), entry=str(entry.public_id))
    case = line_of(taken)
    assert len(case['patient']['doses']) == 1
    again = grace_tries(content, **fields_of(taken) | {'do': 'run'})
    assert again.status_code == 200
    assert rule_on(again, 'R02')


def test_another_clinics_patients_entries_and_rules_are_not_found(grace_tries, content, olga, lakeside, ana, now):
    hers = write(olga, FEVER, hours_ago=2)
    olgas_admin = make_member(lakeside, 'Nina Roy', is_admin=True)
    theirs = begin(clinic=lakeside, by=olgas_admin.user, title='Lakeside', why='ours', now=now)
    assert 'Olga' not in text_of(grace_tries(content, do='find', words='olga'))
    assert grace_tries(content, do=f'patient:{olga.public_id}').status_code == 404
    assert grace_tries(content, do=f'entry:{hers.public_id}', patient=str(olga.public_id)).status_code == 404
    assert grace_tries(content, do=f'entry:{hers.public_id}', patient=str(ana.public_id)).status_code == 404
    assert grace_tries(theirs).status_code == 404


def test_nurses_do_not_try_rules(rosa, content):
    assert client_of(rosa).get(reverse('alerts:try_it', args=[content.pk])).status_code == 404


# -- nothing is kept -------------------------------------------------------------------------------------------------------


def rows():
    """How many rows every table has, and when each was last written to."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(
                f'SELECT count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), \'\')) FROM "{table}" t'
            )
            found[table] = cursor.fetchone()
    return found


def test_nothing_is_stored_and_nobody_is_told(grace_tries, draft, ana, rosa):
    give_dose(ana, 'car_t', days_ago=3, by=rosa.user)
    write(ana, FEVER, hours_ago=2)
    fields = fields_of(grace_tries(draft))
    before = rows()
    assert {'alerts_flag', 'alerts_alert', 'alerts_notification', 'alerts_evaluation', 'diary_entry'} <= set(before)
    emergency = {'DYSPNEA.on': '1', 'DYSPNEA.severity': '4', 'do': 'run'}
    assert 'Call 911 now' in text_of(grace_tries(draft, **fields | emergency))
    grace_tries(draft, do='paste', line=json.dumps(CASE))
    grace_tries(draft, **fields | {'do': 'add'})
    assert rows() == before
    assert mail.outbox == []


def test_of_a_real_entry_only_the_look_is_on_record(grace_tries, draft, ana, rosa, grace):
    give_dose(ana, 'car_t', days_ago=3, by=rosa.user)
    entry = write(ana, FEVER, hours_ago=2)
    before = rows()
    grace_tries(draft, do='find', words='ana')
    grace_tries(draft, do=f'patient:{ana.public_id}')
    real = grace_tries(draft, do=f'entry:{entry.public_id}', patient=str(ana.public_id))
    assert 'Call 911 now' in text_of(real)
    grace_tries(draft, do='adopt', patient=str(ana.public_id), entry=str(entry.public_id))
    after = rows()
    assert {table for table in after if after[table] != before.get(table)} == {AuditEvent._meta.db_table}
    looks = AuditEvent.objects.filter(patients__contains=[ana.pk], actor=grace.user)
    assert {look.act for look in looks} == {AuditAct.OPENED}
    assert mail.outbox == []


def test_no_form_of_the_page_puts_anything_in_the_address(grace_tries, content, ana):
    write(ana, FEVER, hours_ago=2)
    for response in (
        grace_tries(content, do='paste', line=json.dumps(CASE)),
        grace_tries(content, do='find', words='ana'),
        grace_tries(content, do=f'patient:{ana.public_id}'),
    ):
        forms = re.findall(r'<form\b[^>]*>', response.content.decode())
        ours = [form for form in forms if 'action=' not in form]
        assert len(ours) >= 3
        assert all('method="post"' in form for form in ours)
        assert not re.findall(r'<a [^>]*href="[^"]*\?', page_of(response))


def test_rules_that_cannot_be_read_say_so(grace_tries, draft):
    broken = RuleSet.objects.get(pk=draft.pk)
    content = broken.content
    content['rules']['R02']['when'] = {'symptom': 'NOSUCH', 'gte': 1}
    RuleSet.objects.filter(pk=draft.pk).update(content=content, digest='x' * 64)
    answer = grace_tries(broken)
    assert answer.status_code == 422
    assert 'unknown symptom "NOSUCH"' in text_of(answer)
