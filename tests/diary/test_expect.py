"""What to expect: data with its sources, chosen by where a patient stands, and nothing where the documents say nothing."""

import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Caregiver, Membership, Patient
from diary import checks, expect_content
from diary.expect import PHASES, SCHEDULES, ExpectError, Point, fitting, read_content
from diary.expect_content import FILE, statements
from diary.models import ContextCode, Route
from diary.services.conditions import start_context
from diary.services.symptoms import words_mapping
from tests.cast import NOW, client_of
from tests.diary.treated import give_course, give_dose

THERAPIES = list(words_mapping()['therapies'])
KNOWN = {'therapies': THERAPIES, 'routes': Route.values, 'contexts': ContextCode.values}
STATEMENTS = statements()
points = st.builds(
    Point,
    therapy=st.sampled_from(THERAPIES),
    route=st.sampled_from(Route.values),
    schedule=st.sampled_from(SCHEDULES),
    phase=st.sampled_from(PHASES),
    cycle=st.none() | st.integers(1, 30),
    days=st.none() | st.integers(0, 900),
    rest=st.booleans(),
    contexts=st.frozensets(st.sampled_from(ContextCode.values)),
)


def names(point: Point) -> list[str]:
    return [statement.name for statement in fitting(STATEMENTS, point)]


def content() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def read(changed: dict[str, Any]) -> None:
    read_content(changed, languages=['en', 'es'], known=KNOWN)


# -- the choice ---------------------------------------------------------------------------------------------------------
@given(points)
def test_side_effects_at_any_time_are_told_at_every_point(point: Point) -> None:
    assert 'any-time' in names(point)


@given(points, st.sampled_from(ContextCode.values))
def test_what_holds_beside_the_treatment_only_ever_adds(point: Point, more: str) -> None:
    with_it = Point(**{**vars(point), 'contexts': point.contexts | {more}})
    assert set(names(point)) <= set(names(with_it))


@given(points, st.integers(0, 30))
def test_after_car_t_cells_no_statement_makes_a_fever_look_usual(point: Point, days: int) -> None:
    chosen = fitting(STATEMENTS, Point(**{**vars(point), 'therapy': 'car_t', 'days': days}))
    fever = [statement for statement in chosen if 'fever' in statement.words['en']]
    assert any('Call the emergency number' in statement.words['en'] for statement in fever)
    for statement in fever:
        assert not any(word in statement.words['en'].lower() for word in ('common', 'many people', 'as if you had'))


@given(points)
def test_every_statement_that_names_a_day_a_cycle_or_a_therapy_keeps_to_it(point: Point) -> None:
    for statement in fitting(STATEMENTS, point):
        when = statement.when
        assert when.therapies is None or point.therapy in when.therapies
        for span, number in ((when.days, point.days), (when.cycles, point.cycle)):
            assert span is None or (number is not None and span[0] <= number <= (span[1] or number))


def test_the_points_of_the_documents() -> None:
    pembro = Point('checkpoint_inhibitor', 'intravenous', 'every_n_days', 'cycle', cycle=1, days=0)
    assert {'flu-like', 'infusion', 'allergy', 'response-slow', 'pseudoprogression'} <= set(names(pembro))
    assert 'less-later' not in names(pembro)
    third = Point('checkpoint_inhibitor', 'intravenous', 'every_n_days', 'cycle', cycle=3, days=9, rest=True)
    assert {'less-later', 'rest-days', 'common'} <= set(names(third))
    assert not {'flu-like', 'steroids'} & set(names(third))
    after = Point('checkpoint_inhibitor', 'intravenous', 'every_n_days', 'after', days=200)
    assert {'any-time', 'years-later', 'recovery'} <= set(names(after))
    assert 'years-later' not in names(Point('cytokine', 'injection', 'cycles', 'after', days=200))


# -- the data -----------------------------------------------------------------------------------------------------------
def test_every_quote_and_title_is_that_of_the_sources_word_for_word() -> None:
    sources = yaml.safe_load((Path(settings.BASE_DIR) / 'alerts/clinical/sources.yaml').read_text())['documents']
    quotes = {code: text for document in sources.values() for code, text in document.get('quotes', {}).items()}
    for key, document in content()['documents'].items():
        assert (document['title'], document.get('publisher')) == (sources[key]['title'], sources[key].get('publisher'))
    found = [source for statement in STATEMENTS for source in statement.sources]
    assert sum(bool(source.code) for source in found) >= 10
    for source in found:
        assert not source.code or source.quote == quotes[source.code]


