"""Patients' texts can be read at the age of about 12, in English and Spanish (decision 57). A failure names the hardest first."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from django.test import Client

from clinic.models import Patient, User
from tests.clinic.test_gate import address, objects, places, rows
from tests.diary.conftest import write
from tests.platform.reading.blocks import Blocks
from tests.platform.reading.measure import LONGEST, count, count_all, longest, sentences, syllables
from tests.platform.reading.texts import patients, said

__all__ = ['objects']
LANGUAGES = ['en', 'es']
PASSAGE, GROUP = 3, 60  # sentences from which a text stands for itself; words below which a group says nothing


def hardest(units: Iterable[tuple[str, list[str]]], language: str) -> list[str]:
    """The units that are too hard, worst first."""
    counts = [(count_all(texts, language), name, texts[0]) for name, texts in units]
    hard = [(found, name, text) for found, name, text in counts if found.too_hard(language)]
    hard.sort(key=lambda one: one[0].ease if language == 'es' else -one[0].grade)
    return [f'{found.told(language)}: {name}: {text[:160]}' for found, name, text in hard]


def units_of(name: str, texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """A text of three sentences or more is a unit of its own."""
    yield from ((name, [text]) for text in texts if len(sentences(text)) >= PASSAGE)


def rooms(texts: dict[str, list[str]], language: str) -> Iterator[tuple[str, list[str]]]:
    """Labels and short texts together: of a file, or where a file says little, of all such files."""
    rest: list[str] = []
    for name, those in texts.items():
        short = [text for text in those if len(sentences(text)) < PASSAGE]
        if count_all(short, language).words >= GROUP:
            yield name, short
        else:
            rest += short
    yield 'files that say little', rest


def too_long(texts: dict[str, list[str]]) -> list[str]:
    found = [(longest(text), name, text) for name, those in texts.items() for text in those]
    return [f'{words} words: {name}: {text}' for words, name, text in sorted(found, reverse=True) if words > LONGEST]


@pytest.mark.parametrize(
    ('word', 'language', 'wanted'),
    [
        ('fever', 'en', 2), ('tiredness', 'en', 3), ("don't", 'en', 1), ('gwzzed-ly', 'en', 2), ('gwzzed', 'en', 1),
        ('fiebre', 'es', 2), ('día', 'es', 2), ('aéreo', 'es', 4), ('guerra', 'es', 2), ('pingüino', 'es', 3),
        ('ahora', 'es', 3), ('ciudad', 'es', 2), ('leer', 'es', 2), ('muy', 'es', 1), ('mayor', 'es', 2), ('prohíbe', 'es', 3),
    ],
)  # fmt: skip
def test_syllables_are_those_of_the_language(word: str, language: str, wanted: int) -> None:
    assert syllables(word, language) == wanted


def test_easy_and_hard_are_told_apart() -> None:
    easy = 'Phone your team now. Do not wait until they phone you. Tell them how you feel.'
    hard = 'Notification of the responsible oncological institution is recommended immediately, irrespective of availability.'
    assert (count(easy, 'en').too_hard('en'), count(hard, 'en').too_hard('en')) == (False, True)
    facil = 'Llame ahora a su equipo. No espere a que la llamen. Diga cómo se siente hoy.'
    dificil = (
        'Recomendamos notificar inmediatamente a la institución oncológica responsable, independientemente del horario.'
    )
    assert (count(facil, 'es').too_hard('es'), count(dificil, 'es').too_hard('es')) == (False, True)
    assert longest('Of these, phone us: fever, chills (shaking); a cough. Or wait.') == 4
    assert count('Call 911 at 10:30 or (212) 555-0100.', 'en').words == 3


def test_a_new_file_of_the_patients_is_found_by_itself() -> None:
    assert patients('clinic/views/consent_of_tomorrow.py')
    assert patients('templates/diary/consent_of_tomorrow.html')
    assert not patients('templates/alerts/worklist.html')
    assert not patients('templates/alerts/worklist_row.html')


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_message_to_a_patient_is_easy(language: str) -> None:
    texts = said(language)
    assert len(texts) > 100
    passages = [unit for name, those in texts.items() for unit in units_of(name, those)]
    assert len(passages) > 10
    assert hardest([*passages, *rooms(texts, language)], language) == []
    assert too_long(texts) == []


@pytest.fixture
def hers(
    ana: Patient, objects: dict[str, object], client_of: Callable[..., Client]
) -> tuple[Client, dict[str, object]]:
    """Ana's browser, and one of everything of hers; she has also told of something worse and of something mild."""
    write(ana, {'FEVER': {'severity': 2, 'celsius': 38.9}}, hours_ago=30)
    write(ana, {'RASH': {'severity': 1}, 'DIARRHEA': {'severity': 2}}, hours_ago=6)
    return client_of(ana), objects


@pytest.mark.parametrize('language', LANGUAGES)
@pytest.mark.django_db
def test_every_page_of_a_patient_is_easy(ana: Patient, hers: tuple[Client, dict[str, object]], language: str) -> None:
    client, of_hers = hers
    User.objects.filter(patient=ana).update(language=language)
    known, pages = places(office=False), {}
    for row in rows():
        if row.method == 'GET' and '✓' in (row.marks['ana'], row.marks['visitor']):
            answer = (client if row.marks['ana'] == '✓' else Client()).get(
                address(known[row.name], of_hers), headers={'accept-language': language}, follow=True
            )
            if answer.get('Content-Type', '').startswith('text/html'):
                pages[row.name] = Blocks(answer.content.decode()).blocks
    assert len(pages) > 25
    passages = [unit for name, blocks in pages.items() for unit in units_of(name, blocks)]
    assert hardest([*passages, *pages.items()], language) == []
    assert too_long(pages) == []
