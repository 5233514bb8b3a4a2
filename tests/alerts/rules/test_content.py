"""What the rules look for, told to staff and to patients: whole, with its basis, and honest about what the clinic changed."""

import copy
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.content import default_rules, default_sources
from alerts.models import RuleSet, RuleSetStatus
from alerts.pages.rules.content import area_of
from alerts.pages.rules.content_words import _WORDS, words_for
from alerts.services.rules.drafting import begin, change_rule, replace_content, set_aside
from alerts.services.rules.publishing import publish as put_in_force
from alerts.services.rules.reviewing import approve, submit
from diary.catalogue import current_catalogue
from tests.alerts.conftest import FEVER, alert_of, told_us
from tests.cast import NOW, client_of, make_member

pytestmark = pytest.mark.django_db
STAFF, PATIENT = '/clinic/content/', '/what-we-look-for/'
LATER = timezone.now() + timedelta(hours=1)  # the shared rules were loaded when the tests began
REASON = 'Our own protocol covers it.'


def publish(clinic, grace, change, *, reasons=None, notes=None, at=NOW):
    """A clinic's own rules in force: drafted by Grace rule by rule, reviewed and published by Paula."""
    paula = clinic.memberships.filter(user__name='Paula Stone').first() or make_member(
        clinic, 'Paula Stone', is_admin=True
    )
    draft = begin(clinic=clinic, by=grace.user, title='Riverside', why='After our review', now=at)
    wanted = copy.deepcopy(draft.content)
    change(wanted)
    whole = draft.content | {'acknowledge_within_minutes': wanted['acknowledge_within_minutes']}
    draft = replace_content(draft=draft, content=whole, by=grace.user, seen=draft.edits, now=at)
    for rule in {**draft.content['rules'], **wanted['rules']}:
        after = wanted['rules'].get(rule)
        if after != draft.content['rules'].get(rule):
            note = (notes or {}).get(rule, '')
            step = {'by': grace.user, 'seen': draft.edits, 'now': at, 'note': note}
            draft = change_rule(draft=draft, rule=rule, after=after, **step)
    for rule, reason in (reasons or {}).items():
        draft = set_aside(draft=draft, rule=rule, reason=reason, by=grace.user, seen=draft.edits, now=at)
    why = {'why': 'After our review', 'unreplayed': 'There is no history yet to replay it on.'}
    submit(draft=draft, by=grace.user, seen=draft.edits, now=at, title='Riverside', **why)
    approve(rule_set=draft, by=paula.user, seen=draft.edits, now=at)
    return put_in_force(rule_set=draft, by=paula.user, now=at)


def page(person, path):
    response = client_of(person).get(path)
    assert response.status_code == 200
    return unescape(response.content.decode())


def text(html):
    main = html.partition('<main')[2].partition('</main>')[0]
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', ' ', main))


def row(html, rule):
    """One rule on the staff's list."""
    found = re.search(rf'<article[^>]*data-words="{rule}".*?</article>', html, re.S)
    assert found, f'{rule} is not on the page'
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', ' ', found[0]))


# -- staff -----------------------------------------------------------------------------------------------------------------


def test_every_rule_stands_on_the_staffs_page_with_its_basis_document_sentence_and_deadline(rosa, content):
    html = page(rosa, STAFF)
    rules, sources = default_rules(), default_sources()
    for rule in [*rules.rules.values(), *rules.missed.values()]:
        shown = row(html, rule.id)
        assert rule.title in shown
        for code in rule.cites:
            citation = sources.citations[code]
            assert citation.document.title in shown
            assert citation.quote in shown
    assert 'Substitute: the founding list was lost' in row(html, 'A01')
    assert 'substitute for a lost list' in row(html, 'A01')
    assert 'Our own choice' in row(html, 'E08')
    assert 'within 30 minutes, day and night' in row(html, 'R04X')
    assert 'within 4 hours while the clinic is open' in row(html, 'R04S')
    assert 'no alert' in row(html, 'M01')
    assert 'Send to emergency care if' in row(html, 'E01')