def test_a_guideline_never_passes_for_a_founding_document() -> None:
    sources = yaml.safe_load((Path(settings.BASE_DIR) / 'alerts/clinical/sources.yaml').read_text())['documents']
    for statement in content()['statements'].values():
        for source in statement['sources']:
            kind = sources[source['document']]['kind']
            assert source['basis'] == kind or (kind, source['basis']) == ('recovered', 'seed')


@pytest.mark.parametrize(
    ('change', 'place'),
    [
        (lambda one: one.pop('sources'), 'sources'),
        (lambda one: one.update(sources=[]), 'sources'),
        (lambda one: one['sources'][0].pop('basis'), 'basis'),
        (lambda one: one['sources'][0].update(document='a-friend'), 'document'),
        (lambda one: one['sources'][0].pop('quote'), 'quote'),
        (lambda one: one['words'].pop('es'), 'words.es'),
        (lambda one: one['words'].update(en='long ' * 60), 'words.en'),
        (lambda one: one.update(when={'therapies': ['homeopathy']}), 'therapies'),
        (lambda one: one.update(when={'days': [9, 2]}), 'days'),
        (lambda one: one.update(when={'mood': 'good'}), 'when'),
        (lambda one: one.update(topic='hope'), 'topic'),
    ],
)
def test_a_statement_that_cannot_be_stood_by_is_refused_with_its_place(change: Any, place: str) -> None:
    changed = copy.deepcopy(content())
    change(changed['statements']['any-time'])
    with pytest.raises(ExpectError, match=rf'statements\.any-time\.?.*{place}'):
        read(changed)


def test_the_app_does_not_start_with_a_statement_without_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.every_statement_names_its_source(None) == []
    changed = content()
    del changed['statements']['any-time']['sources']
    (broken := tmp_path / 'expect.yaml').write_text(yaml.safe_dump(changed))
    monkeypatch.setattr(expect_content, 'FILE', broken)
    statements.cache_clear()
    (error,) = checks.every_statement_names_its_source(None)
    statements.cache_clear()
    assert error.id == 'vigil.E030'
    assert 'any-time' in error.msg


# -- the page -----------------------------------------------------------------------------------------------------------
page = pytest.mark.usefixtures('diary', 'content')


@page
@pytest.mark.django_db
def test_ana_reads_what_fits_her_cycle_with_its_source_and_the_lists_one_tap_away(ana: Patient) -> None:
    course = give_course(ana, starts_on=date(2026, 10, 22))
    give_dose(course, datetime(2026, 10, 22, 15, tzinfo=UTC))
    give_dose(course, datetime(2026, 11, 12, 15, tzinfo=UTC))
    text = client_of(ana).get('/treatment/').content.decode()
    assert 'Side effects are often milder after the first treatment.' in text
    assert 'Cancer Treatment Centers of America' in text
    assert 'Steroids' not in text
    for link in ('/help/#call', '/help/#allergy', 'tel:+12125550100'):
        assert link in text


@page
@pytest.mark.django_db
def test_on_steroids_their_own_side_effects_are_told_while_she_takes_them(ana: Patient, rosa: Membership) -> None:
    give_course(ana, starts_on=date(2026, 10, 22))
    taken = {'patient': ana, 'code': 'on_steroids', 'by': rosa.user, 'now': NOW}
    start_context(from_at=NOW - timedelta(9), until_at=NOW - timedelta(1), **taken)
    assert 'Steroids can calm' not in client_of(ana).get('/treatment/').content.decode()
    start_context(from_at=NOW - timedelta(hours=1), until_at=None, **taken)
    assert 'Steroids can calm' in client_of(ana).get('/treatment/').content.decode()


@page
@pytest.mark.django_db
def test_carmen_who_only_reads_sees_it_too_in_her_own_language(ana: Patient, carmen: Caregiver) -> None:
    give_course(ana, starts_on=date(2026, 10, 22))
    carmen.user.language = 'es'
    carmen.user.save()
    text = client_of(carmen).get('/treatment/').content.decode()
    assert 'Los efectos secundarios pueden aparecer en cualquier momento' in text
    assert '<blockquote lang="en">“There is no set timeline' in text


@page
@pytest.mark.django_db
def test_without_a_course_the_documents_say_nothing(ana: Patient) -> None:
    assert client_of(ana).get('/treatment/').context['topics'] == []
