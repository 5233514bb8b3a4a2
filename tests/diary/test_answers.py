"""Reading a posted page: only what was chosen, in exact units, and doubtful numbers asked again."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diary.answers import Reading, Units, read_posted
from diary.catalogue import CatalogueView
from diary.documents import (
    DocumentError,
    as_form,
    make_document,
    only_mild,
    same_again,
    validate_document,
)
from diary.fields import FieldKind, FieldSpec, parse_field
from tests.diary.conftest import catalogue_mapping

Read = Callable[..., Reading]
AMERICAN = Units(temperature='F', weight='lb')
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(catalogue: CatalogueView) -> Read:
    """Reads posted names, given as a mapping; units are °C and kg unless said otherwise."""

    def reader(data: Mapping[str, str], *, units: Units = Units(), last: dict[str, Decimal] | None = None) -> Reading:
        return read_posted(data, catalogue, units=units, offered=catalogue.offered({}), last=last)

    return reader


def values(reading: Reading, code: str) -> dict[str, Any]:
    assert reading.ok, (reading.errors, reading.doubts)
    found: dict[str, Any] = reading.document['answers'][code]['values']
    return found


def only_error(reading: Reading) -> tuple[str, str]:
    (problem,) = reading.errors
    return problem.name, problem.message


# -- what is read ------------------------------------------------------------------------------------------------------------


def test_a_fever_with_its_temperature(read: Read) -> None:
    reading = read({'FEVER.on': '1', 'FEVER.severity': '2', 'FEVER.celsius': '38.6', 'FEVER.celsius.unit': 'C'})
    assert reading.document['answers'] == {
        'FEVER': {'version': 1, 'values': {'severity': 2, 'celsius': 38.6}, 'raw': {'celsius': ['38.6', 'C']}}
    }


@pytest.mark.parametrize(
    ('text', 'unit', 'celsius'),
    [
        ('38,6', 'C', 38.6),
        ('100.4', 'F', 38.0),
        ('101.5 °F', 'C', 38.611111111111114),
        (' 37 ', 'C', 37.0),
        ('38.', 'C', 38.0),
    ],
)
def test_a_number_is_read_as_people_write_it_and_converted_exactly(
    read: Read, text: str, unit: str, celsius: float
) -> None:
    assert values(read({'FEVER.on': '1', 'FEVER.celsius': text, 'FEVER.celsius.unit': unit}), 'FEVER') == {
        'celsius': celsius
    }


def test_the_patients_own_unit_holds_when_none_is_sent(read: Read) -> None:
    reading = read({'FEVER.on': '1', 'FEVER.celsius': '100.4', 'm.weight': '176'}, units=AMERICAN)
    assert values(reading, 'FEVER') == {'celsius': 38.0}
    assert reading.document['measurements']['weight'] == {'value': 79.83225712, 'raw': ['176', 'lb']}


def test_only_chosen_symptoms_count(read: Read) -> None:
    reading = read({'COUGH.severity': '3', 'ITCH.on': '1', 'ITCH.severity': '1'})
    assert list(reading.document['answers']) == ['ITCH']


def test_choosing_a_symptom_that_is_there_or_not_says_all(read: Read) -> None:
    assert values(read({'HIVES.on': '1'}), 'HIVES') == {'present': True}
    assert values(read({'BLOODSTOOL.on': '1', 'BLOODSTOOL.heavy': 'no'}), 'BLOODSTOOL') == {
        'present': True,
        'heavy': False,
    }


def test_upper_blood_pressure_may_be_typed_with_the_lower(read: Read) -> None:
    reading = read({'m.systolic_bp': '120/80'})
    assert reading.document['measurements']['systolic_bp'] == {'value': 120.0, 'raw': ['120/80', 'mmHg']}


def test_free_words_lose_control_signs_and_nothing_else(read: Read) -> None:
    reading = read({'OTHER.on': '1', 'OTHER.text': 'Ich fühle\x00 mich\r\nmüde 🙂'})
    assert values(reading, 'OTHER') == {'text': 'Ich fühle mich\nmüde 🙂'}


# -- what is asked for ---------------------------------------------------------------------------------------------------------


def test_a_chosen_symptom_without_an_answer_is_asked_about_at_its_place(read: Read) -> None:
    name, message = only_error(read({'COUGH.on': '1'}))
    assert name == 'COUGH.severity'
    assert 'Choose how bad it is' in message


def test_a_no_alone_does_not_hide_trouble_breathing(read: Read) -> None:
    assert only_error(read({'DYSPNEA.on': '1', 'DYSPNEA.at_rest': 'no'}))[0] == 'DYSPNEA.severity'


@pytest.mark.parametrize(
    ('data', 'name', 'hint'),
    [
        ({'FEVER.on': '1', 'FEVER.celsius': 'high'}, 'FEVER.celsius', 'like 38.2'),
        ({'FEVER.on': '1', 'FEVER.celsius': '38.6', 'FEVER.celsius.unit': 'K'}, 'FEVER.celsius', 'type a number'),
        ({'FEVER.on': '1', 'FEVER.celsius': '٣٨'}, 'FEVER.celsius', 'type a number'),
        ({'FEVER.on': '1', 'FEVER.celsius': '1' * 900}, 'FEVER.celsius', 'type a number'),
        ({'COUGH.on': '1', 'COUGH.severity': '5'}, 'COUGH.severity', 'one of the answers'),
        (
            {'DYSPNEA.on': '1', 'DYSPNEA.severity': '1', 'DYSPNEA.sudden': 'maybe'},
            'DYSPNEA.sudden',
            'one of the answers',
        ),
        ({'VOMIT.on': '1', 'VOMIT.times_24h': '2.5'}, 'VOMIT.times_24h', 'whole number'),
        ({'VOMIT.on': '1', 'VOMIT.times_24h': '41'}, 'VOMIT.times_24h', 'we expect 0 times to 40 times'),
        ({'RASH.on': '1', 'RASH.percent_body': '101'}, 'RASH.percent_body', 'cannot be right'),
        ({'OTHER.on': '1', 'OTHER.text': 'a' * 2001}, 'OTHER.text', '2000 letters'),
        ({'OTHER.on': '1'}, 'OTHER.text', 'answer one of these'),
        ({'SYNCOPE.on': '1'}, 'SYNCOPE.fainted', 'answer one of these'),
    ],
)
def test_what_cannot_be_read_is_asked_for_in_plain_words(
    read: Read, data: dict[str, str], name: str, hint: str
) -> None:
    found, message = only_error(read(data))
    assert found == name
    assert hint in message


@pytest.mark.parametrize(
    'name',
    [
        'HICCUP.on',
        'COUGH.celsius',
        'm.height',
        'FEVER.celsius.raw',
        'WRITING.on',
        'COUGH.severity.',
        'm.weight.on',
        '.',
    ],
)
def test_nothing_unknown_gets_in(read: Read, name: str) -> None:
    reading = read({name: '1', 'ITCH.on': '1', 'ITCH.severity': '1'})
    assert not reading.ok or name == 'COUGH.severity.'
    assert list(reading.document['answers']) == ['ITCH']


def test_a_page_with_very_many_answers_is_refused_before_it_is_read(read: Read) -> None:
    reading = read({f'COUGH.severity{n}': '1' for n in range(501)})
    assert 'more answers than we ask for' in only_error(reading)[1]
    assert reading.document['answers'] == {}


# -- implausible numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('text', 'unit', 'offers'),
    [
        ('102', 'C', ['102 °F (38.9 °C)']),
        ('38.6', 'F', ['38.6 °C']),
        ('386', 'C', ['38.6 °C']),
        ('1021', 'F', ['102.1 °F']),
        ('44', 'C', ['Yes, 44 °C']),
    ],
)
def test_a_temperature_that_cannot_be_is_asked_again_with_its_likely_meaning(
    read: Read, text: str, unit: str, offers: list[str]
) -> None:
    reading = read({'FEVER.on': '1', 'FEVER.celsius': text, 'FEVER.celsius.unit': unit})
    assert not reading.ok
    (doubt,) = reading.doubts
    assert doubt.name == 'FEVER.celsius'
    assert [choice.text for choice in doubt.choices] == offers
    assert reading.document['answers'].get('FEVER', {}).get('values', {}) == {}


def test_the_likely_meaning_is_taken_when_it_was_chosen_and_what_was_typed_is_kept(read: Read) -> None:
    posted = {'FEVER.on': '1', 'FEVER.celsius': '102', 'FEVER.celsius.unit': 'C'}
    choice = read(posted).doubts[0].choices[0]
    answer = read({**posted, 'FEVER.celsius.meant': choice.value}).document['answers']['FEVER']
    assert answer['values']['celsius'] == pytest.approx(38.888888888, abs=1e-8)
    assert answer['raw'] == {'celsius': ['102', 'F']}
    assert answer['asked'] == {'celsius': ['102', 'C']}


def test_an_answer_to_another_number_counts_for_nothing(read: Read) -> None:
    posted = {'FEVER.on': '1', 'FEVER.celsius': '103', 'FEVER.celsius.unit': 'C', 'FEVER.celsius.meant': '102|C>102|F'}
    assert read(posted).doubts[0].choices[0].text == '103 °F (39.4 °C)'
    assert read({**posted, 'FEVER.celsius': '90', 'FEVER.celsius.meant': '90|C>38|C'}).doubts or not read(posted).ok


def test_an_unusual_number_can_be_confirmed_but_an_impossible_one_cannot(read: Read) -> None:
    posted = {'FEVER.on': '1', 'FEVER.celsius': '43', 'FEVER.celsius.unit': 'C', 'FEVER.celsius.meant': '43|C>43|C'}
    assert values(read(posted), 'FEVER') == {'celsius': 43.0}
    impossible = {'FEVER.on': '1', 'FEVER.celsius': '60', 'FEVER.celsius.unit': 'C', 'FEVER.celsius.meant': '60|C>60|C'}
    assert not read(impossible).ok


def test_a_weight_far_from_the_last_one_may_be_in_the_other_unit(read: Read) -> None:
    last = {'weight': Decimal(82)}
    (doubt,) = read({'m.weight': '180', 'm.weight.unit': 'kg'}, last=last).doubts
    assert [choice.text for choice in doubt.choices] == ['Yes, 180 kg', '180 lb (81.6 kg)']
    assert read({'m.weight': '84', 'm.weight.unit': 'kg'}, last=last).ok


def test_a_heavy_person_is_not_asked_twice(read: Read) -> None:
    assert read({'m.weight': '180', 'm.weight.unit': 'kg'}, last={'weight': Decimal(178)}).ok


# -- properties ----------------------------------------------------------------------------------------------------------------

NAMES = st.one_of(
    st.sampled_from(
        ['FEVER.on', 'FEVER.celsius', 'FEVER.celsius.unit', 'FEVER.celsius.meant', 'OTHER.on', 'OTHER.text', 'm.weight']
    ),
    st.from_regex(r'[A-Z]{1,9}\.[a-z_]{1,9}(\.unit|\.meant)?', fullmatch=True),
    st.text(max_size=12),
)


@calm
@given(data=st.dictionaries(NAMES, st.text(max_size=30), max_size=20))
def test_whatever_is_posted_only_valid_documents_come_out(
    read: Read, catalogue: CatalogueView, data: dict[str, str]
) -> None:
    reading = read(data)
    if reading.ok:
        validate_document(reading.document, catalogue)


def some_value(field: FieldSpec) -> st.SearchStrategy[Any]:
    """Anything that the catalogue allows in this field, in its own unit."""
    if field.kind is FieldKind.YES:
        return st.booleans()
    if field.kind is FieldKind.TEXT:
        return st.text('abc é', min_size=1, max_size=40).map(str.strip).filter(bool)
    if field.kind in (FieldKind.SEVERITY, FieldKind.COUNT):
        return st.integers(int(field.low), int(field.high))
    return st.integers(int(field.low) * 10, int(field.high) * 10).map(lambda tenths: tenths / 10)


def some_answer(given: dict[str, object]) -> st.SearchStrategy[dict[str, Any]]:
    """An answer to one symptom of the catalogue file: what says most of it, and perhaps the rest."""
    fields = {name: some_value(parse_field(name, notation)) for name, notation in given.items()}
    first = next(name for name in ('severity', 'present', *fields) if name in fields)
    return st.fixed_dictionaries({first: fields.pop(first)}, optional=fields)


SOME_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        code: some_answer(symptom['answers'])
        for code, symptom in catalogue_mapping()['symptoms'].items()
        if 'only_for' not in symptom
    },
)


@calm
@given(answers=SOME_ANSWERS)
def test_what_was_stored_comes_back_through_the_form_unchanged(
    read: Read, catalogue: CatalogueView, answers: dict[str, dict[str, Any]]
) -> None:
    document = make_document(answers, catalogue, measurements={'weight': 80.5, 'pulse': 72.0})
    reading = read(as_form(document, catalogue), units=AMERICAN)
    assert reading.ok, (reading.errors, reading.doubts)
    stored = {code: answer['values'] for code, answer in reading.document['answers'].items()}
    assert stored == {code: answers[code] for code in stored}
    assert set(stored) == set(answers)
    assert reading.document['measurements']['weight']['value'] == 80.5


# -- documents that come another way ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'document',
    [
        [],
        {'answers': []},
        {'answers': {}, 'extra': 1},
        {'answers': {'HICCUP': {'version': 1, 'values': {'severity': 1}}}},
        {'answers': {'COUGH': {'version': 9, 'values': {'severity': 1}}}},
        {'answers': {'COUGH': {'version': [], 'values': {'severity': 1}}}},
        {'answers': {'COUGH': {'version': 1, 'values': {}}}},
        {'answers': {'COUGH': {'version': 1, 'values': {'severity': True}}}},
        {'answers': {'COUGH': {'version': 1, 'values': {'severity': 5}}}},
        {'answers': {'COUGH': {'version': 1, 'values': {'celsius': 38}}}},
        {'answers': {'FEVER': {'version': 1, 'values': {'celsius': '38'}}}},
        {'answers': {'FEVER': {'version': 1, 'values': {'celsius': float('nan')}}}},
        {'answers': {'FEVER': {'version': 1, 'values': {'celsius': 38.0}, 'raw': {'celsius': '38'}}}},
        {'answers': {'OTHER': {'version': 1, 'values': {'text': 'a\x00b'}}}},
        {'answers': {'HIVES': {'version': 1, 'values': {'present': 1}}}},
        {'measurements': {'height': {'value': 1.8}}},
        {'measurements': {'weight': {'value': 900}}},
    ],
)
def test_a_document_that_does_not_fit_is_refused(catalogue: CatalogueView, document: Any) -> None:
    with pytest.raises(DocumentError):
        validate_document(document, catalogue)


# -- the one tap -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('answers', 'measurements', 'mild'),
    [
        ({}, {}, True),
        ({'FATIGUE': {'severity': 2}, 'ITCH': {'severity': 1}}, {'weight': 80}, True),
        ({'FATIGUE': {'severity': 3}}, {}, False),
        ({'DIARRHEA': {'severity': 1, 'at_night': False}}, {}, False),
        ({'FEVER': {'severity': 1, 'celsius': 38.4}}, {}, False),
        ({'FEVER': {'celsius': 36.6}}, {}, True),
        ({'HIVES': {'present': True}}, {}, False),
        ({'OTHER': {'text': 'my hand feels odd'}}, {}, False),
        ({}, {'spo2': 90}, False),
    ],
)
def test_one_tap_repeats_mild_and_moderate_severities_only(
    catalogue: CatalogueView, answers: dict[str, dict[str, Any]], measurements: dict[str, float], mild: bool
) -> None:
    document = make_document(answers, catalogue, measurements=measurements)
    assert only_mild(document, catalogue) is mild


def test_the_same_again_says_just_the_severities(catalogue: CatalogueView) -> None:
    document = make_document(
        {'FATIGUE': {'severity': 2}, 'ITCH': {'severity': 0}}, catalogue, measurements={'weight': 80}
    )
    assert same_again(document, catalogue) == {
        'answers': {'FATIGUE': {'version': 1, 'values': {'severity': 2}}},
        'measurements': {},
    }