def test_no_substitute_is_shown_as_a_founding_list(rosa, content):
    html = page(rosa, STAFF)
    for rule in default_rules().rules.values():
        shown = row(html, rule.id)
        assert ('Founding list' in shown) == (rule.basis.value in ('seed', 'recovered'))
        assert ('Substitute' in shown) == (rule.basis.value == 'substitute')


def test_rules_stand_under_their_part_of_the_body_their_therapy_or_the_dose(content):
    rules, words = default_rules(), current_catalogue('en')
    places = {rule.id: area_of(rule, rules.catalogue, words) for rule in rules.rules.values()}
    assert places['E01'] == 'Heart and lungs'
    assert places['R04'] == 'Stomach and bowel'
    assert places['T02'] == 'CAR T-cell therapy'
    assert places['A01'] == 'Soon after a dose'
    assert places['C01'] == 'Any symptom'
    assert places['S01'] == 'What is measured'


def test_what_the_clinic_changed_added_and_left_out_is_marked_with_who_when_and_why(
    rosa, grace, riverside, content, now
):
    def change(mapping):
        mapping['rules']['R02']['when'] = {'symptom': 'FEVER', 'field': 'celsius', 'gte': 37.5}
        mapping['rules']['Z01'] = mapping['rules']['C07'] | {
            'title': 'Wants a call',
            'when': {'symptom': 'OTHER', 'field': 'call_back'},
        }
        del mapping['rules']['M01']
        mapping['acknowledge_within_minutes']['urgent'] = 45

    publish(riverside, grace, change, notes={'R02': 'Seen too late twice'})
    html = page(rosa, STAFF)
    assert 'Changed by the clinic · Grace Kim, 16 Nov 2026: “Seen too late twice”' in row(html, 'R02')
    assert 'Added by the clinic' in row(html, 'Z01')
    assert 'After our review' in row(html, 'Z01')
    assert 'Left out by the clinic' in row(html, 'M01')
    assert 'not used here' in row(html, 'M01')
    assert '45 minutes, in the shared rules 60' in text(html)
    assert 'by the clinic' not in row(html, 'R01')


def test_an_emergency_rule_set_aside_shows_its_typed_reason_to_staff(rosa, grace, riverside, content, now):
    publish(riverside, grace, lambda mapping: mapping['rules'].pop('E13'), reasons={'E13': REASON})
    assert 'Set aside by the clinic · Grace Kim, 16 Nov 2026' in row(page(rosa, STAFF), 'E13')
    assert REASON in row(page(rosa, STAFF), 'E13')
    assert REASON in text(page(rosa, f'{STAFF}E13/'))


def test_one_rule_has_a_page_with_the_history_of_its_words(rosa, grace, riverside, content, now):
    publish(riverside, grace, lambda mapping: mapping['rules']['R02'].update(title='Fever, sooner'), at=LATER)
    shown = text(page(rosa, f'{STAFF}R02/'))
    assert 'Fever, sooner' in shown
    assert shown.index('Riverside 1') < shown.index('Shared rules, version 1')
    history = shown[shown.index('version by version') :]
    assert history.index('Fever, sooner') < history.index('Signs of infection: fever or shaking chills')
    assert 'Signs of infection, such as fever and chills.' in shown
    unchanged = text(page(rosa, f'{STAFF}R01/'))
    assert 'Riverside 1' not in unchanged[unchanged.index('version by version') :]


