"""What a form starts from: never more than may stand, whatever was told last time, and a gone thing is recorded as gone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Patient
from diary.answers import Document, Units, read_posted
from diary.catalogue import CatalogueView, SymptomSpec
from diary.documents import EMPTY, all_gone, make_document, only_mild, reported, same_again, settled
from diary.felt import felt, may_be_hard, was_hard
from diary.fields import FieldKind, FieldSpec
from diary.onetap import Say, document_of, said_by
from diary.queries import where_now
from diary.queries_asking import last_cycle
from diary.sheet import Before, as_start, before_of, compared
from diary.telling import tell
from tests import cast
from tests.diary.conftest import write
from tests.diary.treated import give_course

PLAIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def value_of(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.kind is FieldKind.YES:
        return st.booleans()
    if spec.kind is FieldKind.TEXT:
        return st.just('my hand feels odd')
    whole = st.integers(int(spec.low), int(spec.high))
    return whole if spec.kind in (FieldKind.SEVERITY, FieldKind.COUNT) else whole.map(float)


def answer_of(spec: SymptomSpec) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: value_of(each) for name, each in spec.fields.items()}
    return st.fixed_dictionaries({}, optional=fields).filter(bool)


def documents(catalogue: CatalogueView) -> st.SearchStrategy[Document]:
    """Any document that the whole catalogue allows, in its words of now."""
    codes = st.lists(st.sampled_from(sorted(catalogue.symptoms)), max_size=5, unique=True)
    answers = codes.flatmap(lambda some: st.fixed_dictionaries({c: answer_of(catalogue.symptom(c)) for c in some}))
    measured = st.dictionaries(st.sampled_from(['spo2', 'weight', 'pulse']), st.just(90.0))
    return st.builds(lambda a, m: make_document(a, catalogue, measurements=m), answers, measured)


def rows(document: Document, catalogue: CatalogueView) -> dict[str, Before]:
    offered = catalogue.offered({'car_t': 3})
    return before_of(document, tell(document, catalogue, units=Units()), offered, catalogue, rose=())


@PLAIN
@given(st.data())
def test_nothing_but_a_mild_or_moderate_severity_is_ever_filled_in(catalogue: CatalogueView, data: Any) -> None:
    document = data.draw(documents(catalogue))
    start = as_start(rows(document, catalogue))
    for name, value in start.items():
        code, field = name.split('.')
        assert (field, value) == ('on', 'ask') or (field == 'severity' and value in ('1', '2'))
        if field == 'severity':
            assert document['answers'][code]['values'] == {'severity': int(value)}


@PLAIN
@given(st.data())
def test_what_is_saved_untouched_says_the_settled_things_and_asks_for_all_others(
    catalogue: CatalogueView, data: Any
) -> None:
    document = data.draw(documents(catalogue))
    before = rows(document, catalogue)
    read = read_posted(
        as_start(before),
        catalogue,
        units=Units(),
        offered=catalogue.offered({'car_t': 3}),
        last={'weight': Decimal(90)},
    )
    stood = {code: each.level for code, each in before.items() if each.settled}
    assert {problem.symptom for problem in read.errors} == set(before) - set(stood)
    assert {code: a['values'] for code, a in read.document['answers'].items() if a.get('values')} == {
        code: {'severity': level} for code, level in stood.items()
    }
    assert read.document['measurements'] == {}


@PLAIN
@given(st.data())
def test_the_same_again_and_all_gone_speak_of_the_same_symptoms(catalogue: CatalogueView, data: Any) -> None:
    document = data.draw(documents(catalogue))
    again, gone = same_again(document, catalogue), all_gone(document, catalogue)
    assert set(again['answers']) == set(gone['answers']) == set(settled(document, catalogue))
    assert again['measurements'] == gone['measurements'] == {}
    assert not reported(gone, catalogue)
    assert not felt(gone, catalogue)
    if only_mild(document, catalogue):
        assert set(reported(again, catalogue)) == set(reported(document, catalogue))


@PLAIN
@given(st.data())
def test_a_glance_never_misses_a_hard_day(catalogue: CatalogueView, data: Any) -> None:
    document = data.draw(documents(catalogue))
    assert may_be_hard(document) or not was_hard(document, catalogue)


@pytest.mark.parametrize(
    ('answers', 'hard'),
    [
        ({}, False),
        ({'FATIGUE': {'severity': 2}}, False),
        ({'FATIGUE': {'severity': 3}}, True),
        ({'HIVES': {'present': True}}, True),
        ({'HIVES': {'present': False}}, False),
        ({'FEVER': {'celsius': 37.9}}, False),
        ({'FEVER': {'severity': 1, 'celsius': 38.0}}, True),
        ({'DIARRHEA': {'severity': 1, 'stools_24h': 9}}, False),
        ({'OTHER': {'text': 'my hand feels odd', 'worried': True}}, False),
    ],
)
def test_which_days_are_hard(catalogue: CatalogueView, answers: dict[str, Any], hard: bool) -> None:
    assert was_hard(make_document(answers, catalogue), catalogue) is hard


def test_a_symptom_that_is_only_there_or_not_is_asked_and_not_taken_for_granted(catalogue: CatalogueView) -> None:
    offered, units = catalogue.offered({}), Units()
    asked = read_posted({'HIVES.on': 'ask'}, catalogue, units=units, offered=offered)
    assert [problem.name for problem in asked.errors] == ['HIVES.present']
    gone = read_posted({'HIVES.on': 'ask', 'HIVES.present': 'no'}, catalogue, units=units, offered=offered)
    assert gone.document['answers']['HIVES']['values'] == {'present': False}
    chosen = read_posted({'HIVES.on': '1'}, catalogue, units=units, offered=offered)
    assert chosen.document['answers']['HIVES']['values'] == {'present': True}


def test_a_check_that_is_left_open_keeps_nothing_else_from_being_told(catalogue: CatalogueView) -> None:
    posted = {'WRITING.on': 'ask', 'CHILLS.on': '1', 'CHILLS.severity': '3'}
    read = read_posted(posted, catalogue, units=Units(), offered=catalogue.offered({'car_t': 3}))
    assert read.ok
    assert set(read.document['answers']) == {'CHILLS'}


def test_each_level_says_how_it_stands_to_last_time(catalogue: CatalogueView) -> None:
    levels = catalogue.symptom('FATIGUE').levels
    assert [standing for _, standing in compared(levels, 3)] == ['better', 'better', 'better', 'the same', 'worse']
    assert {standing for _, standing in compared(levels, None)} == {''}


def test_a_stored_tap_knows_which_it_was(catalogue: CatalogueView) -> None:
    before = make_document({'FATIGUE': {'severity': 2}}, catalogue)
    for say in Say:
        assert said_by(document_of(say, before, catalogue)) is say
    assert document_of(Say.NOTHING, before, catalogue) == EMPTY


def test_what_came_around_this_day_of_the_last_cycle_is_known(ana: Patient, diary: CatalogueView) -> None:
    course = give_course(ana, starts_on=cast.NOW.date() - timedelta(days=25))
    write(ana, {'NAUSEA': {'severity': 2}, 'ITCH': {'severity': 3}}, hours_ago=21 * 24)
    write(ana, {'COUGH': {'severity': 1}}, hours_ago=17 * 24)
    where = where_now(ana, cast.NOW)
    assert (where.course, where.place and where.place.cycle) == (course, 2)
    assert last_cycle(ana, where, today=cast.NOW.date(), catalogue=diary) == ['ITCH', 'NAUSEA']
    first_cycle = where_now(ana, cast.NOW - timedelta(days=10))
    assert last_cycle(ana, first_cycle, today=cast.NOW.date(), catalogue=diary) == []
