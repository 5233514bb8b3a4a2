"""Who reads Spanish: the pages about rules say nothing in English but what a document or a clinic said."""

import re
from html import unescape

import pytest
from django.urls import reverse

from alerts.content import default_rules
from alerts.models import Alert, RuleSet
from alerts.services.rules.drafting import begin, change_rule
from clinic.models import Clinic, Membership, Patient, User
from tests.alerts.conftest import FEVER, alert_of, told_us
from tests.alerts.rules.test_content import REASON, publish
from tests.cast import NOW, client_of

pytestmark = pytest.mark.usefixtures('content', 'now')
IN_ENGLISH = re.compile(r'<(\w+)[^>]*\slang="en"[^>]*>.*?</\1>', re.DOTALL)
WORDS = (
    ' or worse',
    ' or more',
    'Phone the care team',
    'The care team looks',
    'Default rules',
    'previous entry',
    ' on each of the last',
)


def main_of(person: Membership | Patient, path: str) -> str:
    """The page's own part, without what is marked as English."""
    response = client_of(person).get(path)
    assert response.status_code == 200
    html = unescape(response.content.decode())
    return IN_ENGLISH.sub('', html.partition('<main')[2].partition('</main>')[0])


def english_in(text: str) -> list[str]:
    titles = [rule.title for rule in (*default_rules().rules.values(), *default_rules().missed.values())]
    found = (re.search(rf'.{{0,60}}{re.escape(words)}.{{0,30}}', text) for words in (*titles, *WORDS))
    return [one[0] for one in found if one]


@pytest.fixture(autouse=True)
def spanish(grace: Membership, rosa: Membership, ana: Patient) -> None:
    for person in (grace.user, rosa.user, ana.user):
        assert person is not None
        User.objects.filter(pk=person.pk).update(language='es')
        person.refresh_from_db()


@pytest.fixture
def fever(ana: Patient) -> Alert:
    return alert_of(told_us(ana, FEVER))


def test_an_alert_is_told_in_spanish_with_the_quoted_sentence_in_english(fever: Alert, rosa: Membership) -> None:
    page = unescape(client_of(rosa).get(f'/alerts/{fever.public_id}/').content.decode())
    assert '<p lang="en">“Signs of infection, such as fever and chills.”</p>' in page
    assert 'Nuestra traducción:</span> Señales de infección, como fiebre y escalofríos.' in page
    assert 'Señales de infección: fiebre o escalofríos con temblor' in page
    assert '¿Tomó una medicina para la fiebre, cuál y cuándo?' in page
    assert english_in(main_of(rosa, f'/alerts/{fever.public_id}/')) == []


@pytest.mark.parametrize(
    'path', ['/clinic/content/', '/clinic/content/R04/', '/clinic/rules/', '/clinic/rules/budget/']
)
def test_the_pages_of_the_rules_are_in_spanish(path: str, grace: Membership) -> None:
    assert english_in(main_of(grace, path)) == []


def test_a_rule_set_is_in_spanish(grace: Membership) -> None:
    shared = RuleSet.objects.get(clinic=None)
    text = main_of(grace, reverse('alerts:rule_set', args=[shared.pk]))
    assert 'Reglas de fábrica' in text
    assert english_in(text) == []


def test_the_patients_page_and_the_two_lists_can_be_read_in_spanish(ana: Patient) -> None:
    for path in ('/what-we-look-for/', '/help/'):
        assert english_in(main_of(ana, path)) == []
    page = unescape(client_of(ana).get('/help/').content.decode())
    assert (
        'Palpitaciones del corazón o dolor de pecho. <span class="said-there small muted" lang="en">Heart palpitations'
        in page
    )
    assert 'hinchazón de la cara, la lengua, la garganta o cualquier parte del cuerpo <span' in page


def test_what_a_clinic_wrote_stays_in_its_language_and_is_marked(riverside: Clinic, grace: Membership) -> None:
    draft = begin(clinic=riverside, by=grace.user, title='After our review', why='w', now=NOW)
    after = {**draft.content['rules']['R04'], 'title': 'Loose stools, our way'}
    draft = change_rule(draft=draft, rule='R04', after=after, by=grace.user, seen=0, now=NOW)
    page = unescape(client_of(grace).get(reverse('alerts:rule_set', args=[draft.pk])).content.decode())
    assert '<span lang="en">Loose stools, our way</span>' in page
    assert '<span lang="en">After our review</span>' in page


def test_a_reason_that_a_clinic_typed_is_marked_for_its_patients(
    riverside: Clinic, grace: Membership, ana: Patient
) -> None:
    publish(riverside, grace, lambda rules: rules['rules'].pop('E01'), reasons={'E01': REASON})
    page = unescape(client_of(ana).get('/what-we-look-for/').content.decode())
    assert f'<span lang="en">{REASON}</span>' in page


def test_a_reader_of_english_sees_no_translation(fever: Alert, rosa: Membership) -> None:
    User.objects.filter(pk=rosa.user.pk).update(language='en')
    page = client_of(rosa).get(f'/alerts/{fever.public_id}/').content.decode()
    assert 'Our translation' not in page
    assert 'Signs of infection: fever or shaking chills' in page