def test_a_rule_that_the_clinic_had_and_dropped_keeps_its_page_and_nobody_elses_rule_has_one(
    rosa, grace, riverside, lakeside, sam, content, now
):
    def add(mapping):
        mapping['rules']['Z01'] = mapping['rules']['C07'] | {'title': 'Wants a call'}

    first = publish(riverside, grace, add, at=LATER)
    assert 'Wants a call' in text(page(rosa, f'{STAFF}Z01/'))
    publish(riverside, grace, lambda mapping: mapping['rules'].pop('Z01'), at=LATER + timedelta(days=1))
    shown = text(page(rosa, f'{STAFF}Z01/'))
    assert 'Not in force' in shown
    assert 'This version does not have the rule' in shown
    assert str(first) in shown
    assert client_of(sam).get(f'{STAFF}Z01/').status_code == 404
    assert client_of(rosa).get(f'{STAFF}Z99/').status_code == 404


def test_the_alerts_page_leads_to_the_rule(rosa, ana, content, now):
    alert = alert_of(told_us(ana, FEVER))
    assert f'href="{STAFF}R02/"' in page(rosa, reverse('alerts:alert', args=[alert.public_id]))


def test_without_rules_both_pages_say_so(rosa, ana, content):
    RuleSet.objects.filter(pk=content.pk).update(status=RuleSetStatus.RETIRED, retired_at=NOW)
    for person, path, said in (
        (rosa, STAFF, 'New entries are not checked'),
        (ana, PATIENT, 'The diary cannot check entries now'),
    ):
        response = client_of(person).get(path)
        assert response.status_code == 503
        assert said in text(response.content.decode())
    assert client_of(rosa).get(f'{STAFF}R01/').status_code == 404


# -- patients --------------------------------------------------------------------------------------------------------------


def lines(html):
    """The list items of the tiers, as (words, what they rest on)."""
    found = re.findall(r'<li>([^<]*) <span class="look-basis">\(([^<]*)\)</span></li>', html)
    return [(re.sub(r'\s+', ' ', words), basis) for words, basis in found]


def test_every_default_rule_has_words_for_patients_and_they_all_stand_on_the_page(ana, content):
    rules = default_rules()
    assert set(_WORDS) == {*rules.rules, *rules.missed}
    shown = dict(lines(page(ana, PATIENT)))
    assert set(shown) == {words_for(rule) for rule in [*rules.rules.values(), *rules.missed.values()]}


def test_the_patients_page_names_no_codes_and_says_what_happens(ana, content):
    shown = text(page(ana, PATIENT))
    assert not re.search(r'\b[A-Z]\d\d[A-Z]?\b', shown)
    for title in ('Call 911 now', 'Phone your team now', 'Your team looks at it today', 'Look after yourself'):
        assert title in shown
    assert 'They should look within 5 minutes.' in shown


def test_each_line_says_what_it_rests_on_and_only_that(ana, content):
    shown = dict(lines(page(ana, PATIENT)))
    names = {
        'recovered': 'after the founding list',
        'substitute': 'after a stand-in list',
        'guideline': 'after a guideline',
        'design': 'our own choice',
        'seed': 'after a founding page',
    }
    for rule in default_rules().rules.values():
        assert shown[words_for(rule)] == names[rule.basis.value], rule.id


def test_the_two_founding_lists_stand_whole_with_their_basis(ana, content):
    shown = text(page(ana, PATIENT))
    sources = default_sources().citations
    assert 'You should call your healthcare provider if you experience:' in shown
    for number in range(1, 7):
        assert sources[f'cleveland-call-{number}'].quote in shown
    for sign in sources['sub-a-signs'].quote.split(';'):
        assert sign.strip() in shown
    assert 'Substitute list' in shown
    assert 'was lost. These signs are another publisher’s' in shown


def test_no_line_of_ours_repeats_the_founding_sentences_as_if_they_were_rules(ana, content):
    sources = default_sources().citations
    quoted = {sources[f'cleveland-call-{number}'].quote.rstrip('.') for number in range(1, 7)}
    assert not quoted & {words for words, _basis in lines(page(ana, PATIENT))}


