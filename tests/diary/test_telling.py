"""What was stored, in words."""

import pytest

from diary.answers import Units
from diary.catalogue import CatalogueView
from diary.documents import make_document
from diary.numbers import NotANumberError, read_number, shown, units_for
from diary.telling import Change, changes, tell

CELSIUS, FAHRENHEIT = Units(), Units(temperature='F', weight='lb')


def test_an_answer_is_told_with_its_questions(catalogue: CatalogueView) -> None:
    document = make_document({'DIARRHEA': {'severity': 2, 'stools_24h': 5, 'at_night': False}}, catalogue)
    (said,) = tell(document, catalogue, units=CELSIUS).said
    assert (said.name, said.word, said.note) == ('Loose or watery stools', 'Moderate', 'Loose, I stay near a toilet')
    assert said.details == (
        ('How many stools in 24 hours?', '5 stools'),
        ('Did it wake you at night?', 'no'),
    )
    assert said.summary == 'loose stools: moderate'


def test_something_that_is_there_or_not_needs_no_more_words(catalogue: CatalogueView) -> None:
    (said,) = tell(make_document({'HIVES': {'present': True}}, catalogue), catalogue, units=CELSIUS).said
    assert (said.summary, said.details) == ('hives', ())


def test_numbers_are_told_in_the_readers_unit_beside_the_typed_one(catalogue: CatalogueView) -> None:
    document = make_document({'FEVER': {'celsius': 38.5}}, catalogue, measurements={'weight': 80})
    assert tell(document, catalogue, units=CELSIUS).said[0].details[0][1] == '38.5 °C'
    told = tell(document, catalogue, units=FAHRENHEIT)
    assert told.said[0].details[0][1] == '38.5 °C (101.3 °F)'
    assert told.said[0].summary == 'fever: 101.3 °F'
    assert told.measured == (('Weight', '80 kg (176.4 lb)'),)


def test_a_correction_is_told_place_by_place(catalogue: CatalogueView) -> None:
    before = make_document({'COUGH': {'severity': 1}, 'HIVES': {'present': True}}, catalogue)
    after = make_document({'COUGH': {'severity': 3}}, catalogue, measurements={'pulse': 90})
    told = [tell(document, catalogue, units=CELSIUS) for document in (before, after)]
    assert changes(*told) == [
        Change('Cough', 'Mild', 'Severe'),
        Change('Pulse', '', '90 /min'),
        Change('Hives (raised itchy bumps)', 'yes', ''),
    ]
    assert changes(told[0], told[0]) == []


def test_nothing_is_told_as_nothing(catalogue: CatalogueView) -> None:
    assert not tell(make_document({}, catalogue), catalogue, units=CELSIUS)


@pytest.mark.parametrize('text', ['', 'abc', '3 4', '1.2.3', '--5', '1e3', '38 K', '120/80', '１２', '9' * 41])
def test_what_is_no_number_is_no_number(text: str) -> None:
    with pytest.raises(NotANumberError):
        read_number(text, unit='C', units=units_for('C'))


def test_a_number_is_shown_as_one_writes_it() -> None:
    document = [
        shown(read_number(text, unit='kg', units=units_for('kg', 'lb')).number, 'kg') for text in ('80', '80,50', '080')
    ]
    assert document == ['80 kg', '80.5 kg', '80 kg']