def test_a_rule_set_aside_is_told_to_patients_with_the_reason(ana, grace, riverside, content, now):
    publish(riverside, grace, lambda mapping: mapping['rules'].pop('E13'), reasons={'E13': REASON})
    shown = text(page(ana, PATIENT))
    usual = words_for(default_rules().rules['E13'])
    assert f'Usually: {usual} → Call 911 now. Your clinic has chosen otherwise: “{REASON}”' in shown
    assert usual not in dict(lines(page(ana, PATIENT)))


def test_what_admins_wrote_for_each_other_is_not_shown_to_patients(ana, grace, riverside, content, now):
    def change(mapping):
        mapping['rules']['R02']['when'] = {'symptom': 'FEVER', 'field': 'celsius', 'gte': 37.5}

    publish(riverside, grace, change, notes={'R02': 'Seen too late twice'})
    shown = text(page(ana, PATIENT))
    assert 'Your clinic has chosen otherwise.' in shown
    assert 'Seen too late twice' not in shown
    assert 'After our review' not in shown


def test_a_changed_rule_never_keeps_our_words_for_the_old_one(ana, grace, riverside, content, now):
    def change(mapping):
        mapping['rules']['S03']['when'] = {'measure': 'spo2', 'lt': 90}

    publish(riverside, grace, change)
    html = page(ana, PATIENT)
    assert 'A finger clip that shows less than 92 % oxygen' not in dict(lines(html))
    assert 'Oxygen level: below 90 %' in dict(lines(html))
    assert 'Usually: A finger clip that shows less than 92 % oxygen' in text(html)


def test_the_help_page_leads_there(ana, content):
    assert f'href="{PATIENT}"' in page(ana, '/help/')


# -- a reader of eleven ----------------------------------------------------------------------------------------------------

# Words of our own texts that a child may not know; all stand for something that has an easier word.
HARD = {
    'anaphylaxis', 'ketoacidosis', 'adrenal', 'neutropenia', 'pyrexia', 'dyspnoea', 'dyspnea', 'palpitations', 'syncope',
    'oedema', 'edema', 'urticaria', 'pruritus', 'colitis', 'jaundice', 'mental', 'status', 'circulation', 'provider',
    'symptomatic', 'acute', 'severity', 'threshold',
}  # fmt: skip


def syllables(word):
    groups = len(re.findall(r'[aeiouy]+', word.lower()))
    silent = word.lower().endswith('e') and not word.lower().endswith('le') and groups > 1
    return max(1, groups - silent)


def grade(sentences):
    """The Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word − 15.59. Grade 6 is read at about 11."""
    words = [re.findall(r"[A-Za-z’']+", sentence) for sentence in sentences]
    every = [word for sentence in words for word in sentence]
    return 0.39 * len(every) / len(words) + 11.8 * sum(map(syllables, every)) / len(every) - 15.59


def own_sentences(html):
    """Our own words on the page: not the quoted lists, the names of documents, or what a clinic is called."""
    ours = html.partition('<main')[2].partition('>')[2].partition('The two lists this diary was built on')[0]
    plain = re.sub(r'<[^>]+>', ' ', re.sub(r'<(?:li|p|dd|dt|h1|h2|h3|div|a)\b', '\n<', ours))
    found = (re.sub(r'\s+', ' ', one).strip() for one in re.split(r'\n|[.:](?=\s)|[()]', plain))
    return [one for one in found if len(one.split()) > 2]


def test_patients_of_about_eleven_can_read_it(ana, content):
    sentences = own_sentences(page(ana, PATIENT))
    assert len(sentences) > 60
    assert grade(sentences) < 6.5
    listed = [words for words, _basis in lines(page(ana, PATIENT))]
    # A list item may be two sentences; tests/platform/test_reading_age.py holds each.
    assert max(len(words.split()) for words in listed) <= 36
    assert sum(len(words.split()) for words in listed) / len(listed) < 14
    assert not HARD & {word.lower() for sentence in sentences for word in re.findall(r'[A-Za-z]+', sentence)}
